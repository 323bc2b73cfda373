using System.Security.Cryptography.X509Certificates;
using Wisp.Host.Tls;

namespace Wisp.Host.Tests.Tls;

public sealed class TlsCertificateTests
{
    private readonly List<string> _said = [];

    [Fact]
    public void ChangedFilesAreTakenUp()
    {
        using var files = new CertificateFiles();
        TlsCertificate certificate = Open(files);
        string first = ThumbprintOf(certificate);
        Assert.Equal(files.Thumbprint, first);

        files.Renew();

        Assert.Equal(files.Thumbprint, ThumbprintOf(certificate));
        Assert.NotEqual(first, files.Thumbprint);
        Assert.Equal($"took up the new certificate in {files.Files.Certificate}", Assert.Single(_said));
    }

    [Theory]
    [InlineData("nonsense", "nonsense")]
    [InlineData("", "")]
    [InlineData(null, "nonsense")]
    [InlineData(null, "other")]
    [InlineData("truncated", null)]
    public void BadFilesKeepTheCertificateBeforeAndAreSaidOnce(string? certificateText, string? keyText)
    {
        using var files = new CertificateFiles();
        using var others = new CertificateFiles();
        TlsCertificate certificate = Open(files);
        string certificateBefore = File.ReadAllText(files.Files.Certificate);
        string keyBefore = File.ReadAllText(files.Files.Key);

        files.Write(
            certificateText == "truncated" ? certificateBefore[..^60] : certificateText ?? certificateBefore,
            keyText == "other" ? File.ReadAllText(others.Files.Key) : keyText ?? keyBefore);

        Assert.Equal(files.Thumbprint, ThumbprintOf(certificate));
        Assert.Equal(files.Thumbprint, ThumbprintOf(certificate));
        string said = Assert.Single(_said);
        Assert.StartsWith($"the certificate in {files.Files.Certificate} with the key in {files.Files.Key} cannot be used: ", said, StringComparison.Ordinal);
        Assert.EndsWith("; the certificate before stays", said, StringComparison.Ordinal);

        files.Renew();
        Assert.Equal(files.Thumbprint, ThumbprintOf(certificate));
    }

    [Fact]
    public void MissingFilesKeepItTooAndAreAnErrorAtTheStart()
    {
        using var files = new CertificateFiles();
        TlsCertificate certificate = Open(files);
        File.Delete(files.Files.Key);

        Assert.Equal(files.Thumbprint, ThumbprintOf(certificate));
        Assert.Single(_said);
        Assert.Contains(" cannot be used: ", Assert.Throws<IOException>(() => Open(files)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneFileMayHoldCertificateChainAndKey()
    {
        using var files = new CertificateFiles();
        using var issuer = new CertificateFiles();
        string all = string.Concat(
            File.ReadAllText(files.Files.Certificate), "\n", File.ReadAllText(issuer.Files.Certificate), "\n", File.ReadAllText(files.Files.Key));
        File.WriteAllText(files.Files.Certificate, all);

        var certificate = new TlsCertificate(new TlsFiles(files.Files.Certificate, files.Files.Certificate), _said.Add);

        Assert.Equal(files.Thumbprint, ThumbprintOf(certificate));
    }

    private TlsCertificate Open(CertificateFiles files) => new(files.Files, _said.Add, interval: TimeSpan.Zero);

    private static string ThumbprintOf(TlsCertificate certificate)
    {
        X509Certificate2 leaf = certificate.Current.TargetCertificate;
        Assert.True(leaf.HasPrivateKey);
        return leaf.Thumbprint;
    }
}
