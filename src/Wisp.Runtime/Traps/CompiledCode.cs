using System.Collections.Immutable;
using Wisp.Abi.Images;
using Wisp.Platform;
using Wisp.Platform.Linux;

namespace Wisp.Traps;

/// <summary>The machine code of a module, mapped, registered for traps, and found by any address in it.</summary>
/// <remarks>Unmapped when the module is gone and the last instance too; at the latest by the finalizer.</remarks>
internal sealed class CompiledCode
{
    // Sorted by Start; replaced as a whole. Weak, so that a module that nobody disposed can still be collected.
    private static ImmutableArray<Region> _all = [];

    private readonly nint _end;
    private readonly UseCounter _uses = new();
    private bool _isUnmapped;

    private CompiledCode(CodeImage image, nint text)
    {
        Image = image;
        Text = text;
        _end = text + image.Text.Length;
    }

    ~CompiledCode() => Unmap();

    public CodeImage Image { get; }

    /// <summary>Where the image's text is mapped.</summary>
    public nint Text { get; }

    /// <summary>What the names in backtraces come from; set once the module is complete.</summary>
    public Module? Module { get; set; }

    /// <summary>Maps the text of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="file">The file that holds it; null when it lies in memory, from where the text is copied.</param>
    public static CompiledCode Map(CodeImage image, ImageFile? file)
    {
        nint text = 0;
        if (image.Text.Length > 0 && file?.TryMapText(image.TextStart, image.Text.Length, out text) != true)
        {
            text = CodeMapping.Map(image.Text);
        }

        var code = new CompiledCode(image, text);
        if (code.Text != 0)
        {
            CodeRanges.Add(code.Text, code._end);
            var region = new Region(code.Text, code._end, new WeakReference<CompiledCode>(code));
            ImmutableInterlocked.Update(ref _all, static (all, added) => all.Insert(~IndexOf(all, added.Start), added), region);
        }

        return code;
    }

    /// <summary>The code that an address belongs to, or null.</summary>
    public static CompiledCode? Find(nint pc)
    {
        ImmutableArray<Region> all = _all;
        int index = IndexOf(all, pc);
        index = index >= 0 ? index : ~index - 1;
        return index >= 0 && pc < all[index].End && all[index].Code.TryGetTarget(out CompiledCode? code) ? code : null;
    }

    /// <summary>Where an own function of the module starts.</summary>
    public nint EntryOf(int ownFunction) => Text + (nint)Image.Functions[ownFunction].TextOffset;

    /// <summary>Begins the use by an instance.</summary>
    /// <returns>What <see cref="ReleaseUse"/> wants to know.</returns>
    /// <exception cref="ObjectDisposedException">The module was disposed meanwhile.</exception>
    public int AddUse()
    {
        if (!_uses.Begin(out int place))
        {
            ReleaseUse(place);
            throw new ObjectDisposedException(nameof(Wisp.Module));
        }

        return place;
    }

    public void ReleaseUse(int place)
    {
        if (_uses.End(place))
        {
            Unmap();
        }
    }

    /// <summary>Ends the use by the module: no instance is made any more.</summary>
    public void Close()
    {
        if (_uses.Close())
        {
            Unmap();
        }
    }

    private void Unmap()
    {
        if (Text != 0 && !Interlocked.Exchange(ref _isUnmapped, true))
        {
            ImmutableInterlocked.Update(ref _all, static (all, start) => all.RemoveAt(IndexOf(all, start)), Text);
            CodeRanges.Remove(Text);
            CodeMapping.Unmap(Text, (int)(_end - Text));
        }
    }

    private static int IndexOf(ImmutableArray<Region> all, nint pc)
    {
        int low = 0;
        int high = all.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            nint text = all[middle].Start;
            if (text == pc)
            {
                return middle;
            }

            if (text < pc)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }

    private readonly record struct Region(nint Start, nint End, WeakReference<CompiledCode> Code);
}
