using Microsoft.Extensions.Logging.Abstractions;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node.Tests;

/// <summary>What is asked of L1 twice, ahead of time, or in vain.</summary>
public sealed class CachingL1SourceTests
{
    private readonly FakeProvider _provider = new("a");
    private readonly L1Heads _heads = new();
    private readonly FakeL1Block[] _chain;

    public CachingL1SourceTests()
    {
        Hash256 parent = Hash256.Zero;
        for (ulong number = 0; number < 40; number++)
        {
            // every fourth block has logs
            FakeL1Block block = number % 4 == 0 ? FakeL1.Block(number, parent, FakeL1.Known(number)) : FakeL1.Block(number, parent);
            _provider.Blocks.Add(block);
            parent = block.Header.Hash;
        }

        _chain = [.. _provider.Blocks];
        BlockHeader head = _chain[^1].Header;
        _heads.Set(new L1Labels(new L1BlockRef(head.Hash, head.Number, head.ParentHash, head.Timestamp), default, default));
    }

    [Fact]
    public async Task Callers_that_want_the_same_share_one_request()
    {
        var gate = new TaskCompletionSource();
        _provider.Before = (_, _) => gate.Task;
        using CachingL1Source source = Source(readAhead: 0);
        BlockHeader header = _chain[4].Header;
        using var impatient = new CancellationTokenSource();
        Task<L1Receipts?> gaveUp = source.ReceiptsAsync(header, impatient.Token);
        Task<L1Receipts?>[] asked = [.. Enumerable.Range(0, 5).Select(_ => source.ReceiptsAsync(header, default))];
        Task<BlockHeader?>[] headers = [.. Enumerable.Range(0, 5).Select(_ => source.HeaderByHashAsync(header.Hash, default))];
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gaveUp);
        gate.SetResult();
        foreach (Task<L1Receipts?> one in asked) Assert.Single((await one)!.Receipts);
        foreach (Task<BlockHeader?> one in headers) Assert.Equal(header.Hash, (await one)!.Hash);
        await source.ReceiptsAsync(header, default);
        Assert.Equal(["eth_getBlockByHash", "eth_getBlockReceipts"], _provider.Calls.Order());
    }

    [Fact]
    public async Task A_failed_request_is_not_kept()
    {
        bool fails = true;
        _provider.Before = (method, _) => fails ? throw new JsonRpc.RpcTransportException(method, "a", "down", isTransient: true) : Task.CompletedTask;
        using CachingL1Source source = Source(readAhead: 0);
        await Assert.ThrowsAsync<SourceException>(() => source.HeaderByHashAsync(_chain[4].Header.Hash, default));
        fails = false;
        Assert.NotNull(await source.HeaderByHashAsync(_chain[4].Header.Hash, default));
    }

    [Fact]
    public async Task Receipts_are_read_ahead_only_where_they_are_needed()
    {
        using CachingL1Source source = Source(readAhead: 8);
        for (ulong number = 1; number <= 20; number++)
        {
            L1Block block = (await source.BlockByNumberAsync(number, default))!;
            if (IsNeeded(block.Header)) Assert.NotNull(await source.ReceiptsAsync(block.Header, default));
        }

        await Settled();
        // the head is 39, and what is read ahead ends 16 below it
        Assert.Equal(23, _provider.Calls.Count(method => method == "eth_getBlockByNumber"));
        Assert.Equal(5, _provider.Calls.Count(method => method == "eth_getBlockReceipts"));
        Assert.Equal(28, _provider.Calls.Length);
    }

    [Fact]
    public async Task What_was_read_ahead_is_forgotten_when_derivation_starts_over()
    {
        using CachingL1Source source = Source(readAhead: 4);
        await source.BlockByNumberAsync(1, default);
        await Settled();
        _provider.Forget();
        source.DropReadAhead();
        await source.BlockByNumberAsync(2, default);
        await Settled();
        Assert.Equal(5, _provider.Calls.Count(method => method == "eth_getBlockByNumber"));
    }

    private static bool IsNeeded(BlockHeader header) => header.LogsBloom.MayContain(FakeL1.Log.Address);

    private CachingL1Source Source(int readAhead) =>
        new(new RpcL1Source([_provider.AsEndpoint()], new L1SourceOptions { Rounds = 1 }, NullLogger.Instance), _heads, IsNeeded, readAhead: readAhead);

    /// <summary>Waits until nothing is asked any more.</summary>
    private async Task Settled()
    {
        for (int quiet = 0, seen = -1; quiet < 5; quiet++)
        {
            await Task.Delay(20);
            if (_provider.Calls.Length != seen) quiet = 0;
            seen = _provider.Calls.Length;
        }
    }
}
