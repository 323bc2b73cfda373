namespace Wisp.Wasm.Text.Scripts;

// The directives of a script   https://github.com/WebAssembly/spec/tree/main/interpreter#scripts

/// <summary>A directive of a script.</summary>
/// <param name="Line">Where it starts.</param>
internal abstract record ScriptDirective(int Line);

/// <summary><c>(module …)</c>: a module, to be instantiated at once.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="Module">The module.</param>
internal sealed record ModuleDirective(int Line, ModuleSource Module) : ScriptDirective(Line);

/// <summary><c>(module definition …)</c>: a module to be instantiated later.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="Module">The module.</param>
internal sealed record ModuleDefinitionDirective(int Line, ModuleSource Module) : ScriptDirective(Line);

/// <summary><c>(module instance $name $definition)</c>.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="Name">Name of the instance, if it gets one.</param>
/// <param name="Definition">Name of the definition; null for the last one.</param>
internal sealed record ModuleInstanceDirective(int Line, string? Name, string? Definition) : ScriptDirective(Line);

/// <summary><c>(register "name" $instance)</c>: makes an instance's exports importable.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="ImportName">The module name that imports use.</param>
/// <param name="Instance">Name of the instance; null for the last one.</param>
internal sealed record RegisterDirective(int Line, string ImportName, string? Instance) : ScriptDirective(Line);

/// <summary>An action whose results are of no interest.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="Action">The action.</param>
internal sealed record ActionDirective(int Line, ScriptAction Action) : ScriptDirective(Line);

/// <summary><c>(assert_return action result*)</c>.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="Action">The action.</param>
/// <param name="Results">What it must return.</param>
internal sealed record AssertReturn(int Line, ScriptAction Action, ResultPattern[] Results) : ScriptDirective(Line);

/// <summary>How an action must end when it does not return.</summary>
internal enum ActionFailure : byte
{
    /// <summary>With a trap.</summary>
    Trap,

    /// <summary>With an exhausted call stack.</summary>
    Exhaustion,

    /// <summary>With an exception of the guest that nobody catches.</summary>
    Exception,
}

/// <summary><c>(assert_trap action "text")</c>, <c>(assert_exhaustion …)</c>, <c>(assert_exception …)</c>.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="Failure">How it must end.</param>
/// <param name="Action">The action.</param>
/// <param name="Message">How the message must start.</param>
internal sealed record AssertActionFails(int Line, ActionFailure Failure, ScriptAction Action, string Message)
    : ScriptDirective(Line);

/// <summary>How far a module must get.</summary>
internal enum ModuleFailure : byte
{
    /// <summary>It cannot be parsed or decoded.</summary>
    Malformed,

    /// <summary>It is not valid.</summary>
    Invalid,

    /// <summary>Its imports cannot be satisfied.</summary>
    Unlinkable,

    /// <summary>Its instantiation traps.</summary>
    Trap,

    /// <summary>An annotation for a custom section is malformed.</summary>
    MalformedCustom,

    /// <summary>A custom section is not valid.</summary>
    InvalidCustom,
}

/// <summary><c>(assert_malformed module "text")</c> and its relatives.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="Failure">How far the module must get.</param>
/// <param name="Module">The module.</param>
/// <param name="Message">How the message must start.</param>
internal sealed record AssertModuleFails(int Line, ModuleFailure Failure, ModuleSource Module, string Message)
    : ScriptDirective(Line);

/// <summary><c>(thread $name (shared (module $m)) directive*)</c>: directives that run beside the script.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="Name">The thread.</param>
/// <param name="Shared">Name of the instance that both sides know, if any.</param>
/// <param name="Directives">What it does.</param>
internal sealed record ThreadDirective(int Line, string Name, string? Shared, IReadOnlyList<ScriptDirective> Directives)
    : ScriptDirective(Line);

/// <summary><c>(wait $name)</c>: waits for a thread to end.</summary>
/// <param name="Line">Where it starts.</param>
/// <param name="Name">The thread.</param>
internal sealed record WaitDirective(int Line, string Name) : ScriptDirective(Line);
