using Opal.Crypto;
using Opal.Primitives;

namespace Opal.TxManager.Tests;

public sealed class SignersTests : IDisposable
{
    /// <summary>The key and password of the Web3 Secret Storage specification's test vectors.</summary>
    private const string VectorKey = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d", VectorPassword = "testpassword";

    private const string Pbkdf2 = """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
        "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
        "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """;

    private const string Scrypt = """
        {"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"83dbcc02d8ccb40e466191a123791e0e"},"ciphertext":"d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","kdf":"scrypt",
        "kdfparams":{"dklen":32,"n":262144,"r":1,"p":8,"salt":"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
        "mac":"2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("opal-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task<Address> AddressOf(SignerSettings settings)
    {
        ISigner signer = await Signers.OpenAsync(settings, default);
        using (signer as IDisposable) return signer.Address;
    }

    private static async Task<string> Refused(SignerSettings settings) => (await Assert.ThrowsAsync<SignerException>(() => Signers.OpenAsync(settings, default))).ToString();

    private static Address Expected => Secp256k1.PrivateKeyToAddress(Hex.Decode("0x" + VectorKey));

    [Theory]
    [InlineData(Pbkdf2)]
    [InlineData(Scrypt)]
    public async Task Key_files_of_the_specification_open(string json)
    {
        string file = Write("key.json", json), password = Write("password", VectorPassword + "\r\nsecond line");
        Assert.Equal(Expected, await AddressOf(new SignerSettings { Keystore = file, KeystorePasswordFile = password }));
        string error = await Refused(new SignerSettings { Keystore = file, KeystorePasswordFile = Write("wrong", "not-the-password") });
        Assert.Contains("the password is wrong", error);
        Assert.Contains(file, error);
        Assert.DoesNotContain("not-the-password", error);
    }

    [Theory]
    [InlineData(VectorKey)]
    [InlineData("0x" + VectorKey + "\n")]
    public async Task A_private_key_is_taken_as_text_or_from_a_file(string text)
    {
        Assert.Equal(Expected, await AddressOf(new SignerSettings { PrivateKey = text }));
        Assert.Equal(Expected, await AddressOf(new SignerSettings { PrivateKeyFile = Write("key", text) }));
    }

    [Theory] // BIP-39 and BIP-44 as every Ethereum tool derives them
    [InlineData("m/44'/60'/0'/0/0", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")]
    [InlineData("m/44'/60'/0'/0/1", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")]
    public async Task A_mnemonic_gives_the_key_at_its_path(string path, string address) =>
        Assert.Equal(address, (await AddressOf(new SignerSettings { Mnemonic = Mnemonic.Development, HdPath = path })).ToChecksumString());

    [Fact]
    public async Task What_is_unusable_is_told_without_the_secret()
    {
        string shortKey = VectorKey[..62], noHex = "zz" + VectorKey[2..], words = "test test secretword";
        foreach ((SignerSettings settings, string message, string secret) in new (SignerSettings, string, string)[]
        {
            (new SignerSettings(), "no key is given", VectorKey),
            (new SignerSettings { PrivateKey = VectorKey, Mnemonic = Mnemonic.Development, HdPath = "m/0" }, "private-key, mnemonic", VectorKey),
            (new SignerSettings { PrivateKey = shortKey }, "62 digits", shortKey),
            (new SignerSettings { PrivateKey = noHex }, "no hexadecimal digit", noHex),
            (new SignerSettings { PrivateKey = new string('0', 64) }, "not the key of any account", VectorKey),
            (new SignerSettings { PrivateKeyFile = Path.Combine(_folder, "none") }, "cannot read", VectorKey),
            (new SignerSettings { PrivateKeyFile = Write("large", new string('a', 70_000)) }, "more than 65536 bytes", "aaaaaa"),
            (new SignerSettings { Keystore = "x" }, "keystore-password-file", VectorKey),
            (new SignerSettings { Keystore = Write("bad.json", "{}"), KeystorePasswordFile = Write("p", "secret-password") }, "no keystore", "secret-password"),
            (new SignerSettings { Mnemonic = words }, "hd-path", "secretword"),
            (new SignerSettings { Mnemonic = words, HdPath = "m/0" }, "3 words", "secretword"),
            (new SignerSettings { Mnemonic = Mnemonic.Development, HdPath = "44/60" }, "does not begin with m", "junk"),
            (new SignerSettings { SignerEndpoint = new Uri("https://signer") }, "signer.address", VectorKey),
            (new SignerSettings { SignerAddress = Address.FromNumber(1) }, "signer.endpoint", VectorKey),
            (new SignerSettings { SignerEndpoint = new Uri("http://signer"), SignerAddress = Address.FromNumber(1) }, "signer.tls.enabled=false", VectorKey),
            (new SignerSettings { SignerEndpoint = new Uri("https://signer"), SignerAddress = Address.FromNumber(1), TlsCa = Path.Combine(_folder, "ca") }, "signer.tls.ca", VectorKey),
            (new SignerSettings { SignerEndpoint = new Uri("http://signer"), SignerAddress = Address.FromNumber(1), SignerTls = false, SignerHeaders = ["hidden-header"] }, "NAME=VALUE", "hidden-header"),
        })
        {
            string error = await Refused(settings);
            Assert.Contains(message, error);
            Assert.DoesNotContain(secret, error);
        }
    }

    [Fact]
    public void Settings_never_show_a_secret()
    {
        Assert.DoesNotContain(VectorKey, new SignerSettings { PrivateKey = VectorKey }.ToString());
        Assert.DoesNotContain("junk", new SignerSettings { Mnemonic = Mnemonic.Development, HdPath = "m/0" }.ToString());
        Assert.DoesNotContain("token", new SignerSettings { SignerEndpoint = new Uri("https://user:token@signer:8080/token"), SignerHeaders = ["a=token"] }.ToString());
    }

    [Fact]
    public void Files_that_others_may_read_are_warned_of()
    {
        if (OperatingSystem.IsWindows()) return;
        string file = Write("key", VectorKey);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Empty(Signers.Warnings(new SignerSettings { PrivateKeyFile = file }));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Assert.Single(Signers.Warnings(new SignerSettings { PrivateKeyFile = file })));
        Assert.Contains("BIP-39", Assert.Single(Signers.Warnings(new SignerSettings { Mnemonic = Mnemonic.Development, HdPath = "m/0" })));
        Assert.Contains("plain http", Assert.Single(Signers.Warnings(new SignerSettings { SignerEndpoint = new Uri("http://10.1.1.1"), SignerTls = false })));
    }

    [Fact]
    public async Task A_key_comes_through_a_pipe_as_shells_make_them()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        pipe.Write(System.Text.Encoding.ASCII.GetBytes(VectorKey + "\n"));
        string path = $"/proc/self/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}";
        pipe.SafePipeHandle.Dispose(); // the writer is done; what it wrote waits in the pipe
        Assert.Equal(Expected, await AddressOf(new SignerSettings { PrivateKeyFile = path }));
    }

    [Fact]
    public void A_link_to_a_file_is_judged_by_the_file()
    {
        if (OperatingSystem.IsWindows()) return;
        string file = Write("target", VectorKey), link = Path.Combine(_folder, "link");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        File.CreateSymbolicLink(link, file);
        Assert.Empty(Signers.Warnings(new SignerSettings { PrivateKeyFile = link }));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Single(Signers.Warnings(new SignerSettings { PrivateKeyFile = link })));
    }

    [Fact]
    public async Task A_wiped_signer_signs_no_more()
    {
        var signer = new LocalSigner(Hex.Decode("0x" + VectorKey));
        signer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await signer.SignAsync(new Protocol.Transaction(), default));
    }
}
