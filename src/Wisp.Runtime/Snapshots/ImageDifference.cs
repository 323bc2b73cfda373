using Wisp.Abi.Images;

namespace Wisp.Snapshots;

/// <summary>Says in which part two snapshots differ that should be the same.</summary>
internal static class ImageDifference
{
    public static string Explain(byte[] one, byte[] two)
    {
        CodeImage first = CodeImage.Read(one, "snapshot");
        CodeImage second = CodeImage.Read(two, "snapshot");
        if (first.SourceHash != second.SourceHash || !first.Text.SequenceEqual(second.Text))
        {
            return "the two instances are of different modules";
        }

        return $"two runs that went the same way left {Where(first, second)}, so it depends on something that changes from run to run";
    }

    private static string Where(CodeImage first, CodeImage second)
    {
        SnapshotState one = first.State!;
        SnapshotState two = second.State!;
        if (!one.MemoryPages.AsSpan().SequenceEqual(two.MemoryPages))
        {
            return "memories of different sizes";
        }

        for (int i = 0; i < one.Globals.Length; i++)
        {
            if (one.Globals[i] != two.Globals[i])
            {
                return $"different values in global {i}";
            }
        }

        for (int i = 0; i < one.Tables.Length; i++)
        {
            if (!one.Tables[i].AsSpan().SequenceEqual(two.Tables[i]))
            {
                return $"different elements in table {i}";
            }
        }

        return first.HeapRuns.SequenceEqual(second.HeapRuns) ? FirstByte(first, second) : "different bytes in different pages of memory";
    }

    private static string FirstByte(CodeImage first, CodeImage second)
    {
        long at = first.Heap.Span.CommonPrefixLength(second.Heap.Span);
        foreach (HeapRun run in first.HeapRuns)
        {
            if (at < run.Bytes)
            {
                return $"different bytes at address 0x{(long)run.Address + at:x} of memory {run.Memory}";
            }

            at -= run.Bytes;
        }

        return "different segments dropped";
    }
}
