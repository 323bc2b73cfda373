namespace Wisp.Cli.Apps;

/// <summary>A server that is the purpose of a process.</summary>
/// <param name="StartAsync">Starts to listen.</param>
/// <param name="StopAsync">Accepts nothing new and waits for what runs.</param>
/// <param name="Greet">Says where it listens.</param>
/// <param name="Listen">Where it will listen, for messages.</param>
internal sealed record ServedProcess(
    Func<CancellationToken, Task> StartAsync, Func<Task> StopAsync, Action Greet, string Listen);
