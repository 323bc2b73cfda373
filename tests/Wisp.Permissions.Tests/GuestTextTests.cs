namespace Wisp.Permissions.Tests;

public sealed class GuestTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("/items/7?q=%20~", "/items/7?q=%20~")]
    [InlineData("say \"hi\\\"", "say \\\"hi\\\\\\\"")]
    [InlineData("a\nb\tc\u007f", "a\\nb\\u{9}c\\u{7f}")]
    [InlineData("über \u202egnp.exe", "über \\u{202e}gnp.exe")]
    public void WhatMovesTheCursorIsEscaped(string text, string expected)
    {
        Assert.Equal(expected, GuestText.Escape(text));
        Assert.Equal($"\"{expected}\"", GuestText.Quote(text));
    }

    [Theory]
    [InlineData('x')]
    [InlineData('ü')]
    public void LongTextIsCut(char letter)
    {
        Assert.Equal(new string(letter, 200), GuestText.Escape(new string(letter, 200)));
        Assert.Equal(new string(letter, 200) + "...", GuestText.Escape(new string(letter, 201)));
    }
}
