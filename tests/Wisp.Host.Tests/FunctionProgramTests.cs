using System.Net;
using Wisp.Permissions;
using Wisp.Wasm.Text;

namespace Wisp.Host.Tests;

public sealed class FunctionProgramTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReactorIsInitializedOnceInEachInstanceAndThenAsked()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.CountingReactor);

        Assert.Equal("11", await server.Client.GetStringAsync("/", Stop));
        Assert.Equal("11", await server.Client.GetStringAsync("/", Stop));   // another instance
    }

    [Fact]
    public async Task ReactorNeedsNoInitializer()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Reactor(
            "(func (export \"handle\") (call $write (i32.const 1) (i32.const 1024) (i32.const {length})))",
            "Content-Type: text/plain\r\n\r\nready"));

        Assert.Equal("ready", await server.Client.GetStringAsync("/", Stop));
    }

    [Fact]
    public async Task TrapOfTheInitializerIsTheRequestsTrap()
    {
        await using RunningServer server = await RunningServer.StartAsync(Programs.Reactor(
            """(func (export "_initialize") unreachable) (func (export "handle"))""", "x"));

        HttpResponseMessage response = await server.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("unreachable", await server.LogAsync(" 500 "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WallTimeHoldsForTheInitializerToo()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            Programs.Reactor("""(func (export "_initialize") (loop $again (br $again))) (func (export "handle"))""", "x"),
            options => options.WallTime = TimeSpan.FromMilliseconds(50));

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await server.Client.GetAsync("/", Stop)).StatusCode);
    }

    [Theory]
    [InlineData("", "exports no function _start and no function handle")]
    [InlineData("""(memory (export "handle") 1)""", "exports no function _start and no function handle")]
    [InlineData("""(func (export "_initialize"))""", "exports no function _start and no function handle")]
    [InlineData("""(func (export "handle") (param i32))""", "exports handle as a function of type [i32] -> []; it must take and return nothing")]
    [InlineData("""(func (export "_start") (result i32) (i32.const 0))""", "exports _start as a function of type [] -> [i32]")]
    [InlineData("""(func (export "handle")) (func (export "_initialize") (param i64))""", "exports _initialize as a function of type [i64] -> []")]
    public void ModuleThatIsNeitherFormIsRefused(string fields, string expected)
    {
        using Module module = Module.Compile(RunningServer.Engine, WatParser.ParseModule($"(module {fields})"));

        LinkException exception = Assert.Throws<LinkException>(
            () => new FunctionProgram(module, new PermissionGate(Grant.None, "test"), ["app.wasm"]));

        Assert.Contains("app.wasm " + expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ModuleWithStartIsACommandWhateverElseItExports()
    {
        using Module module = Module.Compile(RunningServer.Engine, WatParser.ParseModule(
            """(module (func (export "_start")) (func (export "handle")) (func (export "_initialize") unreachable))"""));

        Assert.False(new FunctionProgram(module, new PermissionGate(Grant.None, "test"), ["app.wasm"]).IsReusable);
    }
}
