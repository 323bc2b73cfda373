using System.Runtime.InteropServices;
using System.Text;
using Wisp.Permissions;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Tests;

/// <summary>A guest without code: calls the functions directly, with a memory of its own and a directory granted as
/// "/".</summary>
internal sealed class TestGuest : IGuestMemory, IDisposable
{
    public const uint Root = 3;

    private const int MemoryBytes = 1 << 21;
    private const uint ResultAddress = 64;
    private const uint IovecAddress = 1024;
    private const uint DataAddress = 64 << 10;

    private readonly byte[] _bytes = new byte[MemoryBytes];
    private readonly WasiContext _context;
    private GCHandle _pin;

    public TestGuest(DirectoryAccess access = DirectoryAccess.ReadWrite, Action<GrantBuilder>? grants = null,
        Action<WasiContextBuilder>? builds = null)
    {
        _pin = GCHandle.Alloc(_bytes, GCHandleType.Pinned);
        Outside = Directory.CreateTempSubdirectory("wisp-wasi-").FullName;
        Folder = Directory.CreateDirectory(Path.Combine(Outside, "granted")).FullName;
        GrantBuilder grant = new GrantBuilder().AddDirectory(Folder, "/", access);
        grants?.Invoke(grant);
        Gate = new PermissionGate(grant.Build(), "test.wasm", PermissionMode.Enforce, null, Denials.Add);
        WasiContextBuilder builder = new(Gate);
        builds?.Invoke(builder);
        _context = builder.Build();
    }

    /// <summary>The granted directory.</summary>
    public string Folder { get; }

    /// <summary>The directory around it, which is not granted.</summary>
    public string Outside { get; }

    public List<Denial> Denials { get; } = [];

    public PermissionGate Gate { get; }

    public Preview1Functions Wasi => _context.Functions;

    public GuestMemory View => new(_pin.AddrOfPinnedObject(), MemoryBytes);

    public GuestCall Call => new(this, null, TestContext.Current.CancellationToken);

    public Span<byte> Memory => _bytes;

    public uint Result => BitConverter.ToUInt32(_bytes, (int)ResultAddress);

    public ulong LongResult => BitConverter.ToUInt64(_bytes, (int)ResultAddress);

    public static uint At => ResultAddress;

    public Errno Open(string path, out uint fd, OFlags how = OFlags.None, Rights rights = Rights.FdRead,
        uint from = Root, bool follow = false, FdFlags flags = FdFlags.None, Rights inheriting = Rights.All)
    {
        (uint address, uint length) = Put(path);
        Errno error = Wasi.PathOpen(
            View, from, follow ? 1u : 0, address, length, (uint)how, (ulong)rights, (ulong)inheriting, (uint)flags,
                ResultAddress);
        fd = Result;
        return error;
    }

    public uint MustOpen(string path, OFlags how = OFlags.None, Rights rights = Rights.FdRead, uint from = Root)
    {
        Assert.Equal(Errno.Success, Open(path, out uint fd, how, rights, from));
        return fd;
    }

    /// <summary>Copies a text into the memory; a second one goes behind the first.</summary>
    public (uint Address, uint Length) Put(string text, uint at = DataAddress)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(_bytes, at);
        return (at, (uint)bytes.Length);
    }

    public Errno OnPath(Func<GuestMemory, uint, uint, Errno> function, string path)
    {
        (uint address, uint length) = Put(path);
        return function(View, address, length);
    }

    public Errno OnPaths(Func<GuestMemory, uint, uint, uint, uint, Errno> function, string first, string second)
    {
        (uint address, uint length) = Put(first);
        (uint address2, uint length2) = Put(second, DataAddress + 8192);
        return function(View, address, length, address2, length2);
    }

    public Errno Rename(string from, string to, uint fd = Root, uint toFd = Root) =>
        OnPaths((m, a, n, b, k) => Wasi.PathRename(m, fd, a, n, toFd, b, k), from, to);

    public Errno Link(string from, string to, uint flags = 0, uint fd = Root, uint toFd = Root) =>
        OnPaths((m, a, n, b, k) => Wasi.PathLink(m, fd, flags, a, n, toFd, b, k), from, to);

    public Errno Symlink(string content, string path) =>
        OnPaths((m, a, n, b, k) => Wasi.PathSymlink(m, a, n, Root, b, k), content, path);

    public Errno Unlink(string path) => OnPath((m, a, n) => Wasi.PathUnlinkFile(m, Root, a, n), path);

    public Errno MakeDirectory(string path) => OnPath((m, a, n) => Wasi.PathCreateDirectory(m, Root, a, n), path);

    public Errno RemoveDirectory(string path) => OnPath((m, a, n) => Wasi.PathRemoveDirectory(m, Root, a, n), path);

    public Errno Stat(string path, bool follow = false) =>
        OnPath((m, a, n) => Wasi.PathFilestatGet(m, Root, follow ? 1u : 0, a, n, ResultAddress), path);

    public Errno SetTimes(string path, ulong mtim, FstFlags flags = FstFlags.ModifyTime, bool follow = false) =>
        OnPath((m, a, n) => Wasi.PathFilestatSetTimes(m, Root, follow ? 1u : 0, a, n, 0, mtim, (uint)flags), path);

    public Errno ReadLink(string path, out string content)
    {
        Errno error = OnPath((m, a, n) => Wasi.PathReadlink(m, Root, a, n, 2048, 100, ResultAddress), path);
        content = error == Errno.Success ? Encoding.UTF8.GetString(_bytes, 2048, (int)Result) : "";
        return error;
    }

    /// <summary>The result of a call that must not have waited.</summary>
    public static Errno AtOnce(ValueTask<Errno> result)
    {
        Assert.True(result.IsCompleted);
        return result.IsCompletedSuccessfully ? result.Result : throw new InvalidOperationException("the call failed");
    }

    public Errno Write(uint fd, params string[] texts) =>
        AtOnce(Wasi.FdWrite(Call, fd, PutIovecs(texts), (uint)texts.Length, ResultAddress));

    public Errno Read(uint fd, int length, out string text)
    {
        Errno error = AtOnce(ReadAsync(fd, length));
        text = error == Errno.Success ? LastRead() : "";
        return error;
    }

    public ValueTask<Errno> ReadAsync(uint fd, int length)
    {
        BitConverter.TryWriteBytes(_bytes.AsSpan((int)IovecAddress), DataAddress);
        BitConverter.TryWriteBytes(_bytes.AsSpan((int)IovecAddress + 4), length);
        return Wasi.FdRead(Call, fd, IovecAddress, 1, ResultAddress);
    }

    public string LastRead() => Encoding.UTF8.GetString(_bytes, (int)DataAddress, (int)Result);

    public uint PutIovecs(params string[] texts)
    {
        uint at = DataAddress;
        for (int i = 0; i < texts.Length; i++)
        {
            (uint address, uint length) = Put(texts[i], at);
            BitConverter.TryWriteBytes(_bytes.AsSpan((int)IovecAddress + (8 * i)), address);
            BitConverter.TryWriteBytes(_bytes.AsSpan((int)IovecAddress + (8 * i) + 4), length);
            at += length;
        }

        return IovecAddress;
    }

    public void Dispose()
    {
        _context.Dispose();
        _pin.Free();
        Directory.Delete(Outside, recursive: true);
    }
}
