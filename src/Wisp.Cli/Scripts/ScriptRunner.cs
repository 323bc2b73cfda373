using Wisp.Compiler;
using Wisp.Wasm;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Text.Scripts;
using Wisp.Wasm.Validation;

namespace Wisp.Cli.Scripts;

/// <summary>Runs a script of the specification's test suite: its modules live in one store and import from each other.</summary>
/// <remarks>
/// A directive that needs something not supported is skipped, and so is whatever depends on it. Nothing that a script does ends
/// the run: an unexpected exception is a failure of its directive.
/// </remarks>
internal sealed partial class ScriptRunner : IDisposable
{
    private static readonly StoreLimits Limits = new()
    {
        MaxMemoryBytes = 1L << 40,
        MaxTableElements = 1L << 32,
        MaxInstances = 1_000_000,
    };

    private readonly Engine _engine;
    private readonly Store _store;
    private readonly Linker _linker;
    private readonly ScriptReport _report;
    private readonly Dictionary<string, Slot> _instances = [];
    private readonly Dictionary<string, Definition> _definitions = [];
    private readonly Dictionary<string, string> _unavailable = [];
    private Slot _current = new(null, "no module before");
    private Definition? _lastDefinition;

    private ScriptRunner(Engine engine, string file)
    {
        _engine = engine;
        _store = new Store(engine, Limits);
        _linker = new Linker(engine);
        _report = new ScriptReport(file);
        SpectestModule.Define(_linker, _store);
    }

    /// <summary>Runs a script.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="file">What the report calls it.</param>
    /// <param name="utf8">Its text.</param>
    /// <returns>The report.</returns>
    public static ScriptReport Run(Engine engine, string file, byte[] utf8)
    {
        IReadOnlyList<ScriptDirective> directives;
        try
        {
            directives = ScriptReader.Read(file, utf8);
        }
        catch (TextFormatException e)
        {
            var unread = new ScriptReport(file);
            unread.Fail(e.Line, e.Reason);
            return unread;
        }

        using var runner = new ScriptRunner(engine, file);
        foreach (ScriptDirective directive in directives)
        {
            runner.RunDirective(directive);
        }

        return runner._report;
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    private void RunDirective(ScriptDirective directive)
    {
        try
        {
            Dispatch(directive);
        }
        catch (SkipException e)
        {
            _report.Skip(directive.Line, e.Message, e.IsFirst);
        }
        catch (CompileException e)
        {
            _report.Skip(directive.Line, e.Message, isFirst: true);   // in an expression that is only evaluated when used
        }
        catch (Exception e)
        {
            _report.Fail(directive.Line, Describe(e));
        }
    }

    private void Dispatch(ScriptDirective directive)
    {
        switch (directive)
        {
            case ModuleDirective module:
                SetCurrent(module.Module.Name, () => Instantiate(module.Module.Encode()));
                break;
            case ModuleDefinitionDirective module:
                Define(module.Module);
                break;
            case ModuleInstanceDirective instance:
                Definition definition = FindDefinition(instance.Definition);
                SetCurrent(instance.Name, () => Instantiate(definition.Module));
                break;
            case RegisterDirective register:
                Register(register);
                break;
            case ActionDirective action:
                Run(action.Action);
                break;
            case AssertReturn assertion:
                Check(assertion);
                break;
            case AssertActionFails assertion:
                Check(assertion);
                break;
            case AssertModuleFails assertion:
                Check(assertion);
                break;
            default:
                throw new SkipException("threads of a script are not supported", isFirst: true);
        }
    }

    /// <summary>Compiles and instantiates; what is not supported becomes a reason to skip.</summary>
    private Instance Instantiate(byte[] wasm)
    {
        try
        {
            Module module = Module.Compile(_engine, wasm);
            if (module.Imports.FirstOrDefault(import => _unavailable.ContainsKey(import.Module)) is { } missing)
            {
                throw new SkipException(_unavailable[missing.Module], isFirst: false);
            }

            return _linker.Instantiate(_store, module);
        }
        catch (CompileException e)
        {
            throw new SkipException(e.Message, isFirst: true);
        }
    }

    // Modules that import from an instance that could not be made are skipped like the instance.
    private void Register(RegisterDirective register)
    {
        _unavailable.Remove(register.ImportName);
        try
        {
            _linker.DefineInstance(register.ImportName, Find(register.Instance));
        }
        catch (SkipException e)
        {
            _unavailable[register.ImportName] = e.Message;
            throw;
        }
    }

    // Without the new instance, directives must not act on the one before: they are skipped or fail with the same reason.
    private void SetCurrent(string? name, Func<Instance> instantiate)
    {
        Slot slot = new(null, "the module failed");
        try
        {
            slot = new Slot(instantiate(), null);
        }
        catch (SkipException e)
        {
            slot = new Slot(null, e.Message);
            throw;
        }
        finally
        {
            _current = slot;
            if (name is not null)
            {
                _instances[name] = slot;
            }
        }
    }

    private void Define(ModuleSource source)
    {
        byte[] module = source.Encode();
        ModuleValidator.Validate(ModuleDecoder.Decode(module));
        _lastDefinition = new Definition(module);
        if (source.Name is { } name)
        {
            _definitions[name] = _lastDefinition;
        }
    }

    private Definition FindDefinition(string? name) =>
        name is null ? _lastDefinition ?? throw new ScriptFailure("no module definition before")
        : _definitions.GetValueOrDefault(name) ?? throw new ScriptFailure($"no module definition ${name}");

    private Instance Find(string? name)
    {
        Slot slot = name is null ? _current
            : _instances.GetValueOrDefault(name) ?? throw new ScriptFailure($"no instance ${name}");
        return slot.Instance ?? throw new SkipException(slot.Reason!, isFirst: false);
    }

    private static string Describe(Exception e) => e switch
    {
        ScriptFailure or WasmException or LinkException => e.Message,
        TrapException => $"trap: {e.Message}",
        _ => $"{e.GetType().Name}: {e.Message}",
    };

    private sealed record Slot(Instance? Instance, string? Reason);

    private sealed record Definition(byte[] Module);

    /// <summary>A directive does not do what it should.</summary>
    private sealed class ScriptFailure(string message) : Exception(message);

    /// <summary>A directive cannot be run.</summary>
    private sealed class SkipException(string reason, bool isFirst) : Exception(reason)
    {
        public bool IsFirst => isFirst;
    }
}
