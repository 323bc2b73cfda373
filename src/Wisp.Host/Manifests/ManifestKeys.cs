namespace Wisp.Host.Manifests;

/// <summary>Every key of <c>wisp.toml</c>, and of the files of <c>wisp test</c>: the one definition, from which files are checked and
/// the schema for editors is made.</summary>
internal static class ManifestKeys
{
    private static readonly FlagType Flag = new();
    private static readonly ListType Texts = new(TextType.Any);

    private static readonly TableType Application = new("[application]",
        new("name", TextTypes.AppName, "The app's name: lower case letters, digits and hyphens.") { IsRequired = true },
        new("version", TextType.Any, "The app's version, for people."),
        new("description", TextType.Any, "What the app does, in a sentence."),
        new("hosts", new ListType(TextTypes.HostName, 1),
            "Host names at which a server answers for the app: \"shop.example.com\", \"*.example.com\". Default: its name under the server's domain."),
        new("health", TextTypes.Target, "A path that must answer below 500 before a server sends requests to a version."));

    private static readonly MapType Variables = new(TextTypes.VariableName, new EitherType(
        TextType.Any,
        new TableType("[variables.NAME]",
            new("default", TextType.Any, "The value when none is given."),
            new("required", Flag, "Whether a value must be given: by -e NAME=VALUE or WISP_VARIABLE_NAME."),
            new("secret", Flag, "Whether the value must not be shown."))));

    private static readonly TableType Response = new("response",
        new("status", new IntegerType(200, 599), "The status. Default: 200."),
        new("headers", new MapType(TextTypes.HeaderName, TextTypes.HeaderValue), "Headers of the answer."),
        new("body", TextType.Any, "The body."),
        new("file", TextTypes.PathInside, "A file of the app's folder that is the body; read when the app starts."));

    private static readonly TableType Http = new("[[trigger.http]]",
        new("route", TextTypes.Route, "The paths that come here: \"/exact\", \"/users/:id\", \"/files/...\".") { IsRequired = true },
        new("methods", new ListType(TextTypes.Method, 1), "The methods that come here. Default: all."),
        new("component", TextTypes.ComponentName, "The component that answers."),
        new("response", Response, "An answer that needs no component."));

    private static readonly TableType Cron = new("[[trigger.cron]]",
        new("schedule", TextTypes.Schedule, "Minute, hour, day, month, day of the week; a sixth field in front counts seconds.") { IsRequired = true },
        new("time_zone", TextTypes.TimeZone, "Time zone of the schedule, such as Europe/Berlin. Default: UTC."),
        new("component", TextTypes.ComponentName, "The component that runs.") { IsRequired = true });

    private static readonly TableType Triggers = new("[trigger]",
        new("http", new ListType(Http), "What answers HTTP requests."),
        new("cron", new ListType(Cron), "What runs at times."),
        new("queue", null, "What messages start.") { NotYet = "there are only HTTP and cron triggers" },
        new("websocket", null, "What a WebSocket starts.") { NotYet = "there are only HTTP and cron triggers" });

    private static readonly TableType Build = new("build",
        new("command", TextType.Any, "The command that makes the source, run by the shell in the app's folder.") { IsRequired = true },
        new("watch", new ListType(TextTypes.WatchPattern),
            "What `wisp up --watch` builds again for, such as \"src/**\". Default: every file of the folder but hidden ones and sources."));

    private static readonly TableType File = new("files",
        new("source", TextTypes.PathInside, "A folder of the app's.") { IsRequired = true },
        new("guest", TextTypes.GuestPath, "The path under which the component sees it. Default: / and the folder's name."));

    private static readonly TableType Directory = new("permissions.fs",
        new("host", TextTypes.HostPath, "A directory of this machine; relative ones start at the app's folder.") { IsRequired = true },
        new("guest", TextTypes.GuestPath, "The path under which the component sees it.") { IsRequired = true },
        new("access", new WordType("read-only", "read-write"), "What it may do there. Default: read-only."));

    private static readonly TableType Permissions = new("permissions",
        new("fs", new ListType(Directory), "Directories of this machine."),
        new("net", new ListType(TextTypes.NetworkRule), "Network rules, as for --net: \"https://api.example.com\", \"deny:private\"."),
        new("env", new ListType(TextTypes.Variable), "Environment variables, as for --env: \"NAME\" passes on, \"NAME=VALUE\" sets. "
            + "{{ name }} stands for a variable of [variables]."),
        new("clock", TextTypes.Clock, "The time that it sees: real, or fixed=2026-01-01T00:00:00Z."),
        new("random", TextTypes.Random, "Where its random numbers come from: real, or seeded=42."));

    private static readonly TableType Limits = new("limits",
        new("memory", TextTypes.SizeOrBytes, "Linear memory of an instance. Default: 1GiB."),
        new("cpu", TextTypes.TimeOrSeconds, "Processor time of a request."),
        new("wall", TextTypes.TimeOrSeconds, "Time of a request, waiting included. Default: 30s."),
        new("stack", TextTypes.SizeOrBytes, "Stack of an instance. Default: 1MiB."),
        new("tables", new IntegerType(1, int.MaxValue), "Table entries of an instance. Default: 1000000."),
        new("files", new IntegerType(3, 1 << 20), "Descriptors open at once. Default: 1024."),
        new("request", TextTypes.SizeOrBytes, "Body of a request. Default: 30000000 bytes."),
        new("response", TextTypes.SizeOrBytes, "Body of an answer. Default: none."),
        new("concurrency", new IntegerType(1, 1_000_000), "Requests that run at once. Default: 1000."),
        new("queue", new IntegerType(0, 1_000_000), "Requests that wait for their turn past that; more are answered with 503. Default: 100."),
        new("fuel", null, "Instructions.") { NotYet = "nothing counts fuel; limit cpu" });

    private static readonly TableType Instances = new("instances",
        new("reuse", new IntegerType(1, 1_000_000),
            "Requests that one instance of a reactor serves, one after the other; its state stays. Default: 1, a fresh one for each."),
        new("warm", new IntegerType(0, 1000), "Instances that are kept ready, so that a request need not wait for one. Default: 0."),
        new("idle", TextTypes.TimeOrSeconds, "How long a server keeps the code loaded without a request. Default: 5m."),
        new("snapshot", Flag, "Whether start-up runs once, when the app is loaded or deployed, and instances begin behind it. Default: false."));

    private static readonly TableType Component = new("[component.NAME]",
        new("source", TextTypes.PathInside, "Its program: a .wasm, .wat or .wisp file of the app's folder.") { IsRequired = true },
        new("executor", new WordType("cgi"), "How it is asked: cgi, the only one.") { NotYet = "the only executor is cgi" },
        new("args", Texts, "Its arguments, behind its name. {{ name }} stands for a variable of [variables]."),
        new("build", Build, "How its source is made."),
        new("files", new ListType(new EitherType(TextTypes.PathInside, File)), "Folders of the app that it may read."),
        new("permissions", Permissions, "What it may use of this machine; nothing by default."),
        new("limits", Limits, "How much of it."),
        new("instances", Instances, "How its instances live."));

    /// <summary>The keys of <c>wisp.toml</c>.</summary>
    public static TableType App { get; } = new("wisp.toml",
        new("application", Application, "The app.") { IsRequired = true },
        new("variables", Variables, "Values that are given where the app runs."),
        new("trigger", Triggers, "What starts components.") { IsRequired = true },
        new("component", new MapType(TextTypes.ComponentName, Component), "The programs."));

    private static readonly TableType Request = new("request",
        new("method", TextTypes.Method, "Default: GET."),
        new("path", TextTypes.Target, "Path and query, sent as they stand.") { IsRequired = true },
        new("headers", new MapType(TextTypes.HeaderName, TextTypes.HeaderValue), "Headers of the request."),
        new("body", TextType.Any, "Body of the request."));

    private static readonly TableType Expectation = new("expect",
        new("status", new IntegerType(100, 599), "The status. Default: 200."),
        new("headers", new MapType(TextTypes.HeaderName, TextType.Any), "Headers with exactly these values; others may be there."),
        new("body", TextType.Any, "The whole body."),
        new("contains", new ListType(TextType.Any), "Texts that are somewhere in the body."));

    private static readonly TableType Case = new("[[test]]",
        new("name", TextType.Any, "What the case shows.") { IsRequired = true },
        new("request", Request, "What is asked.") { IsRequired = true },
        new("expect", Expectation, "What the answer must be.") { IsRequired = true });

    /// <summary>The keys of a file of <c>wisp test</c>.</summary>
    public static TableType Tests { get; } = new("a test file",
        new ManifestKey("test", new ListType(Case, 1), "The cases.") { IsRequired = true });
}
