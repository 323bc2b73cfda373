using System.Runtime.InteropServices;
using Wisp.Abi;

namespace Wisp.Memories;

/// <summary>The elements of a table: 8-byte references, whose place and number the VmTable tells guest code.</summary>
/// <remarks>They lie in their instance's slot, or in memory of their own when they are many or became more.</remarks>
internal sealed unsafe class TableStorage : IDisposable
{
    private readonly nint _record;
    private ulong* _elements;
    private long _capacity;
    private bool _isOwned;

    /// <summary>Elements in memory of their own, all null.</summary>
    public TableStorage(nint record, long length)
    {
        _record = record;
        _capacity = Math.Max(length, 1);
        _elements = (ulong*)NativeMemory.AllocZeroed((nuint)_capacity, VmLayout.TableElementBytes);
        _isOwned = true;
        Length = length;
        WriteRecord();
    }

    /// <summary>Elements that lie in a slot, where the record tells.</summary>
    public TableStorage(nint record)
    {
        _record = record;
        _elements = (ulong*)RawMemory.ReadPointer(record + VmLayout.TableRecordElements);
        Length = (long)RawMemory.Read64(record + VmLayout.TableRecordLength);
        _capacity = Length;
        GC.SuppressFinalize(this);   // until it owns something
    }

    ~TableStorage() => Free();

    public long Length { get; private set; }

    /// <summary>All elements; tables are limited to what a span can hold.</summary>
    public Span<ulong> Elements => new(_elements, checked((int)Length));

    /// <summary>Adds null elements. The elements may move: guest code reads their place from the record each time.</summary>
    public bool TryGrow(long count)
    {
        long length = Length + count;
        if (length > Array.MaxLength)
        {
            return false;
        }

        if (length > _capacity)
        {
            long capacity = Math.Min(Math.Max(length, _capacity * 2), Array.MaxLength);
            ulong* moved = (ulong*)NativeMemory.AllocZeroed((nuint)capacity, VmLayout.TableElementBytes);
            Elements.CopyTo(new Span<ulong>(moved, (int)Length));
            if (_isOwned)
            {
                NativeMemory.Free(_elements);
            }
            else
            {
                GC.ReRegisterForFinalize(this);
            }

            _isOwned = true;
            _elements = moved;
            _capacity = capacity;
        }

        Length = length;
        WriteRecord();
        return true;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_isOwned)
        {
            NativeMemory.Free(_elements);
            _isOwned = false;
        }

        _elements = null;
        Length = 0;
    }

    private void WriteRecord()
    {
        RawMemory.WritePointer(_record + VmLayout.TableRecordElements, (nint)_elements);
        RawMemory.Write64(_record + VmLayout.TableRecordLength, (ulong)Length);
    }
}
