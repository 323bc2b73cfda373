using System.Runtime.CompilerServices;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Optimization;

namespace Wisp.Compiler.Tests.Optimization;

/// <summary>Tests of one pass on text: parsed, verified, run, verified, printed, compared.</summary>
public abstract class PassTests
{
    private readonly IPass _pass;

    private protected PassTests(IPass pass) => _pass = pass;

    private protected void Rewrites(
        string text, string into, [CallerFilePath] string file = "", [CallerMemberName] string test = "") =>
        GoldenText.Check(into, Run(SsaParser.Parse(text)), file, test);

    private protected void Leaves(string text)
    {
        SsaFunction function = SsaParser.Parse(text);
        string before = SsaPrinter.Print(function);
        Assert.Equal(before, Run(function));
    }

    private string Run(SsaFunction function)
    {
        SsaVerifier.Verify(function, "parsing");
        _pass.Run(function);
        SsaVerifier.Verify(function, _pass.GetType().Name);
        string once = SsaPrinter.Print(function);

        // A second function through the same pass: what it keeps between functions must not show.
        SsaFunction again = SsaParser.Parse(once);
        _pass.Run(again);
        SsaVerifier.Verify(again, $"{_pass.GetType().Name}, twice");
        Assert.Equal(once, SsaPrinter.Print(again));
        return once;
    }
}
