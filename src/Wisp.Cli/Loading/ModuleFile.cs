using Wisp.Abi.Images;
using Wisp.Compiler;
using Wisp.Wasm;
using Wisp.Wasm.Text;

namespace Wisp.Cli.Loading;

// A file's first bytes say what it is; its name decides only what the bytes leave open.
//
//   00 61 73 6d 01 00 00 00   a binary module
//   00 61 73 6d 0d 00 01 00   a component
//   00 77 69 73 70 ...        an image
//   text                      a module in the text format, when the name ends in .wat or the text starts with "(" or ";"

/// <summary>A module as the user named it: a binary, a text, or an image.</summary>
internal sealed class ModuleFile
{
    private static readonly byte[] BinaryMagic = [0x00, 0x61, 0x73, 0x6d];
    private static readonly byte[] ComponentVersion = [0x0d, 0x00, 0x01, 0x00];

    private ModuleFile(string path, byte[] bytes, bool isImage)
    {
        Path = path;
        Bytes = bytes;
        IsImage = isImage;
    }

    public string Path { get; }

    /// <summary>A binary module, or an image.</summary>
    public byte[] Bytes { get; }

    public bool IsImage { get; }

    /// <summary>The file's name, for messages and backtraces.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Reads a file; text is turned into a binary module.</summary>
    /// <exception cref="CommandException">There is no such file, or it is nothing that can be run.</exception>
    public static ModuleFile Read(string path)
    {
        byte[] bytes = ReadBytes(path);
        if (CodeImage.IsImage(bytes))
        {
            return new ModuleFile(path, bytes, isImage: true);
        }

        if (bytes.AsSpan().StartsWith(BinaryMagic))
        {
            return bytes.AsSpan(BinaryMagic.Length).StartsWith(ComponentVersion)
                ? throw CommandException.Failed($"{path}: this is a component, and only modules are supported yet")
                : new ModuleFile(path, bytes, isImage: false);
        }

        if (IsText(path, bytes))
        {
            return new ModuleFile(path, WatParser.ParseModule(bytes, path), isImage: false);
        }

        throw CommandException.Failed($"{path}: magic header not detected: neither a WebAssembly module nor text nor a Wisp image");
    }

    /// <summary>Whether a file is an image, without reading all of it.</summary>
    public static bool IsImageFile(string path)
    {
        Span<byte> start = stackalloc byte[8];
        try
        {
            using FileStream file = File.OpenRead(path);
            return CodeImage.IsImage(start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, exception);
        }
    }

    /// <summary>Whether an exception is about the contents of a module.</summary>
    public static bool IsFault(Exception exception) => exception is WasmException or CompileException;

    /// <summary>Adds the file to a message about its contents; a text's messages have it already.</summary>
    public CommandException Fault(Exception exception) => CommandException.Failed(
        exception is TextFormatException ? exception.Message : $"{Path}: {exception.Message}");

    private static bool IsText(string path, byte[] bytes)
    {
        if (path.EndsWith(".wat", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        ReadOnlySpan<byte> text = bytes.AsSpan().TrimStart(" \t\r\n"u8);
        return text.StartsWith("("u8) || text.StartsWith(";;"u8);
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, exception);
        }
    }

    private static CommandException Unreadable(string path, Exception exception) => CommandException.Failed(exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{path}: no such file",
        UnauthorizedAccessException when Directory.Exists(path) => $"{path}: is a directory, not a module",
        UnauthorizedAccessException => $"{path}: permission denied",
        _ => $"{path}: {exception.Message}",
    });
}
