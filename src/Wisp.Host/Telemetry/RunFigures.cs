using Wisp.Permissions;

namespace Wisp.Host.Telemetry;

/// <summary>What the run of a program took and met; all zero where no program ran.</summary>
/// <param name="Instantiation">Time to make the instance.</param>
/// <param name="Cpu">Processor time of the program.</param>
/// <param name="MemoryBytes">The most linear memory that it had.</param>
/// <param name="Wake">Time to map the code, when the run found it cold; else null.</param>
/// <param name="Denied">What it was denied, each thing once, the first few; null for nothing.</param>
/// <param name="DeniedCount">How often it was denied something.</param>
internal readonly record struct RunFigures(
    TimeSpan Instantiation, TimeSpan Cpu, long MemoryBytes, TimeSpan? Wake = null, IReadOnlyList<Denial>? Denied = null, long DeniedCount = 0);
