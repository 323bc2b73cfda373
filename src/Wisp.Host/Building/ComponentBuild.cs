using System.Diagnostics;
using Wisp.Host.Manifests;

namespace Wisp.Host.Building;

/// <summary>Makes a component's source by the command in its manifest.</summary>
internal static class ComponentBuild
{
    /// <summary>Runs the command in the app's folder, by the shell, with the rights of this process.</summary>
    /// <param name="component">The component; it has a command.</param>
    /// <param name="output">Takes what the command prints, line by line.</param>
    /// <param name="stop">Ends the command and what it started.</param>
    /// <exception cref="IOException">It failed, or made no source.</exception>
    public static async Task RunAsync(ComponentManifest component, TextWriter output, CancellationToken stop)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", component.BuildCommand!])
        {
            WorkingDirectory = component.BuildFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new IOException("/bin/sh cannot be started");
        process.StandardInput.Close();
        try
        {
            await Task.WhenAll(CopyAsync(process.StandardOutput, output, stop), CopyAsync(process.StandardError, output, stop))
                .ConfigureAwait(false);
            await process.WaitForExitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            throw new IOException($"component {component.Name}: the build command ended with {process.ExitCode}: {component.BuildCommand}");
        }

        if (!File.Exists(component.Source))
        {
            throw new IOException($"component {component.Name}: the build command ended well but made no {component.Source}");
        }
    }

    private static async Task CopyAsync(StreamReader from, TextWriter to, CancellationToken stop)
    {
        while (await from.ReadLineAsync(stop).ConfigureAwait(false) is string line)
        {
            lock (to)
            {
                to.WriteLine(line);
            }
        }
    }
}
