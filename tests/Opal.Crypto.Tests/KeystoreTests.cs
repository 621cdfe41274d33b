using System.Text;
using System.Text.Json;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Crypto.Tests;

public class KeystoreTests
{
    [VectorFact]
    public void Official_files_open()
    {
        byte[] json = Vectors.ReadArchive("crypto/ethereum-tests-keystoretests.tar.gz").Single().Data;
        int count = 0;
        foreach (JsonProperty test in JsonDocument.Parse(json).RootElement.EnumerateObject())
        {
            byte[] file = Encoding.UTF8.GetBytes(test.Value.GetProperty("json").GetRawText());
            Assert.True(Keystore.TryDecrypt(file, test.Value.GetProperty("password").GetString()!, out byte[] key, out string error), error);
            Assert.Equal("0x" + test.Value.GetProperty("priv").GetString(), Hex.Encode(key));
            Assert.False(Keystore.TryDecrypt(file, "wrong", out _, out error));
            Assert.Contains("password", error, StringComparison.Ordinal);
            count++;
        }

        Assert.Equal(5, count);
    }

    [Fact]
    public void What_was_encrypted_opens_again()
    {
        byte[] key = Secp256k1.GeneratePrivateKey();
        byte[] file = Keystore.Encrypt(key, "päss", light: true);
        Assert.True(Keystore.TryDecrypt(file, "päss", out byte[] again, out _));
        Assert.Equal(key, again);
        Assert.Contains(Hex.Encode(Secp256k1.PrivateKeyToAddress(key).ToArray())[2..], Encoding.UTF8.GetString(file), StringComparison.Ordinal);
    }

    [Theory] // RFC 7914, section 12
    [InlineData("", "", 16, 1, 1, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")]
    [InlineData("password", "NaCl", 1024, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")]
    public void Scrypt_is_that_of_its_rfc(string password, string salt, int n, int r, int p, string expected) =>
        Assert.Equal("0x" + expected, Hex.Encode(Scrypt.Derive(Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), n, r, p, 64)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":3}""")]
    [InlineData("""{"version":3,"crypto":{"cipher":"aes-256-gcm"}}""")]
    [InlineData("""{"version":3,"crypto":{"cipher":"aes-128-ctr","ciphertext":"zz"}}""")]
    [InlineData("""{"version":3,"crypto":{"cipher":"aes-128-ctr","ciphertext":"00","cipherparams":{"iv":"00000000000000000000000000000000"},"mac":"00","kdf":"scrypt","kdfparams":{"dklen":32,"n":1073741824,"r":8,"p":1,"salt":"00"}}}""")]
    [InlineData("""{"version":3,"crypto":{"cipher":"aes-128-ctr","ciphertext":"00","cipherparams":{"iv":"00000000000000000000000000000000"},"mac":"00","kdf":"pbkdf2","kdfparams":{"dklen":32,"c":2000000000,"prf":"hmac-sha256","salt":"00"}}}""")]
    public void A_file_that_is_none_is_an_error_in_words(string json)
    {
        Assert.False(Keystore.TryDecrypt(Encoding.UTF8.GetBytes(json), "x", out _, out string error));
        Assert.NotEmpty(error);
    }

    [VectorFact]
    public void Keys_have_the_official_addresses()
    {
        byte[] json = Vectors.ReadArchive("crypto/ethereum-tests-basictests.tar.gz").Single(f => Path.GetFileName(f.Name) == "keyaddrtest.json").Data;
        foreach (JsonElement test in JsonDocument.Parse(json).RootElement.EnumerateArray())
        {
            Assert.Equal(test.GetProperty("key").GetString(), Hex.Encode(Keccak256.Hash(Encoding.ASCII.GetBytes(test.GetProperty("seed").GetString()!)).ToArray())[2..]);
            Address address = Secp256k1.PrivateKeyToAddress(Hex.Decode(test.GetProperty("key").GetString()));
            Assert.Equal("0x" + test.GetProperty("addr").GetString(), address.ToString());
        }
    }
}
