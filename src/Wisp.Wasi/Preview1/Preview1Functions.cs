using System.Diagnostics.CodeAnalysis;
using Wisp.Permissions;

namespace Wisp.Wasi.Preview1;

/// <summary>The functions of WASI preview 1, for one guest. Not thread safe: a guest makes one call at a
/// time.</summary>
/// <remarks>
/// 1. A guest address is used only through <see cref="GuestMemory"/>, and a value is copied out before it is checked.
/// 2. Each count that comes from the guest is bounded before anything is allocated or looped over for it.
/// 3. A guest gets an <see cref="Errno"/> and nothing else: no path and no message of the host.
/// 4. Results are written last, and nothing stays changed when they cannot be, where the call can be undone.
/// </remarks>
internal sealed partial class Preview1Functions : IRunDenials
{
    /// <summary>Denials that are kept of one run; a program may ask in a loop.</summary>
    private const int MaxDenials = 8;

    private readonly DescriptorTable _descriptors;
    private readonly PermissionGate _gate;
    private readonly GuestClock _clock;
    private readonly GuestRandom _random;
    private readonly byte[][] _arguments;
    private byte[][] _environment;
    private List<Denial>? _denials;

    /// <summary>Makes the functions.</summary>
    /// <param name="descriptors">The guest's descriptors.</param>
    /// <param name="gate">Decides.</param>
    /// <param name="clock">The guest's time.</param>
    /// <param name="random">The guest's random numbers.</param>
    /// <param name="arguments">Arguments, each with a zero byte at its end.</param>
    /// <param name="environment">Variables as NAME=VALUE, each with a zero byte at its end.</param>
    public Preview1Functions(DescriptorTable descriptors, PermissionGate gate, GuestClock clock, GuestRandom random,
        byte[][] arguments, byte[][] environment)
    {
        _descriptors = descriptors;
        _gate = gate;
        _clock = clock;
        _random = random;
        _arguments = arguments;
        _environment = environment;
    }

    /// <summary>What the run was denied, each once, the first few.</summary>
    public IReadOnlyList<Denial> Denials => _denials ?? (IReadOnlyList<Denial>)[];

    /// <summary>How often it was denied something.</summary>
    public long DenialCount { get; private set; }

    bool IRunDenials.KeepsMore => _denials is not { Count: >= MaxDenials };

    /// <summary>Seeded random numbers that were taken, in words of 8 bytes.</summary>
    public ulong RandomWordsTaken => _random.WordsTaken;

    /// <summary>Names the guest's functions that led to the call that runs now; set before the first call.</summary>
    public Func<IEnumerable<string>>? Callers { get; set; }

    /// <summary>Begins another run of the program.</summary>
    /// <param name="environment">Variables as NAME=VALUE, each with a zero byte at its end.</param>
    public void BeginRun(byte[][] environment)
    {
        _environment = environment;
        _denials = null;   // the list belongs to whoever asked for it
        DenialCount = 0;
    }

    void IRunDenials.Add(Denial denial)
    {
        DenialCount++;
        _denials ??= [];
        if (_denials.Count < MaxDenials && !_denials.Any(known => known.Action == denial.Action))
        {
            _denials.Add(denial);
        }
    }

    /// <summary>The descriptor with a number, when it has the rights.</summary>
    private Errno Get(uint number, Rights rights, out Descriptor descriptor)
    {
        if (!_descriptors.TryGet(number, out descriptor!))
        {
            return Errno.Badf;
        }

        return (descriptor.RightsBase & rights) == rights ? Errno.Success : Errno.Notcapable;
    }

    /// <summary>The descriptor with a number when it is a file with the rights; else the error that POSIX has for what
    /// it is.</summary>
    private Errno GetFile(uint number, Rights rights, Errno otherwise, [NotNull] out FileDescriptor? file)
    {
        file = null!;
        if (!_descriptors.TryGet(number, out Descriptor? descriptor))
        {
            return Errno.Badf;
        }

        if (descriptor is not FileDescriptor found)
        {
            return descriptor is DirectoryDescriptor ? Errno.Isdir : otherwise;
        }

        file = found;
        return (found.RightsBase & rights) == rights ? Errno.Success : Errno.Notcapable;
    }

    /// <summary>The descriptor with a number when it is a directory with the rights.</summary>
    private Errno GetDirectory(uint number, Rights rights, [NotNull] out DirectoryDescriptor? directory)
    {
        directory = null!;
        if (!_descriptors.TryGet(number, out Descriptor? descriptor))
        {
            return Errno.Badf;
        }

        if (descriptor is not DirectoryDescriptor found)
        {
            return Errno.Notdir;
        }

        directory = found;
        return (found.RightsBase & rights) == rights ? Errno.Success : Errno.Notcapable;
    }
}
