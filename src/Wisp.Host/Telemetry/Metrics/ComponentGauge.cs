namespace Wisp.Host.Telemetry.Metrics;

/// <summary>What a component does this moment.</summary>
/// <param name="App">Its app.</param>
/// <param name="Version">Number of the app's version, or 0.</param>
/// <param name="Component">Its name.</param>
/// <param name="Running">Invocations that run.</param>
/// <param name="Waiting">Those that wait for their turn.</param>
internal readonly record struct ComponentGauge(string? App, int Version, string Component, int Running, int Waiting);
