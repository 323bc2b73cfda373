using Wisp.Host.Invocations;

namespace Wisp.Host.Tests.Invocations;

public sealed class InvocationNumbersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wisp-").FullName;

    private string File => Path.Combine(_folder, "logs", ".last-invocation");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void NumbersGoOnAfterAStop()
    {
        using (var numbers = new InvocationNumbers(File))
        {
            Assert.Equal([1, 2, 3], Take(numbers, 3));
        }

        using var next = new InvocationNumbers(File);
        Assert.Equal([4, 5], Take(next, 2));
    }

    [Fact]
    public void NumbersAreNotUsedAgainAfterACrash()
    {
        long[] before = Take(new InvocationNumbers(File), (int)InvocationNumbers.Block + 10);
        Assert.Equal(Enumerable.Range(1, before.Length).Select(number => (long)number), before);

        Assert.Equal([(2 * InvocationNumbers.Block) + 3], Take(new InvocationNumbers(File), 1));
    }

    [Fact]
    public void ThreadsShareThemWithoutRepeating()
    {
        using var numbers = new InvocationNumbers(File);
        long[][] taken = new long[4][];
        Parallel.For(0, taken.Length, i => taken[i] = Take(numbers, 60_000));
        Assert.Equal(Enumerable.Range(1, 240_000).Select(number => (long)number), taken.SelectMany(some => some).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-5")]
    [InlineData("99999999999999999999")]
    [InlineData("9223372036854775807")]
    public void FileThatSaysNothingIsLikeNone(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, text);
        Assert.Equal([1], Take(new InvocationNumbers(File), 1));
    }

    [Fact]
    public void FolderThatTakesNothingStopsNobody() =>
        Assert.Equal([1, 2], Take(new InvocationNumbers("/proc/nothing/last"), 2));

    private static long[] Take(InvocationNumbers numbers, int count) => [.. Enumerable.Range(0, count).Select(_ => numbers.Next())];
}
