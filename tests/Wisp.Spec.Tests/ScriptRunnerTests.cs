using System.Text;
using Wisp.Cli.Scripts;

namespace Wisp.Spec.Tests;

/// <summary>A runner that lets failures pass would make the suite worthless.</summary>
public sealed class ScriptRunnerTests
{
    private const string Module = """
        (module
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "nan") (result f32) (f32.const nan:0x400001))
          (func (export "id") (param externref) (result externref) (local.get 0))
          (func (export "trap") unreachable))
        """;

    [Theory]
    [InlineData("""(assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 3))""")]
    [InlineData("""(assert_return (invoke "nan") (f32.const nan:arithmetic))""")]
    [InlineData("""(assert_return (invoke "nan") (either (f32.const 1) (f32.const nan:0x400001)))""")]
    [InlineData("""(assert_return (invoke "id" (ref.extern 7)) (ref.extern 7))""")]
    [InlineData("""(assert_return (invoke "id" (ref.null extern)) (ref.null extern))""")]
    [InlineData("""(assert_trap (invoke "trap") "unreachable")""")]
    [InlineData("""(assert_malformed (module quote "(func") "unexpected token")""")]
    [InlineData("""(assert_invalid (module (func (result i32))) "type mismatch")""")]
    [InlineData("""(assert_unlinkable (module (import "spectest" "none" (func))) "unknown import")""")]
    [InlineData("""(assert_trap (module (func $f unreachable) (start $f)) "unreachable")""")]
    public void AssertionThatHoldsPasses(string assertion)
    {
        ScriptReport report = Run(Module + assertion);
        Assert.Equal((1, 0, 0), (report.Passed, report.Failed, report.Skipped));
    }

    [Theory]
    [InlineData("""(assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 4))""", "result 0 is i32 3, not i32 4")]
    [InlineData("""(assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i64.const 3))""", "not i64 3")]
    [InlineData("""(assert_return (invoke "add" (i32.const 1) (i32.const 2)))""", "1 results instead of 0")]
    [InlineData("""(assert_return (invoke "nan") (f32.const nan:canonical))""", "not f32 nan:canonical")]
    [InlineData("""(assert_return (invoke "id" (ref.extern 7)) (ref.extern 8))""", "not RefExtern 8")]
    [InlineData("""(assert_return (invoke "id" (ref.extern 7)) (ref.null extern))""", "not RefNull")]
    [InlineData("""(assert_return (invoke "trap"))""", "trap: unreachable")]
    [InlineData("""(assert_return (invoke "none"))""", "no export \"none\"")]
    [InlineData("""(assert_return (invoke $other "add"))""", "no instance $other")]
    [InlineData("""(assert_trap (invoke "trap") "integer overflow")""", "instead of: integer overflow")]
    [InlineData("""(assert_trap (invoke "nan") "unreachable")""", "instead of: unreachable")]
    [InlineData("""(assert_exhaustion (invoke "trap") "call stack exhausted")""", "instead of: call stack exhausted")]
    [InlineData("""(assert_malformed (module quote "(func)") "unexpected token")""", "accepted")]
    [InlineData("""(assert_malformed (module quote "(func (result i32))") "type mismatch")""", "instead of Malformed")]
    [InlineData("""(assert_invalid (module (func)) "type mismatch")""", "accepted")]
    [InlineData("""(assert_unlinkable (module) "unknown import")""", "linked")]
    [InlineData("""(assert_trap (module) "unreachable")""", "instantiated")]
    [InlineData("""(module (import "spectest" "none" (func)))""", "unknown import")]
    [InlineData("""(invoke "trap")""", "trap: unreachable")]
    public void WhatShouldHaveWorkedIsAFailureWithItsLineAndReason(string directive, string reason)
    {
        ScriptReport report = Run(Module + "\n" + directive);
        Assert.Equal((0, 1, 0), (report.Passed, report.Failed, report.Skipped));
        string fault = Assert.Single(report.Faults);
        Assert.StartsWith("test.wast:6: failed: ", fault, StringComparison.Ordinal);
        Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void DirectivesOnAModuleThatFailedAreSkippedNotRunOnTheOneBefore()
    {
        ScriptReport report = Run(Module + """
            (module (func (result i32)))
            (assert_return (invoke "add" (i32.const 1) (i32.const 2)) (i32.const 3))
            """);
        Assert.Equal((0, 1, 1), (report.Passed, report.Failed, report.Skipped));
    }

    [Fact]
    public void ScriptThatCannotBeReadIsOneFailure()
    {
        ScriptReport report = Run("(module)\n(assert_nothing)");
        Assert.Equal((0, 1), (report.Passed, report.Failed));
        Assert.Equal("test.wast:2: failed: unknown operator assert_nothing", Assert.Single(report.Faults));
    }

    [Fact]
    public void InstancesImportFromRegisteredOnesAndFromEachOther()
    {
        ScriptReport report = Run("""
            (module definition $D (global (export "g") (mut i32) (i32.const 1)))
            (module instance $A $D)
            (module instance $B $D)
            (register "a" $A)
            (module (import "a" "g" (global $g (mut i32))) (func (export "set") (global.set $g (i32.const 5))))
            (invoke "set")
            (assert_return (get $A "g") (i32.const 5))
            (assert_return (get $B "g") (i32.const 1))
            """);
        Assert.Equal((2, 0, 0), (report.Passed, report.Failed, report.Skipped));
    }

    [Fact]
    public void FilesAndFoldersAreListedWithTheirTotals()
    {
        string folder = Directory.CreateTempSubdirectory("wisp-scripts-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "a.wast"), Module + "(assert_trap (invoke \"trap\") \"unreachable\")");
            File.WriteAllText(Path.Combine(folder, "b.wast"), "(module) (assert_return (invoke \"f\"))");
            using var engine = new Engine();
            using var output = new StringWriter();
            using var errors = new StringWriter();
            Assert.False(ScriptFiles.Run(engine, [folder], output, errors));
            string[] lines = output.ToString().TrimEnd().Split(Environment.NewLine);
            Assert.EndsWith("a.wast: passed 1, failed 0, skipped 0", lines[0], StringComparison.Ordinal);
            Assert.EndsWith("b.wast: passed 0, failed 1, skipped 0", lines[1], StringComparison.Ordinal);
            Assert.Equal("passed 1, failed 1, skipped 0", lines[2]);
            Assert.Contains("b.wast:1: failed: no export \"f\"", errors.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ScriptReport Run(string script)
    {
        using var engine = new Engine();
        return ScriptRunner.Run(engine, "test.wast", Encoding.UTF8.GetBytes(script));
    }
}
