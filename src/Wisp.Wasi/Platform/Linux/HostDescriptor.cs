using System.Runtime.InteropServices;

namespace Wisp.Wasi.Platform.Linux;

/// <summary>A file descriptor of this process. Closing it while a call uses it waits for that call, as with every safe
/// handle.</summary>
internal sealed class HostDescriptor : SafeHandle
{
    private const nint Invalid = -1;

    /// <summary>Owns a descriptor that a system call returned.</summary>
    public HostDescriptor(int number, bool owns = true)
        : base(Invalid, owns) => SetHandle(number);

    public override bool IsInvalid => handle < 0;

    /// <summary>Standard input, output or error of this process, which stays open when this is disposed.</summary>
    public static HostDescriptor Standard(int number) => new(number, owns: false);

    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;
}
