using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wisp.Host.Tests.Tls;

/// <summary>A certificate and its key in files, made for a test.</summary>
internal sealed class CertificateFiles : IDisposable
{
    public const string Subject = "CN=wisp test";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wisp-tls-");

    public CertificateFiles() => Renew();

    public TlsFiles Files => new(Path.Combine(_folder.FullName, "cert.pem"), Path.Combine(_folder.FullName, "key.pem"));

    /// <summary>What the files hold now.</summary>
    public string Thumbprint { get; private set; } = string.Empty;

    /// <summary>Puts a new certificate into the files.</summary>
    public void Renew()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Write(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        Thumbprint = certificate.Thumbprint;
    }

    public void Write(string certificate, string key)
    {
        File.WriteAllText(Files.Key, key);
        File.WriteAllText(Files.Certificate, certificate);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
