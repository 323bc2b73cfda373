using System.CommandLine;
using System.Text;
using System.Text.Unicode;
using Wisp.Cli.Apps;
using Wisp.Cli.Output;
using Wisp.Host.Manifests;
using Wisp.Host.Requests;
using Wisp.Permissions;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp invoke</c>: one request to an app, without a server.</summary>
internal static class InvokeCommand
{
    private const int FirstError = 400;

    /// <summary>What of the answer is printed.</summary>
    private enum AnswerForm
    {
        Body,
        Whole,
        Json,
    }

    public static Command Create()
    {
        var app = new AppArguments(isAppRequired: true);
        var request = new Argument<string[]>("request")
        {
            Description = "[METHOD] PATH: what is asked for, such as /items/7 or POST /cart.",
            Arity = new ArgumentArity(1, 2),
        };
        var header = new Option<string[]>("--header", "-H")
        {
            Description = "A header of the request.",
            HelpName = "Name: value",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        var data = new Option<string?>("--data", "-d")
        {
            Description = "The body: a text, @FILE, or @- for standard input. The method is POST then, unless it is named.",
            HelpName = "body",
        };
        var include = new Option<bool>("--include", "-i") { Description = "Print the status and the headers as well." };
        var format = new OutputOption(hasTables: false);
        var command = new CommandWithExamples(
            "invoke",
            "Ask an app once, without a server: the answer's body on standard output, the log on standard error. Ends with 1 from status 400 on.",
            """
            wisp invoke samples/shop /items/7
            wisp invoke samples/shop POST /cart -d 'apples' -i
            wisp invoke app.wasm '/path?q=1' -H 'Accept: text/plain'
            """)
        {
            header, data, include,
        };
        app.AddTo(command);
        format.AddTo(command);
        command.Add(request);
        command.SetAction(async (parsed, stop) =>
        {
            AppRequest asked = ReadRequest(
                parsed.GetRequiredValue(request), parsed.GetValue(header) ?? [], parsed.GetValue(data));
            using AppSession session = app.Open(parsed, parsed.InvocationConfiguration.Error);
            AnswerForm form = format.IsJson(parsed) ? AnswerForm.Json : parsed.GetValue(include) ? AnswerForm.Whole : AnswerForm.Body;
            return await InvokeAsync(session, asked, form, stop).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> InvokeAsync(AppSession session, AppRequest request, AnswerForm form, CancellationToken stop)
    {
        AppClient client = await AppClient.StartAsync(session.Load(session.ReadManifest()), session.Log, stop).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            AppAnswer answer;
            try
            {
                answer = await client.SendAsync(request, stop).ConfigureAwait(false);
            }
            catch (HttpRequestException exception)
            {
                throw CommandException.Failed($"the answer was cut off; the log says why: {exception.Message}");
            }

            if (form == AnswerForm.Json)
            {
                Console.Out.WriteLine(OutputOption.ToJson(MessageOf(answer), CommandJson.Default.AnswerMessage));
                return CodeOf(answer);
            }

            // Bytes as they are, not text of this process.
            using Stream output = Console.OpenStandardOutput();
            if (form == AnswerForm.Whole)
            {
                string head = $"HTTP/1.1 {answer.Status} {answer.Reason}\n"
                    + string.Concat(answer.Headers.Select(field => $"{field.Key}: {field.Value}\n")) + "\n";
                await output.WriteAsync(Encoding.Latin1.GetBytes(head), stop).ConfigureAwait(false);
            }

            await output.WriteAsync(answer.Body, stop).ConfigureAwait(false);
            return CodeOf(answer);
        }
    }

    private static int CodeOf(AppAnswer answer) => answer.Status < FirstError ? ExitCode.Success : ExitCode.Failure;

    private static AnswerMessage MessageOf(AppAnswer answer)
    {
        bool isText = Utf8.IsValid(answer.Body);
        return new AnswerMessage(
            answer.Status, answer.Reason, [.. answer.Headers.Select(field => new HeaderMessage(field.Key, field.Value))],
            isText ? Encoding.UTF8.GetString(answer.Body) : null, isText ? null : Convert.ToBase64String(answer.Body));
    }

    private static AppRequest ReadRequest(string[] words, string[] headers, string? data)
    {
        string method = words.Length == 2 ? words[0] : data is null ? "GET" : "POST";
        string target = words[^1];
        if ((TextTypes.Method.Check!(method) ?? TextTypes.Target.Check!(target)) is string fault)
        {
            throw CommandException.Usage(fault);
        }

        return new AppRequest(method, target, [.. headers.Select(ReadHeader)], data is null ? default : ReadBody(data));
    }

    private static KeyValuePair<string, string> ReadHeader(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        string value = colon < 0 ? string.Empty : text[(colon + 1)..].Trim();
        return colon > 0 && TextTypes.HeaderName.Check!(name) is null && TextTypes.HeaderValue.Check!(value) is null
            ? new(name, value)
            : throw CommandException.Usage($"-H {GuestText.Quote(text)}: expected \"Name: value\"");
    }

    private static byte[] ReadBody(string data)
    {
        if (data == "@-")
        {
            using Stream input = Console.OpenStandardInput();
            using var body = new MemoryStream();
            input.CopyTo(body);
            return body.ToArray();
        }

        return data.StartsWith('@') ? File.ReadAllBytes(data[1..]) : Encoding.UTF8.GetBytes(data);
    }
}
