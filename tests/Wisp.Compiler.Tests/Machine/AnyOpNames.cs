using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Tests.Machine;

/// <summary>Takes every name for an instruction, numbered as they come: tests of allocation do not depend on a machine.</summary>
internal sealed class AnyOpNames : IMachineOpNames
{
    private readonly List<string> _names = ["none", "op"];

    public string NameOf(ushort op) => _names[op];

    public bool TryFind(ReadOnlySpan<char> name, out ushort op)
    {
        string text = name.ToString();
        int index = _names.IndexOf(text);
        if (index < 0)
        {
            index = _names.Count;
            _names.Add(text);
        }

        op = (ushort)index;
        return true;
    }
}
