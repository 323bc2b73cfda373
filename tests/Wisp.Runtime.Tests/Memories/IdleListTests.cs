using Wisp.Memories;

namespace Wisp.Runtime.Tests.Memories;

public sealed class IdleListTests
{
    [Fact]
    public void OnlyWhatWasNotTakenSinceTheLastLookIsUntouched()
    {
        var list = new IdleList<string>();
        list.Push("a");
        list.Push("b");
        list.Push("c");
        Assert.Empty(Untouched(list));
        Assert.Equal("c", list.Pop());
        list.Push("d");
        Assert.Equal(["a", "b"], Untouched(list));
        Assert.Equal("d", list.Top);
        Assert.Equal(["d"], Untouched(list));
        Assert.Equal(0, list.Count);
    }

    [Fact]
    public void WhatWasPutBelowIsNeededLast()
    {
        var list = new IdleList<string>();
        list.Push("a");
        list.PutBelow("b");
        list.Push("c");
        Assert.Equal("c", list.Pop());
        Assert.Equal("a", list.Pop());
        Assert.Equal("b", list.Pop());
        Assert.Null(list.Pop());
    }

    [Fact]
    public void WhatTheConditionDoesNotHoldForStays()
    {
        var list = new IdleList<string>();
        list.Push("a");
        list.Push("bb");
        list.Push("c");
        Untouched(list, static _ => false);
        Assert.Equal(["bb"], Untouched(list, static item => item.Length > 1));
        Assert.Equal("c", list.Pop());
        Assert.Equal("a", list.Pop());
    }

    private static List<string> Untouched(IdleList<string> list, Predicate<string>? condition = null)
    {
        var taken = new List<string>();
        list.TakeUntouched(condition ?? (static _ => true), taken);
        return taken;
    }
}
