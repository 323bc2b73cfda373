using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Wisp.Permissions;
using Wisp.Wasi.Platform.Linux;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi;

/// <summary>Collects what a program starts with. Not thread safe; may build several contexts from streams that allow
/// it.</summary>
public sealed class WasiContextBuilder
{
    private const int DefaultOpenFiles = 1024;

    private readonly PermissionGate _gate;
    private readonly List<string> _arguments = [];
    private readonly List<Socket> _listeners = [];
    private readonly List<Socket> _opened = [];   // those of _listeners that are this builder's own

    /// <summary>Starts from a grant, whose directories, environment, clock, random numbers and limits the program
    /// gets.</summary>
    /// <param name="gate">The gate through which the program's requests will go.</param>
    public WasiContextBuilder(PermissionGate gate)
    {
        ArgumentNullException.ThrowIfNull(gate);
        _gate = gate;
    }

    /// <summary>Standard input. Empty by default.</summary>
    public ByteSource Input { get; set; } = ByteSource.Empty;

    /// <summary>Standard output. Goes nowhere by default.</summary>
    public ByteSink Output { get; set; } = ByteSink.Null;

    /// <summary>Standard error. Goes nowhere by default.</summary>
    public ByteSink Error { get; set; } = ByteSink.Null;

    /// <summary>More variables, after those of the grant; for what a server tells each program, such as
    /// CGI's.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ExtraEnvironment { get; set; } = [];

    /// <summary>Seeded random numbers that the program took before its snapshot, in words of 8 bytes.</summary>
    internal ulong RandomWordsTaken { get; set; }

    /// <summary>Takes the standard streams of this process.</summary>
    public WasiContextBuilder InheritStreams()
    {
        Input = ByteSource.StandardInput();
        Output = ByteSink.StandardOutput();
        Error = ByteSink.StandardError();
        return this;
    }

    /// <summary>Adds arguments; the first one of all is the program's name.</summary>
    /// <param name="arguments">The arguments.</param>
    public WasiContextBuilder AddArguments(params IEnumerable<string> arguments)
    {
        _arguments.AddRange(arguments);
        return this;
    }

    /// <summary>Adds a listening socket, from which the program may accept. It gets a descriptor after those of the
    /// directories.</summary>
    /// <param name="listener">A socket that listens. The program uses a duplicate, so it may be disposed after
    /// building.</param>
    /// <exception cref="UnauthorizedAccessException">The grant has no <c>--net listen:</c> rule for its
    /// address.</exception>
    public WasiContextBuilder AddListener(Socket listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        if (listener.LocalEndPoint is not IPEndPoint { } endpoint || !_gate.AllowNetwork(
            NetworkDirection.Listen, "tcp", endpoint.Address.ToString(), endpoint.Address, endpoint.Port, "start"))
        {
            throw new UnauthorizedAccessException($"not granted: --net listen:tcp://{listener.LocalEndPoint}");
        }

        _listeners.Add(listener);
        return this;
    }

    /// <summary>Opens a listener for each rule of the grant such as <c>--net listen:tcp://127.0.0.1:8080</c>.</summary>
    /// <remarks>The program gets them in the order of the rules, after its directories. A rule that names no single
    /// address and port allows listeners but opens none.</remarks>
    /// <exception cref="IOException">An address cannot be listened on. The message names the rule and says
    /// why.</exception>
    public WasiContextBuilder OpenListeners()
    {
        foreach (NetworkRule rule in _gate.Grant.Network)
        {
            if (rule is { Direction: NetworkDirection.Listen, Denies: false, Endpoint: { } endpoint })
            {
                Socket listener = Listen(rule, endpoint);
                _opened.Add(listener);
                AddListener(listener);
            }
        }

        return this;
    }

    /// <summary>Opens the directories and makes the context.</summary>
    /// <exception cref="IOException">A granted directory cannot be opened. The message names it and says
    /// why.</exception>
    public WasiContext Build()
    {
        Grant grant = _gate.Grant;
        long limit = Math.Min(grant.Limits.OpenFiles ?? DefaultOpenFiles, int.MaxValue);
        DescriptorTable descriptors = new((int)limit);
        try
        {
            AddStreams(descriptors);
            foreach (DirectoryGrant directory in grant.Directories)
            {
                Add(descriptors, OpenDirectory(directory));
            }

            foreach (Socket listener in _listeners)
            {
                Add(descriptors, OpenListener(listener));
            }
        }
        catch
        {
            descriptors.Dispose();
            throw;
        }
        finally
        {
            CloseOpened();
        }

        var random = new GuestRandom(grant.Random);
        random.Skip(RandomWordsTaken);
        Preview1Functions functions = new(
            descriptors, _gate, new GuestClock(grant.Clock), random, Terminated(_arguments),
            EnvironmentOf(_gate, ExtraEnvironment));
        return new WasiContext(descriptors, _gate, functions);
    }

    /// <summary>Variables of a program: those of the grant, then others.</summary>
    internal static byte[][] EnvironmentOf(PermissionGate gate, IReadOnlyList<KeyValuePair<string, string>> others) =>
        Variables(gate.Environment(Environment.GetEnvironmentVariable), others);

    // The context has duplicates, so what was opened here is done with.
    private void CloseOpened()
    {
        foreach (Socket listener in _opened)
        {
            _listeners.Remove(listener);
            listener.Dispose();
        }

        _opened.Clear();
    }

    private void AddStreams(DescriptorTable descriptors)
    {
        Add(descriptors, new SourceDescriptor(_gate.AllowStream(StandardStreams.Input) ? Input : ByteSource.Empty));
        Add(descriptors, new SinkDescriptor(_gate.AllowStream(StandardStreams.Output) ? Output : ByteSink.Null));
        Add(descriptors, new SinkDescriptor(_gate.AllowStream(StandardStreams.Error) ? Error : ByteSink.Null));
    }

    private static void Add(DescriptorTable descriptors, Descriptor descriptor)
    {
        if (!descriptors.TryAdd(descriptor, out _))
        {
            throw new IOException("--limit files is too small for the standard streams and the granted directories");
        }
    }

    private static Socket Listen(NetworkRule rule, IPEndPoint endpoint)
    {
        Socket listener = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(endpoint);
            listener.Listen();
            return listener;
        }
        catch (SocketException error)
        {
            listener.Dispose();
            throw new IOException($"--net {rule.Flag}: cannot listen on {endpoint}: {error.Message}");
        }
    }

    private static DirectoryDescriptor OpenDirectory(DirectoryGrant grant)
    {
        // A host path may lead through links where it is the word of the one who runs the program, and of nobody else.
        int number = grant.LinkFreeBelow is string root
            ? OpenWithoutLinks(root, Path.GetRelativePath(root, grant.HostPath))
            : LibC.Open(grant.HostPath, OpenFlags.Directory | OpenFlags.CloseOnExec, 0);
        if (number < 0)
        {
            string reason = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
            throw new IOException($"--dir {grant.Flag}: cannot open {GuestText.Quote(grant.HostPath)}: {reason}");
        }

        return new DirectoryDescriptor(new HostDescriptor(number), Rights.Directory, Rights.All, FdFlags.None, grant,
            grant.GuestPath, Encoding.UTF8.GetBytes(grant.GuestPath));
    }

    /// <summary>Opens a directory step by step, each from the one before, so that nothing that changes meanwhile leads elsewhere.</summary>
    /// <returns>The descriptor, or -1 as open gives it; also for a path that goes up.</returns>
    private static int OpenWithoutLinks(string root, string path)
    {
        int number = LibC.Open(root, OpenFlags.Directory | OpenFlags.CloseOnExec, 0);
        foreach (string step in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(step => step != "."))
        {
            if (number < 0)
            {
                break;
            }

            byte[] name = Encoding.UTF8.GetBytes(step == ".." ? "\0" : step + '\0');   // no directory has an empty name
            int error;
            using (var parent = new HostDescriptor(number))
            {
                number = LibC.OpenAt(parent, in name[0], OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0);
                error = Marshal.GetLastPInvokeError();
            }

            Marshal.SetLastPInvokeError(error);   // closing is a call too
        }

        return number;
    }

    private static SocketDescriptor OpenListener(Socket listener)
    {
        using HostDescriptor borrowed = new((int)listener.SafeHandle.DangerousGetHandle(), owns: false);
        HostDescriptor? host = HostFile.Duplicate(borrowed);
        if (host is null || HostFile.SetFlags(host, OpenFlags.NonBlock) != Errno.Success)
        {
            host?.Dispose();
            throw new IOException($"the listener on {listener.LocalEndPoint} cannot be passed on");
        }

        return new SocketDescriptor(host, listens: true, FdFlags.None);
    }

    /// <summary>Each as NAME=VALUE and a zero byte. A server makes them for each request, so nothing is made in between.</summary>
    private static byte[][] Variables(
        IReadOnlyList<KeyValuePair<string, string>> granted, IReadOnlyList<KeyValuePair<string, string>> extra)
    {
        byte[][] variables = new byte[granted.Count + extra.Count][];
        for (int i = 0; i < variables.Length; i++)
        {
            KeyValuePair<string, string> variable = i < granted.Count ? granted[i] : extra[i - granted.Count];
            string name = WithoutNul(variable.Key);
            string value = WithoutNul(variable.Value);
            byte[] bytes = new byte[Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value) + 2];
            int length = Encoding.UTF8.GetBytes(name, bytes);
            bytes[length] = (byte)'=';
            Encoding.UTF8.GetBytes(value, bytes.AsSpan(length + 1));
            variables[i] = bytes;
        }

        return variables;
    }

    private static byte[][] Terminated(List<string> texts)
    {
        byte[][] terminated = new byte[texts.Count][];
        for (int i = 0; i < terminated.Length; i++)
        {
            terminated[i] = Encoding.UTF8.GetBytes(WithoutNul(texts[i]) + "\0");
        }

        return terminated;
    }

    private static string WithoutNul(string text) =>
        text.Contains('\0', StringComparison.Ordinal) ? text.Replace("\0", "", StringComparison.Ordinal) : text;
}
