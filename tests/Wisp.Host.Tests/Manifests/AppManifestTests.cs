using System.Text;
using Wisp.Host.Manifests;
using Wisp.Permissions;

namespace Wisp.Host.Tests.Manifests;

public sealed class AppManifestTests
{
    private const string Good = """
        [application]
        name = "shop"
        version = "1.2.0"
        description = "Sells."

        [variables]
        region = "eu"
        api_key = { required = true, secret = true }

        [[trigger.http]]
        route = "/cart/..."
        methods = ["GET", "POST"]
        component = "cart"

        [[trigger.http]]
        route = "/old"
        response = { status = 301, headers = { Location = "/cart" } }

        [[trigger.cron]]
        schedule = "*/5 * * * *"
        time_zone = "Europe/Berlin"
        component = "cart"

        [component.cart]
        source = "cart.wasm"
        args = ["--region", "{{ region }}"]
        build.command = "make"
        build.watch = ["src/**"]
        files = ["assets", { source = "more", guest = "/m" }]
        instances = { reuse = 1, warm = 0, idle = "90s", snapshot = false }

        [component.cart.permissions]
        fs = [{ host = "data", guest = "/data", access = "read-write" }]
        net = ["https://api.example.com", "deny:private"]
        env = ["TZ", "KEY={{ api_key }}"]
        clock = "fixed=2026-01-01T00:00:00Z"
        random = "seeded=42"

        [component.cart.limits]
        memory = "64MiB"
        cpu = "50ms"
        wall = 2
        stack = 65536
        request = "1MiB"
        response = "2MiB"
        concurrency = 10
        queue = 0
        """;

    [Fact]
    public void ReadsEveryKey()
    {
        AppManifest app = AppManifestReader.ReadText(Good, "/apps/shop");

        Assert.Equal(("shop", "1.2.0"), (app.Name, app.Version));
        Assert.Equal([new("region", "eu", false, false), new VariableDeclaration("api_key", null, true, true)], app.Variables);
        Assert.Equal("/cart/...", app.Http[0].Route.Text);
        Assert.Equal(["GET", "POST"], app.Http[0].Methods);
        Assert.Equal(301, app.Http[1].Response!.Status);
        Assert.Equal("/cart", app.Http[1].Response!.Headers.Single().Value);
        Assert.Equal("*/5 * * * *", app.Cron.Single().Schedule.Text);
        ComponentManifest cart = app.Components.Single();
        Assert.Equal("/apps/shop/cart.wasm", cart.Source);
        Assert.Equal(["--region", "{{ region }}"], cart.Arguments);
        Assert.Equal(("make", 10, 0, 1 << 20), (cart.BuildCommand, cart.Concurrency, cart.Queue, cart.RequestBytes));
        Assert.Equal(
            ["--dir /apps/shop/assets::/assets:ro", "--dir /apps/shop/more::/m:ro", "--dir /apps/shop/data::/data",
                "--env TZ", "--env KEY={{ api_key }}", "--net https://api.example.com", "--net deny:private",
                "--clock fixed=2026-01-01T00:00:00.0000000+00:00", "--random seeded=42"],
            cart.Grant.ToFlags());
        Assert.Equal(
            new ResourceLimits
            {
                MemoryBytes = 64 << 20,
                CpuTime = TimeSpan.FromMilliseconds(50),
                WallTime = TimeSpan.FromSeconds(2),
                StackBytes = 65536,
                ResponseBytes = 2 << 20,
            },
            cart.Grant.Limits);
    }

    [Fact]
    public void GrantsNothingThatIsNotThere()
    {
        AppManifest app = AppManifestReader.ReadText(Component("source = \"a.wasm\""), "/apps");

        Assert.Empty(app.Components.Single().Grant.ToFlags());
    }

    [Fact]
    public void DenialsNameLinesThatTheManifestTakes()
    {
        Grant grant = new GrantBuilder().AddDirectory("/a\"b", "/d").AddEnvironment("X", "y=\"z\"").Build();

        AppManifest app = AppManifestReader.ReadText(Component("source = \"a.wasm\"\n" + grant.ToToml()), "/apps");

        Assert.Equal(grant.ToFlags(), app.Components.Single().Grant.ToFlags());
    }

    [Theory]
    [InlineData("[aplication]\nname = 'a'", "1:2: unknown key \"aplication\" in wisp.toml; did you mean application?")]
    [InlineData("[application]\nnam = 'a'", "2:1: unknown key \"nam\" in [application]; did you mean name?")]
    [InlineData("[application]\nzzzzzz = 'a'", "2:1: unknown key \"zzzzzz\" in [application]; it has name, version, description")]
    [InlineData("[application]\nname = 7", "2:8: name: expected an app's name, not 7")]
    [InlineData("[application]\nname = 'A b'", "2:8: name: \"A b\": an app's name starts with a lower case letter")]
    [InlineData("application = 1", "1:15: application: expected a table, not 1")]
    [InlineData("[application]\nversion = '1'", "1:2: [application] needs the key name")]
    [InlineData("[[trigger.http]]\nroute = '/a/'", "2:9: route: \"/a/\": write \"/a\"")]
    [InlineData("[[trigger.http]]\nroute = '/a/../b'", "2:9: route: a segment ..")]
    [InlineData("[[trigger.http]]\nroute = '/a%2fb'", "2:9: route: \"/a%2fb\": a route holds decoded text")]
    [InlineData("[[trigger.http]]\nroute = \"/a\\u0000\"", "2:9: route: \"/a\\u{0}\": a route holds decoded text")]
    [InlineData("[[trigger.http]]\nroute = '/.../a'", "2:9: route: ... stands at the end alone")]
    [InlineData("[[trigger.http]]\nroute = '/:x/:x'", "2:9: route: :x stands twice")]
    [InlineData("[[trigger.http]]\nroute = '/'", "1:11: [[trigger.http]] has either a component or a response")]
    [InlineData("[[trigger.http]]\nroute = '/'\nmethods = []\nresponse = {}", "3:11: methods: expected a list of at least 1")]
    [InlineData("[[trigger.http]]\nroute = '/'\nmethods = ['GET', 'GET']\nresponse = {}", "3:11: a method stands twice")]
    [InlineData("[[trigger.http]]\nroute = '/'\nresponse = { status = 99 }", "3:23: status: expected a whole number from 200 to 599, not 99")]
    [InlineData("[[trigger.http]]\nroute = '/'\nresponse.headers.X = \"a\\r\\nb\"", "3:22: headers.X: a header holds printable ASCII")]
    [InlineData("[[trigger.http]]\nroute = '/'\nresponse = { body = 'a', file = 'b' }", "3:33: a response has either")]
    [InlineData("[[trigger.http]]\nroute = '/'\ncomponent = 'b'\n[component.c]\nsource = 'c'", "3:13: there is no component \"b\"; add [component.b]")]
    [InlineData("[[trigger.cron]]\nschedule = '0 0 30 2 *'\ncomponent = 'c'\n[component.c]\nsource = 'c'", "2:12: schedule: \"0 0 30 2 *\" never comes")]
    [InlineData("[[trigger.cron]]\nschedule = 'H * * * *'\ncomponent = 'c'\n[component.c]\nsource = 'c'", "2:12: schedule: \"H * * * *\" is no schedule")]
    [InlineData("[[trigger.cron]]\nschedule = '* * * * *'\ntime_zone = 'Mars/Base'\ncomponent = 'c'\n[component.c]\nsource = 'c'", "3:13: time_zone: there is no time zone")]
    [InlineData("[application]\nname = 'a'\n[trigger]\nhttp = []", "3:2: no [[trigger.http]] and no [[trigger.cron]]")]
    [InlineData("[trigger.websocket]\nroute = '/'", "1:10: websocket: not yet")]
    [InlineData("[component.c]\nsource = '/etc/passwd'", "2:10: source: \"/etc/passwd\" leaves the app's folder")]
    [InlineData("[component.c]\nsource = 'a/../../b'", "2:10: source: \"a/../../b\" leaves")]
    [InlineData("[component.C]\nsource = 'c'", "1:12: \"C\": a component's name")]
    [InlineData("[component.c]\nsource = 'c'\nexecutor = 'http'", "3:12: executor: not yet")]
    [InlineData("[component.c]\nsource = 'c'\ninstances.reuse = 0", "3:19: reuse: expected a whole number from 1")]
    [InlineData("[component.c]\nsource = 'c'\ninstances.snapshot = 1", "3:22: snapshot")]
    [InlineData("[component.c]\nsource = 'c'\nfiles = ['*.txt']", "3:10: files: not yet: patterns")]
    [InlineData("[component.c]\nsource = 'c'\nfiles = ['a', { source = 'b', guest = '/a' }]", "3:15: two directories for the path \"/a\"")]
    [InlineData("[component.c]\nsource = 'c'\nargs = ['{{ nam }}']", "3:9: there is no variable \"nam\" in [variables]")]
    [InlineData("[component.c]\nsource = 'c'\npermissions.env = ['=x']", "3:20: env: \"=x\": expected NAME or NAME=VALUE")]
    [InlineData("[component.c]\nsource = 'c'\npermissions.fs = [{ host = 'a', guest = 'b' }]", "3:41: guest: \"b\": a path that a component sees")]
    [InlineData("[component.c]\nsource = 'c'\npermissions.fs = [{ host = 'a', guest = '/b', access = 'readonly' }]", "3:56: access: \"readonly\" is not one of read-only, read-write; did you mean read-only?")]
    [InlineData("[component.c]\nsource = 'c'\nlimits.memory = '64Q'", "3:17: memory: \"64Q\" is no size")]
    [InlineData("[component.c]\nsource = 'c'\nlimits.wall = 1.5", "3:15: wall: expected a time such as \"50ms\", or a whole number from 1 to 3456000, not a float")]
    [InlineData("[component.c]\nsource = 'c'\nlimits.fuel = 5", "3:8: fuel: not yet")]
    [InlineData("[variables]\nx = { default = 'a', required = true }", "2:1: variable x: either a default or required = true")]
    [InlineData("[variables]\nx = { secret = true }", "2:1: variable x: either")]
    [InlineData("a = 1\na = 2", "2:1: The key `a` is already defined")]
    [InlineData("[application", "1:13: ")]
    public void SaysWhereAndWhat(string text, string fault)
    {
        var exception = Assert.Throws<ManifestException>(() => AppManifestReader.ReadText(text, "/apps"));

        Assert.Contains(exception.Faults, found => found.ToString().StartsWith("wisp.toml:" + fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/a/:x", "/a/:y")]
    [InlineData("/a/...", "/a/...")]
    public void TwoRoutesForTheSameRequestsClash(string first, string second)
    {
        string text = Component("source = 'c'") + $$"""

            [[trigger.http]]
            route = "{{first}}"
            methods = ["GET", "PUT"]
            response = {}
            [[trigger.http]]
            route = "{{second}}"
            methods = ["POST", "PUT"]
            response = {}
            """;

        var exception = Assert.Throws<ManifestException>(() => AppManifestReader.ReadText(text, "/apps"));
        AppManifest apart = AppManifestReader.ReadText(text.Replace("\"POST\", \"PUT\"", "\"POST\"", StringComparison.Ordinal), "/apps");

        Assert.Contains($"route \"{second}\" takes requests that \"{first}\" in line", exception.Message, StringComparison.Ordinal);
        Assert.Equal(3, apart.Http.Count);
    }

    [Fact]
    public void SaysAllFaultsAtOnceInTheOrderOfTheFile()
    {
        var exception = Assert.Throws<ManifestException>(() => AppManifestReader.ReadText(
            "[application]\nname = 1\n[[trigger.http]]\nroute = 'x'\n[component.c]\nsorce = 'c'", "/apps"));

        Assert.Equal([2, 4, 5, 6], exception.Faults.Select(fault => fault.Position.Line));
    }

    [Fact]
    public void EveryPrefixIsAManifestOrSaysWhyNot()
    {
        for (int length = 0; length < Good.Length; length++)
        {
            try
            {
                AppManifestReader.ReadText(Good[..length], "/apps");
            }
            catch (ManifestException)
            {
                // Most of them.
            }
        }
    }

    [Fact]
    public void EveryDamagedByteIsAManifestOrSaysWhyNot()
    {
        var random = new Random(7);
        for (int i = 0; i < 2000; i++)
        {
            char[] text = Good.ToCharArray();
            for (int j = 0; j < 3; j++)
            {
                text[random.Next(text.Length)] = (char)random.Next(128);
            }

            try
            {
                AppManifestReader.ReadText(new string(text), "/apps");
            }
            catch (ManifestException)
            {
            }
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a=")]
    public void DeepNestingIsRefused(string opening)
    {
        string text = "a = " + string.Concat(Enumerable.Repeat(opening, 100_000));

        Assert.Throws<ManifestException>(() => AppManifestReader.ReadText(text, "/apps"));
    }

    [Theory]
    [InlineData("[component.c{0}]\nsource = 'c'\n", 1000, "more than 1000 components")]
    [InlineData("[variables.v{0}]\ndefault = ''\n", 1000, "more than 1000 variables")]
    [InlineData("[[trigger.http]]\nroute = '/{0}'\nresponse = {{}}\n", 10_000, "more than 10000 routes")]
    [InlineData("[[trigger.cron]]\nschedule = '* * * * *'\ncomponent = 'c0'\n", 10_000, "more than 10000 schedules")]
    public void CountsAreBoundedBeforeTablesAreHeldAgainstEachOther(string lines, int most, string fault)
    {
        var good = new StringBuilder("[application]\nname = 'a'\n");
        good.Append(lines.Contains("[component", StringComparison.Ordinal) ? string.Empty : "[component.c0]\nsource = 'c'\n");
        good.Append(lines.Contains("[[trigger", StringComparison.Ordinal) ? string.Empty : "[[trigger.http]]\nroute = '/'\ncomponent = 'c0'\n");
        for (int i = 0; i < most; i++)
        {
            good.AppendFormat(System.Globalization.CultureInfo.InvariantCulture, lines, i);
        }

        // Nowhere is the component that the last trigger names: that is said when tables are held against each other.
        string bad = good + string.Format(System.Globalization.CultureInfo.InvariantCulture, lines, most)
            + "[[trigger.http]]\nroute = '/last'\ncomponent = 'nowhere'\n";

        Assert.Equal("a", AppManifestReader.ReadText(good.ToString(), "/apps").Name);
        var exception = Assert.Throws<ManifestException>(() => AppManifestReader.ReadText(bad, "/apps"));

        Assert.EndsWith(fault, Assert.Single(exception.Faults).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a{0}=1\n", "[application]\n")]
    [InlineData("A{0}=1\n", "[variables]\n")]
    [InlineData("[component.c.A{0}]\n", "")]
    [InlineData("[[trigger.http]]\nroute='/'\nmethods=['A{0}']\nresponse={{}}\n", "")]
    [InlineData("[[trigger.http]]\nroute='/a'\nmethod=['A{0}']\n", "")]
    public void LargestFileOfFaultsIsRefused(string lines, string head)
    {
        var text = new StringBuilder(head);
        for (int i = 0; text.Length < TomlDocument.MaxBytes - 200; i++)
        {
            text.AppendFormat(System.Globalization.CultureInfo.InvariantCulture, lines, i);
        }

        var exception = Assert.Throws<ManifestException>(() => AppManifestReader.ReadText(text.ToString(), "/apps"));

        Assert.InRange(exception.Faults.Count, 1, 50);
    }

    [Fact]
    public void HintsAreLookedForWhileFaultsAreFew()
    {
        // Faults of components are found before those of triggers.
        string text = "[application]\nname = 'a'\n[[trigger.http]]\nroute = '/'\ncomponent = 'carr'\n[component.cart]\nsource = 'c'\nargs = ["
            + string.Concat(Enumerable.Repeat("\n'{{ none }}',", 50)) + "]";

        string few = Assert.Throws<ManifestException>(() => AppManifestReader.ReadText(
            text.Replace("\n'{{ none }}',]", "]", StringComparison.Ordinal), "/apps")).Faults[0].ToString();
        string many = Assert.Throws<ManifestException>(() => AppManifestReader.ReadText(text, "/apps")).Faults[0].ToString();

        Assert.EndsWith("there is no component \"carr\"; did you mean cart?", few, StringComparison.Ordinal);
        Assert.EndsWith("there is no component \"carr\"; add [component.carr]", many, StringComparison.Ordinal);
    }

    [Fact]
    public void FileThatIsNoTextIsRefused()
    {
        string folder = Directory.CreateTempSubdirectory("wisp-manifest-").FullName;
        try
        {
            string path = Path.Combine(folder, "wisp.toml");
            File.WriteAllBytes(path, [0x61, 0xff, 0xfe]);
            Assert.Contains("UTF-8", Assert.Throws<IOException>(() => AppManifestReader.ReadFile(path)).Message, StringComparison.Ordinal);

            File.WriteAllText(path, new string('#', TomlDocument.MaxBytes + 1), Encoding.ASCII);
            Assert.Contains("larger", Assert.Throws<IOException>(() => AppManifestReader.ReadFile(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Component(string lines) => $"""
        [application]
        name = "app"
        [[trigger.http]]
        route = "/"
        component = "c"
        [component.c]
        {lines}
        """;
}
