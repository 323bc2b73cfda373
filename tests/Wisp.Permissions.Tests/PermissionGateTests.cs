using System.Net;
using System.Text.Json;

namespace Wisp.Permissions.Tests;

public sealed class PermissionGateTests
{
    private static readonly DirectoryGrant ReadOnly = new("./data", "/data", DirectoryAccess.ReadOnly);
    private static readonly DirectoryGrant ReadWrite = new("./out", "/out", DirectoryAccess.ReadWrite);

    private readonly List<Denial> _denials = [];

    [Fact]
    public void WriteToReadOnlyDirectoryIsDeniedWithTheFlagThatAllowsIt()
    {
        PermissionGate gate = Gate(PermissionMode.Enforce);
        Assert.False(gate.AllowPath(ReadOnly, write: true, new("path_open", "open", "/data/users.db", "for writing")));
        Assert.Equal(
            """
            wisp: denied: open "/data/users.db" for writing
              asked by   app.wasm, path_open
              granted    --dir ./data::/data:ro
              to allow   --dir ./data::/data          or in wisp.toml: permissions.fs = [{ host = "./data", guest = "/data", access = "read-write" }]
            """, Assert.Single(_denials).ToString());
    }

    [Fact]
    public void CallersAreNamedInADenialOnly()
    {
        PermissionGate gate = Gate(PermissionMode.Enforce);
        PathRequest request = new("path_open", "open", "/data/x", "", () => ["open", "save\n", "main"]);
        gate.AllowPath(ReadOnly, write: true, in request);
        Assert.Equal("app.wasm, path_open, called from open, save\\n, main", Assert.Single(_denials).AskedBy);
        gate.AllowPath(ReadOnly, write: false, request with { Callers = () => throw new InvalidOperationException() });
    }

    [Fact]
    public void ProgramThatIsDeniedInALoopDoesNotFloodTheLog()
    {
        PermissionGate gate = Gate(PermissionMode.Enforce);
        long started = Environment.TickCount64;
        for (int i = 0; i < 5000; i++)
        {
            Assert.False(gate.AllowPath(ReadOnly, write: true, new("path_open", "open", "/data/x")));
        }

        long seconds = ((Environment.TickCount64 - started) / 1000) + 1;
        Assert.InRange(_denials.Count, 100, 100 * (seconds + 1));
        Assert.Equal(5000, gate.Denials);
    }

    [Fact]
    public void RunIsToldOfEachOfItsDenialsAndOfNoOthers()
    {
        PermissionGate gate = Gate(PermissionMode.Enforce);
        var run = new Run();
        for (int i = 0; i < 200; i++)
        {
            gate.AllowPath(ReadOnly, write: true, new("path_open", "open", "/data/other"));
        }

        gate.AllowPath(ReadOnly, write: true, new("path_open", "open", "/data/x", "", () => ["main"], run));
        gate.AllowPath(ReadOnly, write: false, new("path_open", "open", "/data/x", "", null, run));
        gate.PathEscaped(ReadOnly, new("path_open", "open", "/data/../y", "", () => throw new InvalidOperationException(), run));

        Assert.Equal(["app.wasm, path_open, called from main", "app.wasm, path_open"], run.Denials.Select(denial => denial.AskedBy));
        Assert.Equal([DenialCode.ReadOnlyDirectory, DenialCode.PathEscape], run.Denials.Select(denial => denial.Code));
    }

    [Fact]
    public void ThrottleOpensAgainAfterASecond()
    {
        DenialThrottle throttle = new();
        Assert.Equal(100, Enumerable.Range(0, 1000).Count(_ => throttle.Shows(5000)));
        Assert.False(throttle.Shows(5999));
        Assert.True(throttle.Shows(6000));
    }

    [Fact]
    public void ReadAndGrantedWriteAreAllowedWithoutDenial()
    {
        PermissionGate gate = Gate(PermissionMode.Enforce);
        Assert.True(gate.AllowPath(ReadOnly, write: false, new("path_open", "open", "/data/a")));
        Assert.True(gate.AllowPath(ReadWrite, write: true, new("path_open", "open", "/out/a", "for writing")));
        Assert.Empty(_denials);
        Assert.Equal(0, gate.Denials);
    }

    [Theory]
    [InlineData(PermissionMode.Count)]
    [InlineData(PermissionMode.Learn)]
    public void OtherModesReportAndLetThrough(PermissionMode mode)
    {
        PermissionGate gate = Gate(mode);
        Assert.True(gate.AllowPath(ReadOnly, write: true, new("path_unlink_file", "remove", "/data/a")));
        Assert.Single(_denials);
        Assert.Equal(1, gate.Denials);
    }

    [Fact]
    public void LearnedGrantHoldsOnlyWhatWasUsed()
    {
        Grant grant = new GrantBuilder()
            .AddDirectory("./a", "/a", DirectoryAccess.ReadWrite)
            .AddDirectory("./b", "/b", DirectoryAccess.ReadOnly)
            .AddDirectory("./c", "/c", DirectoryAccess.ReadWrite)
            .Build();
        PermissionGate gate = new(grant, "app.wasm", PermissionMode.Learn);
        gate.AllowPath(grant.Directories[0], write: false, new("path_open", "open", "/a/x"));
        gate.AllowPath(grant.Directories[1], write: true, new("path_open", "open", "/b/x"));
        Assert.True(gate.AllowNetwork(NetworkDirection.Connect, "https", "example.com", null, 443, "connect"));
        Assert.Equal(["--dir ./a::/a:ro", "--dir ./b::/b", "--net https://example.com:443"],
            gate.LearnedGrant()!.ToFlags());
        Assert.Null(Gate(PermissionMode.Enforce).LearnedGrant());
    }

    [Fact]
    public void EscapeIsDeniedInEveryModeAndNothingAllowsIt()
    {
        PermissionGate gate = Gate(PermissionMode.Learn);
        gate.PathEscaped(ReadWrite, new("path_open", "open", "../etc/passwd"));
        Denial denial = Assert.Single(_denials);
        Assert.Equal(DenialCode.PathEscape, denial.Code);
        Assert.Null(denial.ToAllow);
        Assert.Contains("nothing: a path never leaves", denial.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void DenyingRuleWinsInWhateverOrder()
    {
        foreach (string[] order in new string[][] { ["*:*", "deny:private"], ["deny:private", "*:*"] })
        {
            GrantBuilder builder = new();
            Assert.All(order, rule => Assert.True(builder.TryAddFlag("net", rule, out _)));
            PermissionGate gate = new(builder.Build(), "app.wasm");
            Assert.True(gate.AllowNetwork(NetworkDirection.Connect, "tcp", "example.com",
                IPAddress.Parse("93.184.216.34"), 80, "f"));
            Assert.False(gate.AllowNetwork(NetworkDirection.Connect, "tcp", "rebind.test", IPAddress.Loopback, 80,
                "f"));
        }
    }

    [Fact]
    public void NothingIsReachableWithoutARule()
    {
        PermissionGate gate = Gate(PermissionMode.Enforce);
        Assert.False(gate.AllowNetwork(NetworkDirection.Connect, "tcp", "::1", IPAddress.IPv6Loopback, 80, "connect"));
        Denial denial = Assert.Single(_denials);
        Assert.Equal("--net tcp://[::1]:80", denial.ToAllow);
        Assert.True(NetworkRule.TryParse("tcp://[::1]:80", out NetworkRule? rule, out _));
        Assert.True(rule.Covers("tcp", "::1", null, 80));
    }

    [Fact]
    public void ConnectingRuleDoesNotLetListen()
    {
        GrantBuilder builder = new();
        Assert.True(builder.TryAddFlag("net", "127.0.0.1:80", out _));
        PermissionGate gate = new(builder.Build(), "app.wasm");
        Assert.False(gate.AllowNetwork(NetworkDirection.Listen, "tcp", "127.0.0.1", IPAddress.Loopback, 80, "f"));
    }

    [Fact]
    public void EnvironmentHoldsGrantedNamesOnly()
    {
        Grant grant = new GrantBuilder().AddEnvironment("A", "1").AddEnvironment("HOME", null).AddEnvironment("NONE",
            null).Build();
        IReadOnlyList<KeyValuePair<string, string>> variables =
            new PermissionGate(grant, "app.wasm").Environment(name =>
                name == "HOME" ? "/root" : name == "NONE" ? null : "secret");
        Assert.Equal([new("A", "1"), new("HOME", "/root")], variables);
    }

    [Fact]
    public void AuditWritesOneJsonLineForEachDecision()
    {
        using MemoryStream stream = new();
        using (JsonLinesAuditSink sink = new(stream, leaveOpen: true))
        {
            PermissionGate gate = new(Grant.None, "app.wasm", PermissionMode.Enforce, sink);
            gate.AllowPath(ReadOnly, write: false, new("path_open", "open", "/data/\"a\"\n"));
            gate.AllowPath(ReadOnly, write: true, new("path_open", "open", "/data/\ud800", "for writing"));
        }

        string[] lines = System.Text.Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        using JsonDocument allowed = JsonDocument.Parse(lines[0]);
        using JsonDocument denied = JsonDocument.Parse(lines[1]);
        Assert.Equal("/data/\"a\"\n", allowed.RootElement.GetProperty("name").GetString());
        Assert.Equal("allowed", allowed.RootElement.GetProperty("outcome").GetString());
        Assert.Equal("denied", denied.RootElement.GetProperty("outcome").GetString());
        Assert.Equal("--dir ./data::/data", denied.RootElement.GetProperty("toAllow").GetString());
    }

    [Fact]
    public void TextOfAGuestCannotForgeLinesAndIsCut()
    {
        PermissionGate gate = Gate(PermissionMode.Enforce);
        gate.AllowPath(ReadOnly, write: true,
            new("path_open", "open", "x\n  to allow   --dir /\u202e" + new string('y', 500)));
        string text = _denials[0].ToString();
        Assert.Equal(4, text.Split('\n').Length);
        Assert.DoesNotContain('\u202e', text);
        Assert.Contains("...", text, StringComparison.Ordinal);
    }

    private PermissionGate Gate(PermissionMode mode) => new(Grant.None, "app.wasm", mode, null, _denials.Add);

    private sealed class Run : IRunDenials
    {
        public List<Denial> Denials { get; } = [];

        public bool KeepsMore => Denials.Count < 1;

        public void Add(Denial denial) => Denials.Add(denial);
    }
}
