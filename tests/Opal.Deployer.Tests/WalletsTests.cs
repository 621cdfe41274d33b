using Opal.Crypto;
using Opal.Deployer.Config;
using Opal.Deployer.Keys;
using Opal.Primitives;

namespace Opal.Deployer.Tests;

public sealed class WalletsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-wallets").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Development_accounts_are_the_well_known_ones()
    {
        Assert.Equal(30, DevAccounts.Keys.Count);
        Assert.Equal(Address.Parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), DevAccounts.Keys[0].Address);
        Assert.Equal("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", Hex.Encode(DevAccounts.Keys[0].PrivateKey.Span));
        Wallets wallets = Wallets.FromMnemonic();
        Assert.Equal(Address.Parse("0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"), wallets.Admin.Address);
        Assert.Equal(Address.Parse("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"), wallets.Batcher.Address);
        Assert.Equal(Address.Parse("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"), wallets.Proposer.Address);
        Assert.Equal(Address.Parse("0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"), wallets.Sequencer.Address);
    }

    [Fact]
    public void File_is_readable_by_its_owner_alone_reads_back_and_is_never_overwritten()
    {
        string path = Path.Combine(_folder, "deep", ".envrc");
        Wallets wallets = Wallets.Generate();
        wallets.Save(path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Wallets back = Wallets.Load(path);
        Assert.Equal(wallets.ToEnvironment(), back.ToEnvironment());
        Assert.Contains("not overwritten", Assert.Throws<DeployerException>(() => Wallets.Generate().Save(path)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Hex.Encode(wallets.Admin.PrivateKey.Span)[2..], wallets.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_file_names_the_key()
    {
        string path = Path.Combine(_folder, "keys");
        File.WriteAllText(path, "export GS_ADMIN_PRIVATE_KEY=\"" + new string('1', 64) + "\"\nGS_BATCHER_PRIVATE_KEY=zz\n");
        Assert.Contains("GS_BATCHER_PRIVATE_KEY is no private key", Assert.Throws<DeployerException>(() => Wallets.Load(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "");
        Assert.Contains("GS_ADMIN_PRIVATE_KEY is missing", Assert.Throws<DeployerException>(() => Wallets.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Template_is_a_valid_config()
    {
        DeployConfig config = DeployConfigTemplate.GettingStarted(Wallets.FromMnemonic(), 11155111, 42069);
        Assert.Equal(Address.Parse("0xff00000000000000000000000000000000042069"), config.BatchInboxAddress);
        Assert.Equal(config, DeployConfigFile.Parse(DeployConfigWriter.ToJson(config), "template"));
    }
}
