using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Tls;

// 1. The files are looked at by handshakes, at most once in an interval, and compared by their contents: links that are turned to other
//    files (as certbot and Kubernetes do) are changes like any other.
// 2. Files that cannot be used are said once for each change, and the certificate before stays. So do connections that were made with it.

/// <summary>A listener's certificate, read again when its files change. Thread safe.</summary>
internal sealed class TlsCertificate
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    private readonly TlsFiles _files;
    private readonly Action<string> _report;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _interval;
    private readonly Lock _lock = new();
    private Contents _seen;
    private string? _fault;   // said last
    private long _looked;
    private volatile SslStreamCertificateContext _current;

    /// <summary>Reads a certificate.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="report">Told of changes, a line each.</param>
    /// <param name="clock">Tells when to look again; null for the machine's.</param>
    /// <param name="interval">How long not to look again; null for a second.</param>
    /// <exception cref="IOException">It cannot be used; the message says why.</exception>
    public TlsCertificate(TlsFiles files, Action<string> report, TimeProvider? clock = null, TimeSpan? interval = null)
    {
        _files = files;
        _report = report;
        _clock = clock ?? TimeProvider.System;
        _interval = interval ?? DefaultInterval;
        _looked = _clock.GetTimestamp();
        try
        {
            _seen = Read();
            _current = Load(_seen);
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw new IOException(Describe(exception), exception);
        }
    }

    /// <summary>Reads a certificate, if there is to be one; its changes go to the log.</summary>
    /// <exception cref="IOException">It cannot be used; the message says why.</exception>
    public static TlsCertificate? Of(TlsFiles? files, IInvocationSink log) =>
        files is null ? null : new TlsCertificate(files, text => log.Event(InvocationOrigin.None, text));

    /// <summary>The certificate for a handshake that begins now.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            if (_clock.GetElapsedTime(Volatile.Read(ref _looked)) >= _interval)
            {
                LookAgain();
            }

            return _current;
        }
    }

    private void LookAgain()
    {
        if (!_lock.TryEnter())
        {
            return;   // another handshake does
        }

        try
        {
            Volatile.Write(ref _looked, _clock.GetTimestamp());
            Contents now = Read();
            if (now.Equals(_seen))
            {
                return;
            }

            _seen = now;
            _current = Load(now);
            _fault = null;
            _report($"took up the new certificate in {_files.Certificate}");
        }
        catch (Exception exception) when (IsFault(exception))
        {
            if (_fault != exception.Message)
            {
                _fault = exception.Message;
                _report($"{Describe(exception)}; the certificate before stays");
            }
        }
        finally
        {
            _lock.Exit();
        }
    }

    private Contents Read() => new(File.ReadAllText(_files.Certificate), File.ReadAllText(_files.Key));

    private static SslStreamCertificateContext Load(Contents contents)
    {
        var leaf = X509Certificate2.CreateFromPem(contents.Certificate, contents.Key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(contents.Certificate);
        chain.RemoveAt(0);

        // Offline: what the file does not hold is not fetched from wherever the certificate says.
        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    private static bool IsFault(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private string Describe(Exception exception)
    {
        var text = new StringBuilder("the certificate in ").Append(_files.Certificate);
        text.Append(_files.Key == _files.Certificate ? string.Empty : $" with the key in {_files.Key}");
        return text.Append(" cannot be used: ").Append(exception.Message.ReplaceLineEndings(" ")).ToString();
    }

    private readonly record struct Contents(string Certificate, string Key);
}
