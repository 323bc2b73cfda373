using System.CommandLine;

namespace Wisp.Cli.Commands;

/// <summary>The options that choose how code is made, the same for every command that makes some.</summary>
internal sealed class EngineFlags
{
    private readonly Option<MemoryBounds> _bounds = new("--bounds")
    {
        Description = "How memory accesses are checked: automatic, guarded (by guard pages) or explicit (by comparisons).",
        HelpName = "mode",
        DefaultValueFactory = _ => MemoryBounds.Automatic,
    };

    public void AddTo(Command command) => command.Add(_bounds);

    public EngineOptions Read(ParseResult parsed) => new()
    {
        MemoryBounds = parsed.GetValue(_bounds),
        OnMessage = message => parsed.InvocationConfiguration.Error.WriteLine($"wisp: {FailureReport.OneLine(message)}"),
    };
}
