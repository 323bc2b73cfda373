namespace Wisp;

/// <summary>A compiled module: machine code and tables, to be instantiated any number of times.</summary>
/// <remarks>Thread safe and immutable. Its code stays mapped while an instance of it lives, also after <see cref="Dispose"/>.</remarks>
public sealed class Module : IDisposable
{
    private Module(Engine engine)
    {
        Engine = engine;
    }

    /// <summary>The engine that it belongs to.</summary>
    public Engine Engine { get; }

    /// <summary>Its name, from the call that made it or from the name section; null when it has none.</summary>
    public string? Name { get; }

    /// <summary>What it imports, in the order of the binary.</summary>
    public IReadOnlyList<ImportDescription> Imports => throw new InvalidOperationException("no module yet");

    /// <summary>What it exports, in the order of the binary.</summary>
    public IReadOnlyList<ExportDescription> Exports => throw new InvalidOperationException("no module yet");

    /// <summary>Decodes, validates and compiles a binary module.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="wasm">The binary; copied as far as needed.</param>
    /// <param name="name">A name for backtraces; null takes that of the name section.</param>
    /// <returns>The module.</returns>
    /// <exception cref="InvalidOperationException">The bytes are no module.</exception>
    public static Module Compile(Engine engine, ReadOnlyMemory<byte> wasm, string? name = null) =>
        throw new InvalidOperationException("no compiler yet");

    /// <summary>Maps an image file and runs its code as it lies there.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="path">Path of the <c>.wisp</c> file.</param>
    /// <returns>The module.</returns>
    public static Module FromImage(Engine engine, string path) => throw new InvalidOperationException("no images yet");

    /// <summary>Takes an image from memory.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="image">The bytes of a <c>.wisp</c> file; copied.</param>
    /// <returns>The module.</returns>
    public static Module FromImage(Engine engine, ReadOnlyMemory<byte> image) =>
        throw new InvalidOperationException("no images yet");

    /// <summary>The module's image, as written to a <c>.wisp</c> file.</summary>
    /// <returns>The bytes.</returns>
    public byte[] ToImage() => throw new InvalidOperationException("no images yet");

    /// <summary>Gives up this use of the code.</summary>
    public void Dispose()
    {
    }
}
