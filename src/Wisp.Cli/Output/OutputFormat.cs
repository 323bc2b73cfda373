using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wisp.Cli.Output;

/// <summary>How a command shows what it found.</summary>
internal enum OutputFormat
{
    /// <summary>Columns with spaces between them.</summary>
    Plain,

    /// <summary>For people: frames and colors.</summary>
    Table,

    /// <summary>For programs.</summary>
    Json,
}

/// <summary>The option <c>--format</c>, and what becomes of a result by it.</summary>
internal sealed class OutputOption
{
    private const string Name = "--format";

    private readonly Option<string?> _format;
    private readonly bool _hasTables;

    /// <summary>Makes the option of one command.</summary>
    /// <param name="hasTables">Whether people see tables; else they see the same lines as everybody.</param>
    public OutputOption(bool hasTables = true)
    {
        _hasTables = hasTables;
        _format = new(Name)
        {
            Description = hasTables ? "json, plain or table. Default: table on a terminal, else plain." : "json or plain. Default: plain.",
            HelpName = "format",
        };
        _format.AcceptOnlyFromAmong(hasTables ? ["json", "plain", "table"] : ["json", "plain"]);
    }

    public void AddTo(Command command) => command.Add(_format);

    /// <summary>Whether a command line says so, whatever the command.</summary>
    public static bool IsJsonWanted(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.OfType<Option<string?>>().FirstOrDefault(option => option.Name == Name) is Option<string?> format
        && parsed.GetValue(format) == "json";

    public bool IsJson(ParseResult parsed) => Of(parsed) == OutputFormat.Json;

    public OutputFormat Of(ParseResult parsed) => parsed.GetValue(_format) switch
    {
        "json" => OutputFormat.Json,
        "plain" => OutputFormat.Plain,
        "table" => OutputFormat.Table,
        _ => _hasTables && Terminal.IsOutputSeen ? OutputFormat.Table : OutputFormat.Plain,
    };

    /// <summary>Writes a result as it was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="result">The result.</param>
    /// <param name="type">How it becomes JSON.</param>
    /// <param name="show">What people see of it.</param>
    public void Write<T>(ParseResult parsed, T result, JsonTypeInfo<T> type, Func<T, Listing> show)
    {
        TextWriter output = parsed.InvocationConfiguration.Output;
        switch (Of(parsed))
        {
            case OutputFormat.Json:
                output.WriteLine(ToJson(result, type));
                break;
            case OutputFormat.Table:
                TableWriter.Write(show(result), output);
                break;
            default:
                show(result).WritePlain(output);
                break;
        }
    }

    /// <summary>JSON on one line.</summary>
    public static string ToJson<T>(T value, JsonTypeInfo<T> type)
    {
        // What is safe inside of HTML need not be in a terminal, and <, > and & are easier to read as they are.
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
