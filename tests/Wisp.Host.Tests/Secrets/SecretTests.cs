using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Wisp.Host.Secrets;
using Wisp.Host.State;

namespace Wisp.Host.Tests.Secrets;

public sealed class SecretTests : IDisposable
{
    private const string Value = "correct horse battery staple";

    private readonly TempFolder _temp = new();
    private readonly StateDatabase _database;

    public SecretTests() => _database = StateDatabase.Open(Path.Combine(_temp.Path, "wisp.db"));

    private string Key => Path.Combine(_temp.Path, "key");

    [Fact]
    public void OpensWhatItSealed() => Gen.String[0, 200].Sample(value =>
    {
        string text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value));   // lone surrogates are no text
        using SecretBox box = NewBox();
        Assert.Equal(text, box.Open("shop", "key", box.Seal("shop", "key", text)));
    }, iter: 200);

    [Fact]
    public void OpensForItsAppAndNameAlone()
    {
        using SecretBox box = NewBox();
        byte[] sealedValue = box.Seal("shop", "key", Value);

        Assert.Null(box.Open("shop", "key2", sealedValue));
        Assert.Null(box.Open("shop2", "key", sealedValue));
        Assert.Null(box.Open("sho", "pkey", sealedValue));
        using SecretBox other = NewBox();
        Assert.Null(other.Open("shop", "key", sealedValue));
    }

    [Fact]
    public void EveryBitAndEveryLengthCounts()
    {
        using SecretBox box = NewBox();
        byte[] sealedValue = box.Seal("shop", "key", Value);
        for (int bit = 0; bit < sealedValue.Length * 8; bit++)
        {
            byte[] changed = [.. sealedValue];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(box.Open("shop", "key", changed));
        }

        for (int length = 0; length < sealedValue.Length; length++)
        {
            Assert.Null(box.Open("shop", "key", sealedValue.AsSpan(0, length)));
        }
    }

    [Fact]
    public void SameValueIsSealedDifferentlyEachTime()
    {
        using SecretBox box = NewBox();
        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => Convert.ToHexString(box.Seal("a", "b", Value).AsSpan(1, 12))).Distinct().Count());
    }

    [Fact]
    public void NothingOnTheDiskHoldsTheValue()
    {
        using (SecretBox box = KeyRotation.Open(_database, Key))
        {
            var store = new SecretStore(_database, box);
            _database.Change(queries => store.Set(queries, "shop", "key", Value, DateTimeOffset.UnixEpoch));
            Assert.Equal(Value, store.Open("shop")["key"]);
        }

        string pattern = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Value));
        Assert.All(Directory.GetFiles(_temp.Path), path =>
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file, Encoding.Latin1);
            Assert.DoesNotContain(pattern, reader.ReadToEnd(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void KeyIsMadeForItsOwnerAndRefusedWhenOthersMayReadIt()
    {
        KeyRotation.Open(_database, Key).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));
        Assert.Equal(32, new FileInfo(Key).Length);

        File.SetUnixFileMode(Key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<StateException>(() => KeyRotation.Open(_database, Key)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FirstKeyIsWrittenBesideItsPlace()
    {
        // What a server left that died over its first key.
        File.WriteAllBytes(Key + ".unfinished", [1, 2, 3]);
        string data = Path.Combine(_temp.Path, "data");
        using var engine = new Engine();

        using (ServerState.Open(data, engine, Key))
        {
            Assert.Equal(SecretKey.Bytes, new FileInfo(Key).Length);
        }

        Assert.False(File.Exists(Key + ".unfinished"));
        Assert.False(File.Exists(Path.Combine(data, "key")));
    }

    [Fact]
    public void MissingKeyIsNotReplacedWhenSecretsNeedIt()
    {
        using (SecretBox box = KeyRotation.Open(_database, Key))
        {
            var store = new SecretStore(_database, box);
            _database.Change(queries => store.Set(queries, "shop", "key", Value, DateTimeOffset.UnixEpoch));
        }

        File.Delete(Key);

        Assert.Contains("missing", Assert.Throws<StateException>(() => KeyRotation.Open(_database, Key)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Key));
    }

    [Fact]
    public void SecretOfAnotherKeyIsNamedWithoutItsValue()
    {
        using (SecretBox box = NewBox())
        {
            var store = new SecretStore(_database, box);
            _database.Change(queries => store.Set(queries, "shop", "api_key", Value, DateTimeOffset.UnixEpoch));
        }

        using SecretBox other = NewBox();
        StateException failure = Assert.Throws<StateException>(() => new SecretStore(_database, other).Open("shop"));
        Assert.Contains("api_key", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Value, failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KeyOfAnotherServerIsRefused(bool hasNext)
    {
        using (SecretBox box = KeyRotation.Open(_database, Key))
        {
            Set(box, "key");
        }

        byte[] right = File.ReadAllBytes(Key);
        File.WriteAllBytes(Key, RandomNumberGenerator.GetBytes(SecretKey.Bytes));
        if (hasNext)
        {
            DurableFile.Write(Key + ".next", RandomNumberGenerator.GetBytes(SecretKey.Bytes), Key + ".unfinished");
        }

        StateException refused = Assert.Throws<StateException>(() => KeyRotation.Open(_database, Key));

        Assert.StartsWith($"{Key}: opens none of the secrets; it is another server's key", refused.Message, StringComparison.Ordinal);
        File.Delete(Key + ".next");
        File.WriteAllBytes(Key, right);
        using SecretBox again = KeyRotation.Open(_database, Key);
        Assert.Equal(Value, new SecretStore(_database, again).Open("shop")["key"]);
    }

    [Fact]
    public void DamagedSecretStopsTheNextKeyAndTheMessageSaysHowOut()
    {
        using (SecretBox box = KeyRotation.Open(_database, Key))
        {
            Set(box, "good");
            Set(box, "bad");
        }

        _database.Change(queries => queries.Execute("update secrets set sealed = $1 where name = 'bad'", new byte[40]));
        DurableFile.Write(Key + ".next", RandomNumberGenerator.GetBytes(SecretKey.Bytes), Key + ".unfinished");

        StateException refused = Assert.Throws<StateException>(() => KeyRotation.Open(_database, Key));

        Assert.Contains("secret bad of shop", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"take {Key}.next away and start", refused.Message, StringComparison.Ordinal);
        File.Move(Key + ".next", Key + ".later");
        using (SecretBox box = KeyRotation.Open(_database, Key))
        {
            Set(box, "bad");
        }

        File.Move(Key + ".later", Key + ".next");
        using SecretBox rotated = KeyRotation.Open(_database, Key);
        Assert.Equal(2, new SecretStore(_database, rotated).Open("shop").Count);
    }

    [Fact]
    public void SecretThatIsDamagedBehindTheChangeDoesNotHoldItUp()
    {
        byte[] next = RandomNumberGenerator.GetBytes(SecretKey.Bytes);
        using (SecretBox box = KeyRotation.Open(_database, Key))
        {
            Set(box, "good");
            Set(box, "bad");
            DurableFile.Write(Key + ".next", next, Key + ".unfinished");
            using var newBox = new SecretBox(next);
            new SecretStore(_database, box).Reseal(newBox);
        }

        _database.Change(queries => queries.Execute("update secrets set sealed = $1 where name = 'bad'", new byte[40]));

        KeyRotation.Open(_database, Key).Dispose();

        Assert.Equal(next, File.ReadAllBytes(Key));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NextKeyIsTakenAtTheStart(bool diedBeforeTheFileMoved)
    {
        using (SecretBox box = KeyRotation.Open(_database, Key))
        {
            var store = new SecretStore(_database, box);
            _database.Change(queries => store.Set(queries, "shop", "key", Value, DateTimeOffset.UnixEpoch));
            byte[] next = RandomNumberGenerator.GetBytes(SecretKey.Bytes);
            DurableFile.Write(Key + ".next", next, Key + ".unfinished");
            if (diedBeforeTheFileMoved)
            {
                using var newBox = new SecretBox(next);
                store.Reseal(newBox);
            }
        }

        byte[] old = File.ReadAllBytes(Key);
        using SecretBox rotated = KeyRotation.Open(_database, Key);

        Assert.Equal(Value, new SecretStore(_database, rotated).Open("shop")["key"]);
        Assert.False(File.Exists(Key + ".next"));
        Assert.NotEqual(old, File.ReadAllBytes(Key));
        using var oldBox = new SecretBox(old);
        Assert.Throws<StateException>(() => new SecretStore(_database, oldBox).Open("shop"));
    }

    public void Dispose()
    {
        _database.Dispose();
        _temp.Dispose();
    }

    private void Set(SecretBox box, string name) => _database.Change(queries =>
        new SecretStore(_database, box).Set(queries, "shop", name, Value, DateTimeOffset.UnixEpoch));

    private static SecretBox NewBox() => new(RandomNumberGenerator.GetBytes(SecretKey.Bytes));
}
