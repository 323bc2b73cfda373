using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;
using Wisp.Host.Bundles;
using Wisp.Permissions;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp deploy</c>: sends an app to a server, where it becomes a new version.</summary>
internal static class DeployCommand
{
    public static Command Create()
    {
        var app = new Argument<string>("app")
        {
            Description = "A folder with wisp.toml, or a .wasm file. Default: this folder.",
            DefaultValueFactory = _ => ".",
        };
        var canary = new Option<string?>("--canary")
        {
            Description = "Send only this share of the requests to the new version; wisp traffic changes it.",
            HelpName = "percent",
        };
        var accept = new Option<bool>("--accept-permissions")
        {
            Description = "Accept what it asks for beyond what was accepted before. Without it, a person is asked and a program gets exit code 3.",
        };
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "deploy",
            "Send an app to a server. It is checked, compiled and tried there; only then it answers. If anything fails, the version before goes on.",
            """
            wisp deploy
            wisp deploy samples/shop --canary 10%
            wisp deploy --server prod --accept-permissions
            """)
        {
            app, canary, accept,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            int? share = parsed.GetValue(canary) is string text ? ReadPercent(text) : null;
            AppBundle bundle = AppBundle.Of(parsed.GetRequiredValue(app));
            foreach (string line in bundle.App.LeftOut)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"wisp: {FailureReport.OneLine(line)}").ConfigureAwait(false);
            }

            using AdminClient client = server.Open(parsed);
            using FileStream packed = Pack(bundle);
            var upload = new Upload(client, bundle.App.Name, packed, share);
            OutputFormat format = server.Output.Of(parsed);
            DeployResult result = await SendAsync(upload, parsed.GetValue(accept), format, parsed.InvocationConfiguration, stop).ConfigureAwait(false);
            server.Output.Write(parsed, result, AdminJson.Reading.DeployResult, Show);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task<DeployResult> SendAsync(
        Upload upload, bool accepts, OutputFormat format, InvocationConfiguration streams, CancellationToken stop)
    {
        using IDeployProgress progress = DeployProgress.Open(format, streams.Error);
        try
        {
            return await upload.SendAsync(accepts, progress, stop).ConfigureAwait(false);
        }
        catch (RemoteException refused) when (refused.Error is { Code: RemoteException.PermissionsNotAccepted, Permissions: PermissionsMessage difference })
        {
            progress.Dispose();
            if (format == OutputFormat.Json)
            {
                throw;
            }

            PermissionPatch.Write(upload.App, difference, streams.Error);
            if (!Terminal.CanAsk || !Terminal.Asks("accept?"))
            {
                throw CommandException.NotAccepted("not deployed: the permissions are not accepted; --accept-permissions accepts them");
            }
        }

        using IDeployProgress second = DeployProgress.Open(format, streams.Error);
        return await upload.SendAsync(acceptsPermissions: true, second, stop).ConfigureAwait(false);
    }

    /// <summary>The bundle in a file that is gone with its handle: its digest goes in front of it.</summary>
    private static FileStream Pack(AppBundle bundle)
    {
        var file = new FileStream(Path.Combine(Path.GetTempPath(), $"wisp-{Guid.NewGuid():n}.tar.gz"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        try
        {
            bundle.Write(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static int ReadPercent(string text) =>
        int.TryParse(text.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out int percent) && percent is > 0 and < 100
            ? percent
            : throw CommandException.Usage($"--canary {GuestText.Quote(text)}: expected a share from 1% to 99%");

    private static Listing Show(DeployResult result) => Listing.OfPairs(
    [
        ("deployed", $"{result.App} v{result.Version}"),
        ("traffic", RemoteText.Of(result.Traffic)),
        .. result.Urls.Select(url => ("at", url)),
    ]);

    /// <summary>A bundle on its way.</summary>
    private sealed class Upload(AdminClient client, string app, FileStream packed, int? canary)
    {
        public string App => app;

        public async Task<DeployResult> SendAsync(bool acceptsPermissions, IDeployProgress progress, CancellationToken stop)
        {
            packed.Position = 0;
            byte[] digest = await SHA256.HashDataAsync(packed, stop).ConfigureAwait(false);
            packed.Position = 0;
            var counted = new CountedStream(packed, done => progress.Sent(done, packed.Length));
            string query = $"?accept-permissions={(acceptsPermissions ? "true" : "false")}" + (canary is int share ? $"&canary={share}" : "");
            DeployResult result = await client.DeployAsync(
                $"{AdminEndpoints.Root}/apps/{app}/versions{query}", counted, digest, progress.Step, stop).ConfigureAwait(false);
            progress.Finished();
            return result;
        }
    }
}
