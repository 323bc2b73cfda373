using Wisp.Host.Apps;
using Wisp.Host.Deployments;
using Wisp.Host.Invocations;
using Wisp.Host.Telemetry;
using Wisp.Permissions;

namespace Wisp.Host.Hosting;

/// <summary>Makes versions of apps ready to run.</summary>
/// <param name="modules">Loads their modules.</param>
/// <param name="log">Takes what their programs say.</param>
/// <param name="denied">Takes denials, or null.</param>
/// <param name="audit">Takes each decision about permissions, or null.</param>
internal sealed class VersionLoader(VersionModules modules, IInvocationSink log, Action<Denial>? denied = null, IAuditSink? audit = null)
{
    /// <summary>Loads a version, and whatever it is made of at once.</summary>
    /// <exception cref="IOException">A module, a file or a granted directory cannot be read.</exception>
    /// <exception cref="LinkException">A program can never run.</exception>
    public App Load(DeployedVersion version) => Load(version, cold: null);

    /// <summary>Takes a version up whose code is loaded by the requests that need it.</summary>
    /// <param name="version">The version; it was tried before.</param>
    /// <param name="sweep">Drops code that nobody uses.</param>
    public App LoadCold(DeployedVersion version, IdleSweep sweep) => Load(version, sweep);

    private App Load(DeployedVersion version, IdleSweep? cold)
    {
        var loader = new AppLoader(component => modules.Load(version, component), log, denied, audit) { Cold = cold };
        return loader.Load(version.Manifest, version.Variables, version.Number);
    }
}
