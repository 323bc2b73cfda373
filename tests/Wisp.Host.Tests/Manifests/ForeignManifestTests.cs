using Wisp.Host.Manifests;

namespace Wisp.Host.Tests.Manifests;

public sealed class ForeignManifestTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wisp-foreign-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void SpinManifestIsReadAsFarAsItRuns()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "assets"));
        AppManifest app = Read("spin.toml", """
            spin_manifest_version = 2
            [application]
            name = "My Shop"
            version = "1.0.0"
            authors = ["someone"]
            [application.trigger.redis]
            address = "redis://localhost"
            [variables]
            key = { required = true, secret = true }
            mode = { default = "prod" }
            [[trigger.http]]
            route = "/cart/..."
            component = "cart"
            executor = { type = "wagi", argv = "${SCRIPT_NAME} ${ARGS}" }
            [[trigger.http]]
            route = "/inline/"
            component = { source = "inline.wasm" }
            [[trigger.http]]
            route = { private = true }
            component = "cart"
            [[trigger.redis]]
            channel = "orders"
            component = "cart"
            [component.cart]
            source = "cart.wasm"
            environment = { KEY = "{{ key }}", PLAIN = "x" }
            files = [{ source = "assets", destination = "/static" }, "assets/**/*", "*.txt"]
            allowed_outbound_hosts = ["https://api.example.com", "*://*:*", "{{ host }}"]
            key_value_stores = ["default"]
            ai_models = ["llama2-chat"]
            [component.cart.build]
            command = ["make a", "make b"]
            workdir = "src"
            watch = ["*.c"]
            """);

        Assert.Equal(("my-shop", "1.0.0"), (app.Name, app.Version));
        Assert.Equal([new("key", null, true, true), new VariableDeclaration("mode", "prod", false, false)], app.Variables);
        Assert.Equal(["/cart/... cart", "/inline http-2"], app.Http.Select(trigger => $"{trigger.Route.Text} {trigger.Component}"));
        ComponentManifest cart = app.Components.First(component => component.Name == "cart");
        Assert.Equal(Path.Combine(_folder, "cart.wasm"), cart.Source);
        Assert.Equal(("make a && make b", Path.Combine(_folder, "src")), (cart.BuildCommand, cart.BuildFolder));
        Assert.Equal(["src/*.c"], cart.Watch);
        Assert.Equal(
            [$"--dir {_folder}/assets::/static:ro", $"--dir {_folder}/assets::/assets:ro", "--env KEY={{ key }}", "--env PLAIN=x",
                "--net https://api.example.com", "--net *:*"],
            cart.Grant.ToFlags());
        string[] leftOut = ["trigger", "argv: nothing", "a private route", "trigger.redis", "\"*.txt\"", "\"{{ host }}\"", "key_value_stores", "ai_models"];
        Assert.All(leftOut, what => Assert.Contains(app.LeftOut, line => line.Contains($"left out: ", StringComparison.Ordinal) && line.Contains(what, StringComparison.Ordinal)));
        Assert.Equal(leftOut.Length, app.LeftOut.Count);
        Assert.All(app.LeftOut, line => Assert.StartsWith($"{_folder}/spin.toml:", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("spin_manifest_version = 1\n[application]\nname = 'a'", "1:25: only spin_manifest_version = 2")]
    [InlineData("spin_manifest_version = 2", "1:1: the key name must be there")]
    [InlineData("spin_manifest_version = 2\n[application]\nname = 'a'\n[component.c]\nsource = { url = 'https://x', digest = 'y' }", "5:10: component c: not yet: a source that must be fetched")]
    [InlineData("spin_manifest_version = 2\n[application]\nname = 'a'\n[[trigger.http]]\nroute = '/a'\ncomponent = 'cc'\n[component.c]\nsource = 'c'", "6:13: there is no component \"cc\"; did you mean c?")]
    [InlineData("spin_manifest_version = 2\n[application]\nname = 'a'\n[[trigger.http]]\nroute = 'a'\ncomponent = 'c'\n[component.c]\nsource = 'c'", "5:9: route: \"a\": a route starts with /")]
    [InlineData("spin_manifest_version = 2\n[application]\nname = 'a'\n[[trigger.http]]\nroute = '/a'\ncomponent = 'c'\n[[trigger.http]]\nroute = '/a/'\ncomponent = 'c'\n[component.c]\nsource = 'c'", "8:9: route \"/a/\" is that of line 5")]
    [InlineData("spin_manifest_version = 2\n[application]\nname = 'a'\n[component.c]\nsource = 'c'\nenvironment = { A = '{{ b }}' }", "6:21: there is no variable \"b\"")]
    public void SpinManifestThatCannotRunSaysWhere(string text, string fault)
    {
        var exception = Assert.Throws<ManifestException>(() => Read("spin.toml", text));

        Assert.Contains(exception.Faults, found => found.ToString().StartsWith($"{_folder}/spin.toml:{fault}", StringComparison.Ordinal));
    }

    [Fact]
    public void WagiManifestIsReadAsFarAsItRuns()
    {
        AppManifest app = Read("modules.toml", """
            bindle_server = "http://localhost"
            [[module]]
            route = "/"
            module = "hello.wasm"
            [[module]]
            route = "/files/..."
            module = "files.wasm"
            volumes = { "/data" = "data" }
            environment = { MODE = "x" }
            allowed_hosts = ["https://example.com/", "ftp://"]
            http_max_concurrency = 10
            """);

        Assert.Equal(["/ module-1", "/files/... module-2"], app.Http.Select(trigger => $"{trigger.Route.Text} {trigger.Component}"));
        Assert.Equal(Path.Combine(_folder, "hello.wasm"), app.Components[0].Source);
        Assert.Equal([$"--dir {_folder}/data::/data", "--env MODE=x", "--net https://example.com"], app.Components[1].Grant.ToFlags());
        Assert.Equal(3, app.LeftOut.Count);   // bindle_server, ftp://, http_max_concurrency
    }

    [Theory]
    [InlineData("[[module]]\nroute = '/'\nmodule = 'bindle:a/1.0'", "3:10: not yet: a module that must be fetched")]
    [InlineData("[[module]]\nroute = '/'\nmodule = 'a.wasm'\nentrypoint = 'main'", "4:14: not yet: the entry point")]
    [InlineData("[[module]]\nmodule = 'a.wasm'", "1:3: the key route must be there")]
    [InlineData("[module]\nroute = '/'", "1:2: module: expected [[module]]")]
    public void WagiManifestThatCannotRunSaysWhere(string text, string fault)
    {
        var exception = Assert.Throws<ManifestException>(() => Read("modules.toml", text));

        Assert.Contains(exception.Faults, found => found.ToString().StartsWith($"{_folder}/modules.toml:{fault}", StringComparison.Ordinal));
    }

    [Fact]
    public void EveryPrefixOfASpinManifestIsOneOrSaysWhyNot()
    {
        const string Text = "spin_manifest_version = 2\n[application]\nname = 'a'\n[[trigger.http]]\nroute = '/a/:b/...'\ncomponent = 'c'\n"
            + "[component.c]\nsource = 'c.wasm'\nfiles = ['x/**/*', { source = 'y', destination = '/y' }]\nenvironment = { A = 'b' }\nbuild.command = 'make'\n";
        for (int length = 0; length <= Text.Length; length++)
        {
            try
            {
                Read("spin.toml", Text[..length]);
            }
            catch (ManifestException)
            {
            }
        }
    }

    private AppManifest Read(string name, string text)
    {
        File.WriteAllText(Path.Combine(_folder, name), text);
        return AppSource.Read(_folder);
    }
}
