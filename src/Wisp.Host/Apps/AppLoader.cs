using Wisp.Host.Invocations;
using Wisp.Host.Manifests;
using Wisp.Host.Routing;
using Wisp.Host.Snapshots;
using Wisp.Host.Telemetry;
using Wisp.Permissions;

namespace Wisp.Host.Apps;

/// <summary>Makes an app ready to run: loads its modules, fills its variables in, reads the files of its answers.</summary>
/// <param name="load">Loads the module of a component.</param>
/// <param name="log">Takes what its programs say.</param>
/// <param name="denied">Takes denials, or null.</param>
/// <param name="audit">Takes each decision about permissions, or null.</param>
internal sealed class AppLoader(Func<ComponentManifest, Module> load, IInvocationSink log, Action<Denial>? denied, IAuditSink? audit = null)
{
    /// <summary>Where set, nothing is loaded before it is needed: neither modules nor the files of answers.</summary>
    public IdleSweep? Cold { get; init; }

    /// <summary>What becomes of what was not granted.</summary>
    public PermissionMode Mode { get; init; } = PermissionMode.Enforce;

    /// <summary>Bytes of a file that is an answer.</summary>
    private const long MaxAnswerBytes = 64 << 20;

    /// <summary>Loads an app.</summary>
    /// <param name="manifest">What it is made of.</param>
    /// <param name="variables">Values of its variables.</param>
    /// <param name="version">Number of the version, or 0 where there are none.</param>
    /// <exception cref="IOException">A module, a file or a granted directory cannot be read.</exception>
    /// <exception cref="LinkException">A program can never run.</exception>
    public App Load(AppManifest manifest, IReadOnlyDictionary<string, string> variables, int version = 0)
    {
        var components = new Dictionary<string, AppComponent>();
        try
        {
            foreach (ComponentManifest component in manifest.Components)
            {
                components.Add(component.Name, LoadComponent(manifest, version, component, variables));
            }

            var routes = new RouteTable<RouteTarget>();
            foreach (HttpTrigger trigger in manifest.Http)
            {
                routes.Add(trigger.Route, trigger.Methods, TargetOf(manifest, version, trigger, components));
            }

            return new App(manifest.Name, routes, [.. components.Values], [.. manifest.Cron.Select(cron => new AppCron(
                cron.Schedule, components[cron.Component],
                new InvocationOrigin(manifest.Name, version, cron.Schedule.Text, cron.Component, InvocationOrigin.Cron)))], version);
        }
        catch
        {
            foreach (AppComponent component in components.Values)
            {
                component.Executor.Dispose();
            }

            throw;
        }
    }

    private AppComponent LoadComponent(
        AppManifest app, int version, ComponentManifest manifest, IReadOnlyDictionary<string, string> variables)
    {
        ComponentLimits limits = LimitsOf(manifest);
        IExecutor Run() => MakeExecutor(app, version, manifest, variables, limits);
        return new AppComponent(manifest.Name, Cold is null ? Run() : new ColdExecutor(Run, manifest.Instances.Idle, Cold, log), limits);
    }

    private CgiExecutor MakeExecutor(
        AppManifest app, int version, ComponentManifest manifest, IReadOnlyDictionary<string, string> variables, ComponentLimits limits)
    {
        string Fill(string text) => VariableText.Expand(text, variables.GetValueOrDefault, out _);
        Grant grant = manifest.Grant with
        {
            Environment = [.. manifest.Grant.Environment.Select(variable => variable with { Value = variable.Value is null ? null : Fill(variable.Value) })],
        };
        Module module = load(manifest);
        try
        {
            if (manifest.HasSnapshot && !module.IsSnapshot)
            {
                module = TakeSnapshot(module, SnapshotRequest.Of(app, manifest, variables));
            }

            // What was tried before it got requests is not tried each time that it wakes.
            var gate = new PermissionGate(grant, manifest.Name, Mode, audit, denied);
            IEnumerable<string> arguments = manifest.Arguments.Select(Fill).Prepend(Path.GetFileName(manifest.Source));
            var program = new FunctionProgram(module, gate, arguments, limits.Store, isTried: Cold is not null);
            InstancePool? pool = PoolOf(manifest, program, limits, new InvocationOrigin(app.Name, version, Component: manifest.Name));
            return new CgiExecutor(program, limits, log, module, pool) { HasWagiVariables = manifest.HasWagiVariables };
        }
        catch (Exception exception)
        {
            module.Dispose();
            if (exception is LinkException or IOException or SnapshotRefusedException)
            {
                string key = exception is SnapshotRefusedException ? "instances.snapshot: " : string.Empty;
                throw new IOException($"component {manifest.Name}: {key}{exception.Message}", exception);
            }

            throw;
        }
    }

    private InstancePool? PoolOf(ComponentManifest manifest, FunctionProgram program, ComponentLimits limits, InvocationOrigin origin)
    {
        InstanceRules rules = manifest.Instances;
        if (rules.Reuse > 1 && !program.IsReusable)
        {
            throw new LinkException("instances.reuse needs a reactor: a module that exports handle and no _start, which ends with its one run");
        }

        return rules is { Reuse: 1, Warm: 0 } ? null : new InstancePool(program, limits, rules, log, origin);
    }

    // Where a snapshot was not taken before, as by a deploy, it is taken now and kept in memory.
    private static Module TakeSnapshot(Module module, SnapshotRequest request)
    {
        byte[] snapshot = SnapshotTaker.TakeAsync(module, request, CancellationToken.None).GetAwaiter().GetResult();
        var taken = Module.FromImage(module.Engine, snapshot, module.Name);
        module.Dispose();
        return taken;
    }

    private static ComponentLimits LimitsOf(ComponentManifest manifest)
    {
        ResourceLimits granted = manifest.Grant.Limits;
        return new ComponentLimits
        {
            Concurrency = manifest.Concurrency ?? ComponentLimits.DefaultConcurrency,
            Queue = manifest.Queue ?? ComponentLimits.DefaultQueue,
            RequestBytes = manifest.RequestBytes ?? ComponentLimits.DefaultRequestBytes,
            ResponseBytes = granted.ResponseBytes,
            WallTime = granted.WallTime ?? ComponentLimits.DefaultWallTime,
            Store = ComponentLimits.Bounded(granted),
        };
    }

    private RouteTarget TargetOf(
        AppManifest manifest, int version, HttpTrigger trigger, Dictionary<string, AppComponent> components)
    {
        var origin = new InvocationOrigin(manifest.Name, version, trigger.Route.Text, trigger.Component);
        return trigger.Component is string component
            ? new RouteTarget(origin, components[component], null)
            : new RouteTarget(origin, null, AnswerOf(trigger.Response!));
    }

    private StaticAnswer AnswerOf(StaticResponse response)
    {
        string? file = Cold is null ? null : response.File;
        byte[] body = response.File is null ? System.Text.Encoding.UTF8.GetBytes(response.Body) : file is null ? ReadAnswer(response.File) : [];
        bool hasType = response.Headers.Any(header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));
        IEnumerable<KeyValuePair<string, string>> headers = hasType || (body.Length == 0 && file is null)
            ? response.Headers
            : response.Headers.Append(new("Content-Type", ContentType.OfFile(response.File ?? ".txt")));
        return new StaticAnswer(response.Status, [.. headers], body, file);
    }

    private static byte[] ReadAnswer(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MaxAnswerBytes })
        {
            throw new IOException($"{path}: larger than {MaxAnswerBytes >> 20} MiB, too large for an answer that is kept in memory");
        }

        return File.ReadAllBytes(path);
    }
}
