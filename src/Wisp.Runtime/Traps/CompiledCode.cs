using System.Collections.Immutable;
using Wisp.Abi.Images;
using Wisp.Platform.Linux;

namespace Wisp.Traps;

/// <summary>The machine code of a module, mapped, registered for traps, and found by any address in it.</summary>
/// <remarks>Unmapped when its last user, a module or an instance, gives it up; at the latest by the finalizer.</remarks>
internal sealed class CompiledCode
{
    private static ImmutableArray<CompiledCode> _all = [];   // sorted by Text; replaced as a whole

    private int _uses = 1;

    private CompiledCode(CodeImage image, nint text)
    {
        Image = image;
        Text = text;
        End = text + image.Text.Length;
    }

    public CodeImage Image { get; }

    /// <summary>Where the image's text is mapped.</summary>
    public nint Text { get; }

    private nint End { get; }

    /// <summary>What the names in backtraces come from; set once the module is complete.</summary>
    public Module? Module { get; set; }

    public static CompiledCode Map(CodeImage image)
    {
        var code = new CompiledCode(image, image.Text.Length == 0 ? 0 : CodeMapping.Map(image.Text));
        if (code.Text != 0)
        {
            CodeRanges.Add(code.Text, code.End);
            ImmutableInterlocked.Update(ref _all, static (all, added) => all.Insert(~IndexOf(all, added.Text), added), code);
        }

        return code;
    }

    /// <summary>The code that an address belongs to, or null.</summary>
    public static CompiledCode? Find(nint pc)
    {
        ImmutableArray<CompiledCode> all = _all;
        int index = IndexOf(all, pc);
        index = index >= 0 ? index : ~index - 1;
        return index >= 0 && pc < all[index].End ? all[index] : null;
    }

    /// <summary>Where an own function of the module starts.</summary>
    public nint EntryOf(int ownFunction) => Text + (nint)Image.Functions[ownFunction].TextOffset;

    public void AddUse() => Interlocked.Increment(ref _uses);

    public void ReleaseUse()
    {
        if (Interlocked.Decrement(ref _uses) == 0 && Text != 0)
        {
            ImmutableInterlocked.Update(ref _all, static (all, removed) => all.Remove(removed), this);
            CodeRanges.Remove(Text);
            CodeMapping.Unmap(Text, Image.Text.Length);
        }
    }

    private static int IndexOf(ImmutableArray<CompiledCode> all, nint pc)
    {
        int low = 0;
        int high = all.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            nint text = all[middle].Text;
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
}
