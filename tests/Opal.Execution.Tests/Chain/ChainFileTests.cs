using Opal.Protocol;

namespace Opal.Execution.Tests;

public sealed class ChainFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("opal-chainfile-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory, InlineData("chain.rlp"), InlineData("chain.rlp.gz")]
    public async Task An_exported_chain_imports_elsewhere_and_again_without_harm(string name)
    {
        string path = Path.Combine(_directory, name);
        await using var from = new TestRollup(OptimismFork.Jovian);
        for (int i = 0; i < 40; i++)
        {
            from.Client.Pool.Add(TestAccount.Alice.Send((ulong)i, TestCode.Store, data: new byte[32], gas: 100_000));
            from.Build();
        }

        using (var writer = new ChainFileWriter(path)) writer.WriteRange(from.Client.Chain, 0, 30);
        using (var writer = new ChainFileWriter(path, append: true)) writer.WriteRange(from.Client.Chain, 31, 40);
        await using var to = new TestRollup(OptimismFork.Jovian);
        int told = 0;
        using (ChainFileReader reader = ChainFileReader.Open(path))
        {
            ImportProgress done = new ChainImporter(to.Client.Chain).Import(reader, _ => told++);
            Assert.Equal((40UL, 1UL, 40UL), (done.Imported, done.Skipped, done.Number));
            Assert.Equal(done.TotalBytes, done.BytesRead);
        }

        Assert.Equal(41, told);
        Assert.Equal(from.Head.Hash, to.Head.Hash);
        using (ChainFileReader reader = ChainFileReader.Open(path)) Assert.Equal(41UL, new ChainImporter(to.Client.Chain).Import(reader).Skipped);
        Assert.Equal(from.Head.Hash, to.Head.Hash);
    }

    [Fact]
    public async Task A_damaged_file_is_named_with_the_place_and_what_came_before_stays()
    {
        string path = Path.Combine(_directory, "chain.rlp");
        await using var from = new TestRollup(OptimismFork.Jovian);
        for (int i = 0; i < 5; i++) from.Build();
        using (var writer = new ChainFileWriter(path)) writer.WriteRange(from.Client.Chain, 1, 5);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^3]);
        await using var to = new TestRollup(OptimismFork.Jovian);
        using (ChainFileReader reader = ChainFileReader.Open(path))
        {
            ChainFileException error = Assert.Throws<ChainFileException>(() => new ChainImporter(to.Client.Chain).Import(reader));
            Assert.Contains("block 4 of the file", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(4UL, to.Head.Number);
        await using var other = new TestRollup(OptimismFork.Holocene);
        using (ChainFileReader reader = ChainFileReader.Open(path))
        {
            Assert.Contains("its parent is not here", Assert.Throws<ChainFileException>(() => new ChainImporter(other.Client.Chain).Import(reader)).Message, StringComparison.Ordinal);
        }
    }
}
