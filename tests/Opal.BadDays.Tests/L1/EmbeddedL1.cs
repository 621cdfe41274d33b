using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.DevL1;
using Opal.Evm;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.BadDays.Tests;

/// <summary>The devnet's own L1 in this process. Fees move by the chain's real rules: strangers fill its blocks.</summary>
internal sealed class EmbeddedL1 : IBadDayL1
{
    /// <summary>Three blobs above the target multiply the blob base fee by eight.</summary>
    private const ulong BlobFraction = 189_096;

    private readonly DevL1Node _node;
    private readonly Strangers _strangers;

    public EmbeddedL1(ulong genesisTime)
    {
        UInt256 rich = Strangers.Ether * 100_000_000UL;
        DevL1Genesis genesis = DevL1Genesis.Create(new DevL1GenesisOptions
        {
            ChainId = Strangers.ChainId, Timestamp = genesisTime, GasLimit = Strangers.BlockGas,
            Blobs = new BlobSchedule(new BlobSchedule.Entry(0, new BlobParameters(3, 9, BlobFraction))),
            Balances = [(Secp256k1.PrivateKeyToAddress(Strangers.RichKey), rich), (Secp256k1.PrivateKeyToAddress(Strangers.BlobKey), rich)],
            Accounts = [.. Strangers.Contracts.Select(static contract => new AccountChange { Address = contract.Address, Exists = true, Account = new Account(1, UInt256.Zero, Keccak256.Hash(contract.Code)) })],
            Codes = [.. Strangers.Contracts.Select(static contract => (Keccak256.Hash(contract.Code), contract.Code))],
        });
        var options = new DevL1Options { BlockTimeSeconds = 1, ProduceBlocks = false, SafeDistance = 100, FinalizedDistance = 200 };
        _node = new DevL1Node(genesis, options, NativeCrypto.Instance, TimeProvider.System, NullLoggerFactory.Instance);
        var rpc = new InProcessRpcClient(_node.Client.Registry, "embedded L1");
        Truth = new EthClient(rpc);
        Provider = new FaultyRpc(rpc);
        _strangers = new Strangers(Truth, transaction =>
        {
            // not over JSON-RPC, which refuses fees of more than an ether
            var added = _node.Client.Pool.Add(transaction.Transaction, transaction.Sidecar);
            return added.IsAccepted ? Task.CompletedTask : throw new InvalidOperationException($"L1's pool does not take a stranger's transaction: {added}");
        });
    }

    public FaultyRpc Provider { get; }

    public EthClient Truth { get; }

    public bool IsBusy { get; set; }

    public bool IsBusyWithBlobs { get; set; }

    public async Task MineAsync(ulong timestamp)
    {
        if (IsBusy) await _strangers.BurnAsync();
        if (IsBusyWithBlobs) await _strangers.FillBlobsAsync();
        _node.MineAt(timestamp);
    }

    public Task DropFromPoolAsync(Hash256 transaction)
    {
        _node.DropFromPool(transaction);
        return Task.CompletedTask;
    }

    public Task ReorgAsync(int depth, bool returnTransactions)
    {
        _node.Reorg(depth, returnTransactions);
        return Task.CompletedTask;
    }

    public Task FundAsync(Address account, UInt256 wei) => _strangers.GiveAsync(account, wei);

    public Task<byte[]> BlobAsync(Transaction transaction, int index)
    {
        BlobSidecar sidecar = _node.Client.Pool.Sidecars.Find(transaction.Hash) ?? throw new InvalidOperationException($"no blobs of {transaction.Hash}");
        return Task.FromResult(sidecar.Blobs[index].ToArray());
    }

    public Task<UInt256> BlobBaseFeeAsync() => Truth.BlobBaseFeeAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();
}
