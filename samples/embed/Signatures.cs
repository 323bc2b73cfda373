using Wisp.Wasm.Model;

/// <summary>Types of the host functions that are not told from a delegate.</summary>
internal static class Signatures
{
    /// <summary>No parameters, an i32.</summary>
    public static readonly FunctionType ToInt32 = new([], [ValType.I32]);
}
