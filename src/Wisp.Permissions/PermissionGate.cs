using System.Net;

namespace Wisp.Permissions;

/// <summary>What happens to a request that the grant does not cover.</summary>
public enum PermissionMode
{
    /// <summary>It is refused.</summary>
    Enforce,

    /// <summary>It goes through, and is reported as what would have been refused.</summary>
    Count,

    /// <summary>It goes through, and <see cref="PermissionGate.LearnedGrant"/> names the least grant that covers the
    /// run.</summary>
    Learn,
}

/// <summary>The one place where permissions are decided: what a program asks for goes through here, and nowhere
/// else.</summary>
/// <remarks>
/// 1. Each decision is made from the grant and the request alone; there is no state that makes a second answer differ.
/// 2. Each decision goes to the audit, allowed or not; each denial goes to the denial hook as well, up to 100 a second.
/// 3. Modes never widen what a path may reach: a path that leaves its directory is refused in every mode, because the
///    kernel resolves it beneath the directory and there is nothing to let through.
///
/// Thread safe. One gate serves one program; its instances may share it.
/// </remarks>
public sealed class PermissionGate
{
    private const int MaxCallers = 6;

    private readonly string _program;
    private readonly IAuditSink? _audit;
    private readonly Action<Denial>? _denied;
    private readonly GrantRecorder? _recorder;
    private readonly DenialThrottle _throttle = new();
    private long _denials;

    /// <summary>Makes a gate.</summary>
    /// <param name="grant">What the program was given.</param>
    /// <param name="program">Its name in denials and in the audit.</param>
    /// <param name="mode">What happens to a request that the grant does not cover.</param>
    /// <param name="audit">Takes each decision, or null.</param>
    /// <param name="denied">Takes denials, also those that a mode lets through, up to 100 a second; or null. Must be
    /// thread safe.</param>
    public PermissionGate(Grant grant, string program, PermissionMode mode = PermissionMode.Enforce,
        IAuditSink? audit = null, Action<Denial>? denied = null)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentNullException.ThrowIfNull(program);
        Grant = grant;
        Mode = mode;
        _program = program;
        _audit = audit;
        _denied = denied;
        _recorder = mode == PermissionMode.Learn ? new GrantRecorder() : null;
    }

    /// <summary>What the program was given.</summary>
    public Grant Grant { get; }

    /// <summary>What happens to a request that the grant does not cover.</summary>
    public PermissionMode Mode { get; }

    /// <summary>How many requests the grant did not cover so far.</summary>
    public long Denials => Interlocked.Read(ref _denials);

    /// <summary>The least grant that covers what was asked so far, or null when the mode is not to learn.</summary>
    public Grant? LearnedGrant() => _recorder?.Build(Grant);

    /// <summary>Decides about a path beneath a granted directory.</summary>
    /// <param name="directory">The directory's grant.</param>
    /// <param name="write">Whether something on the disk may change.</param>
    /// <param name="request">Who asks for what.</param>
    /// <returns>Whether the request may go on to the kernel.</returns>
    public bool AllowPath(DirectoryGrant directory, bool write, in PathRequest request)
    {
        ArgumentNullException.ThrowIfNull(directory);
        _recorder?.UseDirectory(directory, write);
        string access = write ? "write" : "read";
        if (!write || directory.Access == DirectoryAccess.ReadWrite)
        {
            if (_audit is not null)
            {
                Record(request.Function, AuditSubject.Path, request.GuestPath, access, AuditOutcome.Allowed,
                    "--dir " + directory.Flag);
            }

            return true;
        }

        bool isShown = Shows();
        DirectoryGrant wanted = directory with { Access = DirectoryAccess.ReadWrite };
        return Refuse(request.Function, AuditSubject.Path, request.GuestPath, access, new Denial(
            DenialCode.ReadOnlyDirectory, request.Action, AskedBy(in request, isShown), "--dir " + directory.Flag,
            "--dir " + wanted.Flag, TomlText.DirectoryInline(wanted)), isShown, request.Run);
    }

    /// <summary>Reports that the kernel refused a path because it leads out of its directory. There is nothing to
    /// decide.</summary>
    /// <param name="directory">The directory's grant.</param>
    /// <param name="request">Who asked for what.</param>
    public void PathEscaped(DirectoryGrant directory, in PathRequest request)
    {
        ArgumentNullException.ThrowIfNull(directory);
        bool isShown = Shows();
        Denial denial = new(
            DenialCode.PathEscape, request.Action + ", which leads out of its directory", AskedBy(in request, isShown),
            "--dir " + directory.Flag, null, null);
        Interlocked.Increment(ref _denials);
        request.Run?.Add(denial);
        Record(request.Function, AuditSubject.Path, request.GuestPath, "read", AuditOutcome.Denied, denial.Granted,
            null);
        if (isShown)
        {
            _denied?.Invoke(denial);
        }
    }

    /// <summary>Decides about an endpoint.</summary>
    /// <param name="direction">A connection out, or in.</param>
    /// <param name="scheme">Scheme in lower case, such as <c>https</c> or <c>tcp</c>.</param>
    /// <param name="host">The name that was asked for; may be the text of an address.</param>
    /// <param name="address">The address that the name stands for, or null before it is looked up, when no rule about
    /// addresses covers it. Ask again with each address after looking up: a denied range may hide behind a
    /// name.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    /// <param name="function">The function that the program called.</param>
    public bool AllowNetwork(
        NetworkDirection direction, string scheme, string host, IPAddress? address, int port, string function)
    {
        ArgumentNullException.ThrowIfNull(host);
        NetworkRule? allowing = null;
        NetworkRule? denying = null;
        foreach (NetworkRule rule in Grant.Network)
        {
            if (rule.Direction == direction && rule.Covers(scheme, host, address, port))
            {
                allowing ??= rule.Denies ? null : rule;
                denying ??= rule.Denies ? rule : null;
            }
        }

        string name = $"{scheme}://{(host.Contains(':') ? "[" + host + "]" : host)}:{port}";
        string flag = (direction == NetworkDirection.Listen ? "listen:" : "") + name;
        string access = direction == NetworkDirection.Listen ? "listen" : "connect";
        _recorder?.UseNetwork(flag);
        if (allowing is not null && denying is null)
        {
            Record(function, AuditSubject.Network, name, access, AuditOutcome.Allowed, "--net " + allowing.Flag);
            return true;
        }

        string action = $"{(direction == NetworkDirection.Listen ? "listen on" : "connect to")} {GuestText.Quote(name)}"
            + (address is null || address.ToString() == host ? "" : $" ({address})");
        Denial denial = denying is null
            ? new Denial(DenialCode.NetworkNotGranted, action, AskedBy(function), null,
                "--net " + GuestText.Escape(flag), TomlText.NetworkInline(flag))
            : new Denial(DenialCode.NetworkDenied, action, AskedBy(function), "--net " + denying.Flag,
                "without --net " + denying.Flag, null);
        return Refuse(function, AuditSubject.Network, name, access, denial, Shows());
    }

    /// <summary>The environment that the program sees: granted names in order, host values looked up.</summary>
    /// <param name="hostValue">Looks up a variable of the host; null when it has none.</param>
    public IReadOnlyList<KeyValuePair<string, string>> Environment(Func<string, string?> hostValue)
    {
        ArgumentNullException.ThrowIfNull(hostValue);
        List<KeyValuePair<string, string>> variables = new(Grant.Environment.Length);
        foreach (EnvironmentGrant grant in Grant.Environment)
        {
            _recorder?.UseEnvironment(grant);
            if ((grant.Value ?? hostValue(grant.Name)) is { } value)
            {
                Record("environ_get", AuditSubject.Environment, grant.Name, "read", AuditOutcome.Allowed,
                    "--env " + grant.Name);
                variables.Add(new(grant.Name, value));
            }
        }

        return variables;
    }

    /// <summary>Decides about a standard stream.</summary>
    /// <param name="stream">One stream.</param>
    public bool AllowStream(StandardStreams stream)
    {
        bool allowed = (Grant.Streams & stream) == stream;
        string name = stream switch
        {
            StandardStreams.Input => "stdin",
            StandardStreams.Output => "stdout",
            _ => "stderr",
        };
        Record("start", AuditSubject.Stream, name, stream == StandardStreams.Input ? "read" : "write",
            allowed ? AuditOutcome.Allowed : AuditOutcome.Denied, "--stdio");
        return allowed;
    }

    private string AskedBy(in PathRequest request, bool isShown)
    {
        bool isRead = isShown || request.Run is { KeepsMore: true };
        IEnumerable<string> names = isRead && request.Callers is not null ? request.Callers() : [];
        string callers = string.Join(", ", names.Take(MaxCallers).Select(GuestText.Escape));
        return AskedBy(request.Function) + (callers.Length == 0 ? "" : ", called from " + callers);
    }

    private string AskedBy(string function) => _program + ", " + function;

    // Denials come as fast as a program can ask, but are read by people.
    private bool Shows() => _denied is not null && _throttle.Shows(System.Environment.TickCount64);

    private bool Refuse(
        string function, AuditSubject subject, string name, string access, Denial denial, bool isShown,
        IRunDenials? run = null)
    {
        Interlocked.Increment(ref _denials);
        run?.Add(denial);
        bool refused = Mode == PermissionMode.Enforce;
        Record(function, subject, name, access, refused ? AuditOutcome.Denied : AuditOutcome.WouldDeny, denial.Granted,
            denial.ToAllow);
        if (isShown)
        {
            _denied?.Invoke(denial);
        }

        return !refused;
    }

    private void Record(string function, AuditSubject subject, string name, string access, AuditOutcome outcome,
        string? rule, string? toAllow = null) =>
        _audit?.Record(new AuditEvent(DateTimeOffset.UtcNow, _program, function, subject, name, access, outcome, rule,
            toAllow));
}
