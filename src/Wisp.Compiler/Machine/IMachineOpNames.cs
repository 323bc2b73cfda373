namespace Wisp.Compiler.Machine;

/// <summary>Names of a machine's instructions, for printing and parsing.</summary>
internal interface IMachineOpNames
{
    /// <summary>The name of an operation: letters, digits and '_'.</summary>
    string NameOf(ushort op);

    /// <summary>The operation of a name.</summary>
    bool TryFind(ReadOnlySpan<char> name, out ushort op);
}
