using Wisp.Host.Cron;
using Wisp.Host.Invocations;
using Wisp.Host.Routing;
using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Metrics;

namespace Wisp.Host.Apps;

/// <summary>An app that is loaded: its routes, its components ready to run. Immutable; made anew for each change.</summary>
/// <remarks>Counts its uses: <see cref="AppSlot"/> has one while it is current, and each invocation has one. With the last one its
/// components are given up, so that a request that began with it ends with it.</remarks>
internal sealed class App
{
    private readonly IReadOnlyList<AppComponent> _components;
    private int _uses = 1;

    public App(string? name, RouteTable<RouteTarget> routes, IReadOnlyList<AppComponent> components, IReadOnlyList<AppCron> cron,
        int version = 0)
    {
        Name = name;
        Origin = name is null ? InvocationOrigin.None : new InvocationOrigin(name, version);
        Routes = routes;
        Cron = cron;
        _components = components;
    }

    /// <summary>Its name, or null for a program that is served by itself.</summary>
    public string? Name { get; }

    /// <summary>What requests that reach no route of it are of.</summary>
    public InvocationOrigin Origin { get; }

    public RouteTable<RouteTarget> Routes { get; }

    public IReadOnlyList<AppCron> Cron { get; }

    /// <summary>What its components do this moment.</summary>
    public IEnumerable<ComponentGauge> Gauges() => _components.Select(component => new ComponentGauge(
        Name, Origin.Version, component.Name, component.Admission.Running, component.Admission.Waiting));

    /// <summary>An app of one component that takes every request.</summary>
    public static App OfOne(string? name, AppComponent component)
    {
        var routes = new RouteTable<RouteTarget>();
        var origin = new InvocationOrigin(name, Route: RoutePattern.Everything.Text, Component: component.Name);
        routes.Add(RoutePattern.Everything, [], new RouteTarget(origin, component, null));
        return new App(name, routes, [component], []);
    }

    /// <summary>Only while somebody else has a use.</summary>
    public void AddUse() => Interlocked.Increment(ref _uses);

    public void ReleaseUse()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            foreach (AppComponent component in _components)
            {
                component.Executor.Dispose();
            }
        }
    }
}

/// <summary>A component that is ready to run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Executor">Runs it.</param>
/// <param name="Limits">What its invocations may use.</param>
internal sealed record AppComponent(string Name, IExecutor Executor, ComponentLimits Limits)
{
    /// <summary>Who may run it now.</summary>
    public Admission Admission { get; } = new(Limits.Concurrency, Limits.Queue);
}

/// <summary>Where a route leads: to a component or to an answer of the host's.</summary>
/// <param name="Origin">What invocations by the route are of.</param>
/// <param name="Component">The component, or null.</param>
/// <param name="Answer">The answer, or null.</param>
internal sealed record RouteTarget(InvocationOrigin Origin, AppComponent? Component, StaticAnswer? Answer);

/// <summary>Times at which a component runs.</summary>
/// <param name="Schedule">The times.</param>
/// <param name="Component">The component.</param>
/// <param name="Origin">What its invocations are of.</param>
internal sealed record AppCron(CronSchedule Schedule, AppComponent Component, InvocationOrigin Origin);
