using System.Runtime.CompilerServices;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;
using Wisp.Compiler.Tests.Machine;

namespace Wisp.Compiler.Tests.Allocation;

/// <summary>Machine functions as text through an allocator: verified before, proved after, printed with places and edits.</summary>
internal static class AllocatorTexts
{
    /// <summary>Compares with the expected print; WISP_ACCEPT=1 writes the new print into the test's source instead.</summary>
    public static void Expect(IRegisterAllocator allocator, string text, string expected, [CallerFilePath] string file = "")
    {
        string actual = Allocate(allocator, text).TrimEnd('\n');
        if (actual != expected && Environment.GetEnvironmentVariable("WISP_ACCEPT") == "1")
        {
            lock (Accepting)
            {
                string source = File.ReadAllText(file);
                string before = Literal(text) + ", into: " + Literal(expected);
                Assert.Contains(before, source, StringComparison.Ordinal);
                File.WriteAllText(file, source.Replace(before, Literal(text) + ", into: " + Literal(actual), StringComparison.Ordinal));
            }

            return;
        }

        Assert.Equal(expected, actual);
    }

    private static readonly object Accepting = new();

    // A raw string literal as the tests write it: eight spaces before each line.
    private static string Literal(string text)
    {
        const string Indent = "        ";
        string lines = text.Length == 0 ? "" : Indent + text.Replace("\n", "\n" + Indent, StringComparison.Ordinal) + "\n";
        return "\"\"\"\n" + lines + Indent + "\"\"\"";
    }

    public static string Allocate(IRegisterAllocator allocator, string text)
    {
        var names = new AnyOpNames();
        var function = new MachineFunction
        {
            AllocatableRegisters = RandomMachineFunction.Allocatable,
            CalleeSavedRegisters = RandomMachineFunction.CalleeSaved,
        };
        MachineParser.Parse(text, names, function);
        MachineVerifier.Verify(function);
        var allocation = new Compiler.Allocation.Allocation();
        allocator.Allocate(function, allocation);
        string printed = MachinePrinter.Print(function, names, allocation);
        try
        {
            AllocationChecker.Check(function, allocation);
        }
        catch (AllocationException e)
        {
            throw new InvalidOperationException($"{e.Message}\n{printed}", e);
        }

        return printed;
    }
}
