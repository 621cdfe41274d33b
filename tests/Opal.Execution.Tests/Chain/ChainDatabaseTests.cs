using System.Text;
using Opal.JsonRpc;

namespace Opal.Execution.Tests;

public sealed class ChainDatabaseTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("opal-database-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static byte[] GenesisJson(string chainId = "7", string balance = "0x1", string osaka = "2000000000", string time = "0x64") => Encoding.UTF8.GetBytes($$"""
        {
          "config": { "chainId": {{chainId}}, "londonBlock": 0, "terminalTotalDifficulty": 0, "shanghaiTime": 0, "cancunTime": 0, "pragueTime": 0, "osakaTime": {{osaka}} },
          "timestamp": "{{time}}", "gasLimit": "0x1c9c380", "difficulty": "0x0",
          "alloc": { "0x00000000000000000000000000000000000000aa": { "balance": "{{balance}}" } }
        }
        """);

    [Fact]
    public void A_directory_gets_its_chain_once()
    {
        Assert.False(ChainDatabase.TryReadGenesis(_directory, out _));
        byte[] json = GenesisJson();
        InitResult created = ChainDatabase.Initialize(_directory, json);
        Assert.Equal(InitStatus.Created, created.Status);
        Assert.True(ChainDatabase.TryReadGenesis(_directory, out byte[]? kept));
        Assert.Equal(json, kept);
        Assert.Equal(InitStatus.AlreadyThere, ChainDatabase.Initialize(_directory, json).Status);

        InitResult other = ChainDatabase.Initialize(_directory, GenesisJson(balance: "0x2"));
        Assert.Equal((InitStatus.DiffersFrom, created.Hash, false), (other.Status, other.StoredHash!.Value, other.IsAccepted));
        Assert.Equal(InitStatus.DiffersFrom, ChainDatabase.Initialize(_directory, GenesisJson(chainId: "8")).Status);

        Assert.True(ChainDatabase.Remove(_directory));
        Assert.False(ChainDatabase.Remove(_directory));
        Assert.Equal(InitStatus.Created, ChainDatabase.Initialize(_directory, GenesisJson(balance: "0x2")).Status);
    }

    [Fact]
    public void An_upgrade_that_is_ahead_can_be_rescheduled_and_one_that_is_passed_cannot()
    {
        ChainDatabase.Initialize(_directory, GenesisJson());
        byte[] later = GenesisJson(osaka: "2100000000");
        Assert.Equal(InitStatus.Updated, ChainDatabase.Initialize(_directory, later).Status);
        ChainDatabase.TryReadGenesis(_directory, out byte[]? kept);
        Assert.Equal(later, kept);

        InitResult passed = ChainDatabase.Initialize(_directory, GenesisJson(osaka: "50"));
        Assert.Equal(InitStatus.ForkPassed, passed.Status);
        Assert.Contains("Osaka", passed.Error, StringComparison.Ordinal);
        ChainDatabase.TryReadGenesis(_directory, out kept);
        Assert.Equal(later, kept);
    }

    [Fact]
    public void A_second_process_is_kept_out_and_told_by_whom()
    {
        string own = ChainDatabase.DirectoryOf(_directory);
        using (DirectoryLock.Take(own))
        {
            ChainDatabaseException error = Assert.Throws<ChainDatabaseException>(() => ChainDatabase.Initialize(_directory, GenesisJson()));
            Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(InitStatus.Created, ChainDatabase.Initialize(_directory, GenesisJson()).Status);
    }

    [Fact]
    public void A_genesis_that_is_malformed_changes_nothing()
    {
        Assert.Throws<ConfigFileException>(() => ChainDatabase.Initialize(_directory, "{}"u8.ToArray()));
        Assert.False(ChainDatabase.TryReadGenesis(_directory, out _));
    }
}
