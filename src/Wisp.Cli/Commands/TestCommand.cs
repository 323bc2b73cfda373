using System.CommandLine;
using Wisp.Cli.Apps;
using Wisp.Cli.Output;
using Wisp.Host.Manifests;
using Wisp.Host.Requests;
using Wisp.Host.Testing;
using Wisp.Permissions;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp test</c>: requests to an app and what their answers must be.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var app = new AppArguments();
        var showLog = new Option<bool>("--log") { Description = "Print the app's log to standard error." };
        var format = new OutputOption(hasTables: false);
        var command = new CommandWithExamples(
            "test",
            "Ask an app what the cases in its folder's tests/*.toml ask: a line for each, and 1 at the end when one failed.",
            """
            wisp test
            wisp test samples/shop --log
            """)
        {
            showLog,
        };
        app.AddTo(command);
        format.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            TextWriter log = parsed.GetValue(showLog) ? parsed.InvocationConfiguration.Error : TextWriter.Null;
            using AppSession session = app.Open(parsed, log);
            return await RunAsync(session, format.IsJson(parsed), parsed.InvocationConfiguration.Output, stop).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(AppSession session, bool isJson, TextWriter output, CancellationToken stop)
    {
        AppManifest manifest = session.ReadManifest();
        IReadOnlyList<TestCase> cases = ReadCases(manifest.Folder);
        var results = new List<TestMessage>();
        AppClient client = await AppClient.StartAsync(session.Load(manifest), session.Log, stop).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            foreach (TestCase test in cases)
            {
                var result = new TestMessage(
                    test.Name, Path.GetRelativePath(manifest.Folder, test.Place), await FaultsAsync(client, test, stop).ConfigureAwait(false));
                results.Add(result);
                if (!isJson)
                {
                    await ShowAsync(result, output).ConfigureAwait(false);
                }
            }
        }

        int failed = results.Count(result => result.Faults.Count > 0);
        var all = new TestsMessage(results.Count - failed, failed, results);
        await output.WriteLineAsync(
            isJson ? OutputOption.ToJson(all, CommandJson.Default.TestsMessage) : $"{all.Passed} passed, {all.Failed} failed").ConfigureAwait(false);
        return failed == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static async Task ShowAsync(TestMessage result, TextWriter output)
    {
        await output.WriteLineAsync(
            $"{(result.Faults.Count == 0 ? "ok    " : "FAILED")} {GuestText.Escape(result.Name)} ({result.Place})").ConfigureAwait(false);
        foreach (string fault in result.Faults)
        {
            await output.WriteLineAsync($"       {fault}").ConfigureAwait(false);
        }
    }

    private static async Task<string[]> FaultsAsync(AppClient client, TestCase test, CancellationToken stop)
    {
        try
        {
            return [.. test.FaultsOf(await client.SendAsync(test.Request, stop).ConfigureAwait(false))];
        }
        catch (HttpRequestException exception)
        {
            return [$"the answer was cut off: {exception.Message}"];
        }
    }

    private static List<TestCase> ReadCases(string folder)
    {
        string tests = Path.Combine(folder, TestFile.Folder);
        string[] files = Directory.Exists(tests) ? Directory.GetFiles(tests, "*.toml") : [];
        if (files.Length == 0)
        {
            throw CommandException.Failed($"{tests}: no test files (*.toml) there");
        }

        // All that is wrong with all files, not with the first one alone.
        var cases = new List<TestCase>();
        var faults = new List<ManifestFault>();
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            try
            {
                cases.AddRange(TestFile.Read(file));
            }
            catch (ManifestException exception)
            {
                faults.AddRange(exception.Faults);
            }
        }

        return faults.Count == 0 ? cases : throw new ManifestException(faults);
    }
}
