using System.Runtime.InteropServices;

namespace Wisp.Memories;

/// <summary>Small native records that are freed together.</summary>
internal sealed unsafe class NativeArena : IDisposable
{
    private const int ChunkBytes = 1024;

    private readonly List<nint> _chunks = [];
    private int _used = ChunkBytes;

    ~NativeArena() => Free();

    /// <summary>Zeroed bytes, aligned to 16.</summary>
    public nint Allocate(int bytes)
    {
        bytes = (bytes + 15) & ~15;
        if (bytes > ChunkBytes - _used)
        {
            int chunkBytes = Math.Max(bytes, ChunkBytes);
            void* chunk = NativeMemory.AlignedAlloc((nuint)chunkBytes, 16);
            NativeMemory.Clear(chunk, (nuint)chunkBytes);
            _chunks.Add((nint)chunk);
            _used = 0;
        }

        nint at = _chunks[^1] + _used;
        _used = Math.Min(_used + bytes, ChunkBytes);
        return at;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        foreach (nint chunk in _chunks)
        {
            NativeMemory.AlignedFree((void*)chunk);
        }

        _chunks.Clear();
        _used = ChunkBytes;
    }
}
