using Wisp.Wasm;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Text.Scripts;
using Wisp.Wasm.Validation;

namespace Wisp.Cli.Scripts;

// This part: assertions and actions.
internal sealed partial class ScriptRunner
{
    private Value[] Run(ScriptAction action)
    {
        Instance instance = Find(action.Instance);
        Extern item = instance.Exports.GetValueOrDefault(action.Export)
            ?? throw new ScriptFailure($"no export \"{action.Export}\"");
        if (action.Arguments is null)
        {
            return item is Global global
                ? [global.Value] : throw new ScriptFailure($"\"{action.Export}\" is not a global");
        }

        if (item is not Function function)
        {
            throw new ScriptFailure($"\"{action.Export}\" is not a function");
        }

        var arguments = new Value[action.Arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = ScriptValues.ToValue(action.Arguments[i]);
        }

        return function.Invoke(arguments);
    }

    private void Check(AssertReturn assertion)
    {
        Value[] results = Run(assertion.Action);
        if (results.Length != assertion.Results.Length)
        {
            throw new ScriptFailure($"{results.Length} results instead of {assertion.Results.Length}");
        }

        for (int i = 0; i < results.Length; i++)
        {
            if (!ScriptValues.Matches(assertion.Results[i], results[i]))
            {
                throw new ScriptFailure(
                    $"{assertion.Action.Export}: result {i} is {ScriptValues.Describe(results[i])}, "
                    + $"not {ScriptValues.Describe(assertion.Results[i])}");
            }
        }

        _report.Pass();
    }

    private void Check(AssertActionFails assertion)
    {
        Value[] results;
        try
        {
            results = Run(assertion.Action);
        }
        catch (TrapException e)
        {
            CheckTrap(assertion.Failure, assertion.Message, e);
            return;
        }

        string given = string.Join(", ", results.Select(ScriptValues.Describe));
        throw new ScriptFailure($"{assertion.Action.Export}: returned ({given}) instead of: {assertion.Message}");
    }

    private void CheckTrap(ActionFailure failure, string message, TrapException trap)
    {
        bool isKind = failure switch
        {
            ActionFailure.Exhaustion => trap.Kind == TrapKind.StackOverflow,
            ActionFailure.Exception => trap.Kind == TrapKind.UncaughtException,
            _ => trap.Kind is not (TrapKind.StackOverflow or TrapKind.UncaughtException),
        };
        if (!isKind || !IsTrapMessage(trap, message))
        {
            throw new ScriptFailure($"trap: {trap.Message}, instead of: {message}");
        }

        _report.Pass();
    }

    // The suite sometimes says more than we do: which element of the table, or what kind of reference is null.
    private static bool IsTrapMessage(TrapException trap, string wanted) =>
        trap.Message.StartsWith(wanted, StringComparison.Ordinal) || wanted.StartsWith(trap.Message, StringComparison.Ordinal)
        || (trap.Kind == TrapKind.NullReference && wanted.StartsWith("null ", StringComparison.Ordinal)
            && wanted.EndsWith(" reference", StringComparison.Ordinal));

    private void Check(AssertModuleFails assertion)
    {
        switch (assertion.Failure)
        {
            case ModuleFailure.Malformed or ModuleFailure.Invalid:
                CheckRefused(assertion);
                break;
            case ModuleFailure.Unlinkable:
                CheckUnlinkable(assertion);
                break;
            case ModuleFailure.Trap:
                CheckTrap(assertion);
                break;
            default:
                throw new SkipException("annotations for custom sections are ignored", isFirst: true);
        }
    }

    /// <summary>Checks that a module is refused without being compiled.</summary>
    private void CheckRefused(AssertModuleFails assertion)
    {
        try
        {
            ModuleValidator.Validate(ModuleDecoder.Decode(assertion.Module.Encode()));
        }
        catch (WasmException e)
        {
            bool isKind = assertion.Failure == ModuleFailure.Malformed
                ? e is MalformedModuleException or TextFormatException : e is InvalidModuleException;
            if (!isKind || !e.Message.Contains(assertion.Message, StringComparison.Ordinal))
            {
                throw new ScriptFailure(
                    $"refused with: {e.Message}, instead of {assertion.Failure}: {assertion.Message}");
            }

            _report.Pass();
            return;
        }

        throw new ScriptFailure($"accepted instead of {assertion.Failure}: {assertion.Message}");
    }

    private void CheckUnlinkable(AssertModuleFails assertion)
    {
        try
        {
            Instantiate(assertion.Module.Encode());
        }
        catch (LinkException e)
        {
            if (!e.Message.StartsWith(assertion.Message, StringComparison.Ordinal))
            {
                throw new ScriptFailure($"{e.Message}, instead of: {assertion.Message}");
            }

            _report.Pass();
            return;
        }

        throw new ScriptFailure($"linked instead of: {assertion.Message}");
    }

    private void CheckTrap(AssertModuleFails assertion)
    {
        try
        {
            Instantiate(assertion.Module.Encode());
        }
        catch (TrapException e)
        {
            CheckTrap(ActionFailure.Trap, assertion.Message, e);
            return;
        }

        throw new ScriptFailure($"instantiated instead of: {assertion.Message}");
    }
}
