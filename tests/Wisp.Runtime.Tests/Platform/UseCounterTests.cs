using Wisp.Platform;

namespace Wisp.Runtime.Tests.Platform;

public sealed class UseCounterTests
{
    [Fact]
    public void LastUseEndsItOnlyWhenClosed()
    {
        var counter = new UseCounter();
        Assert.True(counter.Begin(out int first));
        Assert.False(counter.End(first));
        Assert.True(counter.Begin(out first));
        Assert.True(counter.Begin(out int second));
        Assert.False(counter.Close());
        Assert.False(counter.End(second));
        Assert.False(counter.Begin(out int late));
        Assert.False(counter.End(late));
        Assert.True(counter.End(first));
    }

    [Fact]
    public void ClosingWithoutUsesEndsIt() => Assert.True(new UseCounter().Close());

    [Fact]
    public void NothingIsUsedOnceItHasEnded()
    {
        for (int round = 0; round < 200; round++)
        {
            var counter = new UseCounter();
            bool hasEnded = false;
            int seen = 0;
            using var all = new Barrier(3);
            Thread[] users = [new(Use), new(Use)];
            Array.ForEach(users, static user => user.Start());
            all.SignalAndWait(TestContext.Current.CancellationToken);
            Thread.SpinWait(round * 20);
            if (counter.Close())
            {
                Volatile.Write(ref hasEnded, true);
            }

            Array.ForEach(users, static user => user.Join());
            Assert.True(hasEnded);
            Assert.Equal(0, seen);

            void Use()
            {
                all.SignalAndWait(TestContext.Current.CancellationToken);
                bool isOpen = true;
                while (isOpen)
                {
                    isOpen = counter.Begin(out int place);
                    if (isOpen && Volatile.Read(ref hasEnded))
                    {
                        Interlocked.Increment(ref seen);
                    }

                    if (counter.End(place))
                    {
                        Volatile.Write(ref hasEnded, true);
                    }
                }
            }
        }
    }
}
