using Wisp.Wasm.Model;

namespace Wisp.Linking;

/// <summary>An array of default values that a constant expression made.</summary>
/// <remarks>
/// It has an identity, which is all that the instructions compiled so far can ask of it: those that read and write elements are
/// refused. So it takes no storage, however long it says it is.
/// </remarks>
/// <param name="type">Its type in the module that made it.</param>
/// <param name="length">Number of elements.</param>
internal sealed class GuestArray(TypeIndex type, uint length)
{
    public TypeIndex Type => type;

    public uint Length => length;
}
