using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

/// <summary>Names of the x64 instructions.</summary>
internal sealed class X64OpNames : IMachineOpNames
{
    public string NameOf(ushort op) => ((X64Op)op).ToString();

    public bool TryFind(ReadOnlySpan<char> name, out ushort op)
    {
        bool found = Enum.TryParse(name, out X64Op parsed);
        op = (ushort)parsed;
        return found;
    }
}
