using Opal.Cli.Rollups;
using Opal.Deployer;
using Opal.Deployer.Keys;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Tests;

public sealed class RollupVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-verbs").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Key_comes_from_the_flag_before_the_file()
    {
        string file = Path.Combine(_folder, "keys.env");
        Wallets wallets = Wallets.Generate();
        wallets.Save(file);
        string other = Hex.Encode(DevAccounts.Keys[3].PrivateKey.Span);
        Assert.Equal(wallets.Admin.Address, RollupFlags.KeyOf(null, file).Address);
        Assert.Equal(DevAccounts.Keys[3].Address, RollupFlags.KeyOf(other, file).Address);
        Assert.Throws<DeployerException>(() => RollupFlags.KeyOf("0x1234", null));
        Assert.Throws<DeployerException>(() => RollupFlags.KeyOf("0x" + new string('0', 64), null));
    }

    [Fact]
    public async Task What_the_operator_can_mend_is_exit_code_1_and_a_bug_is_not_hidden()
    {
        Assert.Equal(0, await RollupFlags.RunAsync("test", () => Task.CompletedTask));
        Assert.Equal(1, await RollupFlags.RunAsync("test", () => throw new DeployerException("wrong config")));
        Assert.Equal(1, await RollupFlags.RunAsync("test", () => throw new ConfigFileException("file", "is wrong")));
        await Assert.ThrowsAsync<InvalidOperationException>(() => RollupFlags.RunAsync("test", () => throw new InvalidOperationException("a bug")));
    }

    [Fact]
    public async Task Wallets_verb_writes_a_file_that_reads_back()
    {
        string file = Path.Combine(_folder, "made.env");
        Assert.Equal(0, await WalletsVerb.Create().Parse(["--out", file]).InvokeAsync());
        Assert.NotEqual(Wallets.Load(file).Admin.Address, Wallets.Load(file).Batcher.Address);
        Assert.Equal(1, await WalletsVerb.Create().Parse(["--out", file]).InvokeAsync()); // never overwritten
    }

    [Theory]
    [InlineData("l1", "--l1-rpc", "nonsense", "--deploy-config", "x")]
    [InlineData("l1", "--deploy-config", "x")]
    [InlineData("config", "--l1-rpc", "http://127.0.0.1:1")]
    [InlineData("config", "--l1-rpc", "http://127.0.0.1:1", "--wallets", "w", "--l2-chain-id", "5", "--proofs", "zk")]
    public void Deploy_verb_refuses_what_is_missing_or_malformed(params string[] arguments) => Assert.NotEmpty(DeployVerb.Create().Parse(arguments).Errors);

    [Theory]
    [InlineData("0x03cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", false)]
    [InlineData("0x12", true)]
    [InlineData("0x0000000000000000000000000000000000000000000000000000000000000000", true)]
    public void An_absolute_prestate_must_be_one_and_belong_to_games(string text, bool games) =>
        Assert.Contains("--absolute-prestate", Assert.Throws<DeployerException>(() => DeployVerb.PrestateOf(text, games)).Message, StringComparison.Ordinal);
}
