using System.Security.Cryptography;
using System.Text;

namespace Wisp.Host.Secrets;

/// <summary>Encrypts the values of secrets. Thread safe.</summary>
/// <remarks>
/// <code>
/// sealed = version:u8 = 1, nonce:12, tag:16, ciphertext        AES-256-GCM
/// </code>
/// App and name are authenticated with it, so that a row which was moved to another app or name does not open. The nonce is random for
/// each write: with fewer than 2^32 of them two are the same with a chance of less than 2^-32 (NIST SP 800-38D, 8.3).
/// </remarks>
internal sealed class SecretBox : IDisposable
{
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + NonceBytes + TagBytes;

    private readonly AesGcm _cipher;

    public SecretBox(ReadOnlySpan<byte> key) => _cipher = new AesGcm(key, TagBytes);

    public byte[] Seal(string app, string name, string value)
    {
        byte[] plain = Encoding.UTF8.GetBytes(value);
        byte[] box = new byte[HeaderBytes + plain.Length];
        box[0] = Version;
        Span<byte> nonce = box.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        lock (_cipher)
        {
            _cipher.Encrypt(nonce, plain, box.AsSpan(HeaderBytes), box.AsSpan(1 + NonceBytes, TagBytes), Associated(app, name));
        }

        CryptographicOperations.ZeroMemory(plain);
        return box;
    }

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    /// <returns>The value, or null when it was sealed with another key, for another app or name, or was changed since.</returns>
    public string? Open(string app, string name, ReadOnlySpan<byte> box)
    {
        if (box.Length < HeaderBytes || box[0] != Version)
        {
            return null;
        }

        byte[] plain = new byte[box.Length - HeaderBytes];
        try
        {
            lock (_cipher)
            {
                _cipher.Decrypt(box.Slice(1, NonceBytes), box[HeaderBytes..], box.Slice(1 + NonceBytes, TagBytes), plain, Associated(app, name));
            }

            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    public void Dispose() => _cipher.Dispose();

    /// <summary>Neither holds a zero byte, so no two pairs give the same bytes.</summary>
    private static byte[] Associated(string app, string name) => Encoding.UTF8.GetBytes($"wisp secret\0{app}\0{name}");
}
