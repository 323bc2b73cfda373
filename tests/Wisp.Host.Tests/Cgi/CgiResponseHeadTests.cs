using System.Text;
using Wisp.Host.Cgi;

namespace Wisp.Host.Tests.Cgi;

public sealed class CgiResponseHeadTests
{
    [Fact]
    public void TakesHeadersAndLeavesTheBody()
    {
        CgiResponseHead head = Parse("Content-Type: text/plain\r\nX-A:  b \t\r\n\r\nbody", out int taken);

        Assert.True(head.IsComplete);
        Assert.Equal(200, head.Status);
        Assert.Equal([new("Content-Type", "text/plain"), new("X-A", "b")], head.Headers);
        Assert.Equal("Content-Type: text/plain\r\nX-A:  b \t\r\n\r\n".Length, taken);
    }

    [Theory]
    [InlineData("Status: 404 Not Found\n\n", 404)]
    [InlineData("status: 201\n\n", 201)]
    [InlineData("Location: https://example.org/\n\n", 302)]
    [InlineData("Location: /x\nStatus: 307 Temporary\n\n", 307)]
    [InlineData("Content-Type: text/html\n\n", 200)]
    public void StatusComesFromTheHead(string output, int status) => Assert.Equal(status, Parse(output, out _).Status);

    [Fact]
    public void PiecesOfAnySizeYieldTheSame()
    {
        byte[] output = "Status: 418 Teapot\r\nA: 1\r\nB: 2\r\n\r\nrest"u8.ToArray();
        for (int size = 1; size <= output.Length; size++)
        {
            var head = new CgiResponseHead();
            int taken = 0;
            for (int at = 0; at < output.Length && !head.IsComplete; at += size)
            {
                taken += head.Append(output.AsSpan(at, Math.Min(size, output.Length - at)));
            }

            Assert.Equal(output.Length - 4, taken);
            Assert.Equal(418, head.Status);
            Assert.Equal(2, head.Headers.Count);
        }
    }

    [Theory]
    [InlineData("Hello, world\n\n")]                         // no header at all
    [InlineData("\nbody")]                                   // no header before the empty line
    [InlineData(": value\n\n")]
    [InlineData("Bad Name: value\n\n")]
    [InlineData("A: 1\n  continued\n\n")]
    [InlineData("A: one\rSet-Cookie: stolen\n\n")]           // a bare CR would end the line for some readers
    [InlineData("A: one\0two\n\n")]
    [InlineData("A: one\u001btwo\n\n")]
    [InlineData("Status: 99\n\n")]
    [InlineData("Status: 100 Continue\n\n")]
    [InlineData("Status: 2000\n\n")]
    [InlineData("Status: -20\n\n")]
    [InlineData("Status: 200\nStatus: 404\n\n")]
    [InlineData("Content-Length: 1, 1\n\n")]
    [InlineData("Content-Length: +1\n\n")]
    [InlineData("Content-Length: 1\nContent-Length: 2\n\n")]
    [InlineData("Content-Length: 99999999999999999999\n\n")]
    public void OutputThatIsNoAnswerIsRefused(string output) => Assert.Throws<CgiException>(() => Parse(output, out _));

    [Fact]
    public void HeadersOfTheConnectionAreDropped()
    {
        CgiResponseHead head = Parse("Connection: close\nTransfer-Encoding: chunked\nKeep-Alive: 1\nX: y\n\n", out _);

        Assert.Equal([new("X", "y")], head.Headers);
    }

    [Fact]
    public void HeadIsBounded()
    {
        var head = new CgiResponseHead(maxBytes: 64);
        Assert.Throws<CgiException>(() => head.Append(new byte[65]));

        var slow = new CgiResponseHead(maxBytes: 64);
        Assert.Throws<CgiException>(() =>
        {
            for (int i = 0; i < 65; i++)
            {
                slow.Append("a"u8);
            }
        });
    }

    [Fact]
    public void NumberOfHeadersIsBounded()
    {
        string many = string.Concat(Enumerable.Range(0, 257).Select(i => $"h{i}: v\n"));
        Assert.Throws<CgiException>(() => Parse(many + "\n", out _));
    }

    private static CgiResponseHead Parse(string output, out int taken)
    {
        var head = new CgiResponseHead();
        taken = head.Append(Encoding.Latin1.GetBytes(output));
        return head;
    }
}
