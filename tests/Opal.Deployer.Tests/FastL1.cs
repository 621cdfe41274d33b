using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.DevL1;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.Tests;

/// <summary>The embedded L1, making a block whenever transactions wait, in slots that lie in the past: no test waits for the clock.</summary>
internal sealed class FastL1 : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly DevL1Node _node;
    private readonly Task _mining;

    private FastL1(DevL1Node node)
    {
        _node = node;
        _mining = Task.Run(MineAsync);
    }

    public Uri Rpc => _node.RpcAddress;

    /// <summary>Makes no blocks by itself while set.</summary>
    public bool IsPaused { get; set; }

    public static async Task<FastL1> StartAsync(params Address[] funded)
    {
        ulong past = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 3600;
        DevL1Genesis genesis = DevL1Genesis.Create(new DevL1GenesisOptions { ChainId = 900, Timestamp = past, Balances = [.. funded.Select(static address => (address, new UInt256(0, 1000)))] });
        var node = new DevL1Node(genesis, new DevL1Options { BlockTimeSeconds = 1, ProduceBlocks = false }, NativeCrypto.Instance, TimeProvider.System, NullLoggerFactory.Instance);
        await node.StartAsync(CancellationToken.None);
        return new FastL1(node);
    }

    public int PendingTransactions => _node.Client.Pool.Count().Pending;

    /// <summary>The transactions of an account that wait, by nonce.</summary>
    public IReadOnlyList<Transaction> PendingOf(Address account) => [.. _node.Client.Pool.ContentFrom(account)?.Pending.Select(static waiting => waiting.Transaction) ?? []];

    /// <summary>Loses what waits of an account, as a pool does that is full or restarted.</summary>
    public void LosePoolOf(Address account)
    {
        foreach (Transaction waiting in PendingOf(account)) _node.DropFromPool(waiting.Hash);
    }

    public void Mine(int blocks) => _node.Mine(blocks);

    private async Task MineAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            if (!IsPaused && PendingTransactions > 0) _node.Mine();
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _mining;
        await _node.DisposeAsync();
        _stopping.Dispose();
    }
}
