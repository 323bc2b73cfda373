using System.CommandLine;
using Wisp.Host;

namespace Wisp.Cli.Commands;

/// <summary>The flags of commands that listen, for TLS.</summary>
internal sealed class TlsFlags
{
    private readonly Option<string?> _certificate = new("--tls-cert")
    {
        Description = "PEM file with the certificate, then those that lead from it to a known one: answer by TLS. Read again when it changes.",
        HelpName = "file",
    };

    private readonly Option<string?> _key = new("--tls-key")
    {
        Description = "PEM file with the certificate's private key. Default: the file of the certificate.",
        HelpName = "file",
    };

    public void AddTo(Command command)
    {
        command.Add(_certificate);
        command.Add(_key);
    }

    /// <summary>The files, or null without TLS.</summary>
    public TlsFiles? Read(ParseResult parsed) => (parsed.GetValue(_certificate), parsed.GetValue(_key)) switch
    {
        (string certificate, var key) => new TlsFiles(certificate, key ?? certificate),
        (null, not null) => throw CommandException.Usage("--tls-key needs --tls-cert"),
        _ => null,
    };
}
