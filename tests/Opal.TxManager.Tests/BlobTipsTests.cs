using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

public sealed class BlobTipsTests : IDisposable
{
    private readonly LocalSigner _signer = new(Mnemonic.PrivateKey(Mnemonic.Development, 0));
    private readonly Dictionary<Hash256, Block> _chain = [];
    private readonly List<BlockHeader> _headers = [];
    private int _reads;

    public void Dispose() => _signer.Dispose();

    private EthClient Client => new(new InProcessRpcClient(new RpcRegistry().Register("eth_getBlockByHash", p =>
    {
        _reads++;
        return RpcResult.Json(w => EthJson.WriteBlock(w, _chain[p.GetHash(0)], true, NativeCrypto.Instance));
    }), "l1"), trusted: true);

    /// <summary>A block with blob transactions of these tips, and one other of a great tip.</summary>
    private async Task<BlockHeader> BlockAsync(params ulong[] tips)
    {
        var transactions = new List<Transaction> { await Signed(TransactionType.DynamicFee, 1000) };
        foreach (ulong tip in tips) transactions.Add(await Signed(TransactionType.Blob, tip));
        var header = new BlockHeader { Number = (ulong)_headers.Count, ParentHash = _headers.Count > 0 ? _headers[^1].Hash : default, BaseFeePerGas = 100 };
        _headers.Add(header);
        _chain[header.Hash] = new Block { Header = header, Transactions = [.. transactions] };
        return header;
    }

    private async Task<Transaction> Signed(TransactionType type, ulong tip) => await _signer.SignAsync(new Transaction
    {
        Type = type, ChainId = 900, MaxFeePerGas = 100 + tip, MaxPriorityFeePerGas = 5000, GasLimit = 21_000, To = Address.FromNumber(1),
        MaxFeePerBlobGas = type == TransactionType.Blob ? UInt256.One : UInt256.Zero, BlobVersionedHashes = type == TransactionType.Blob ? [new Hash256(Enumerable.Repeat((byte)1, 32).ToArray())] : [],
    }, default);

    [Fact]
    public async Task The_percentile_is_that_of_blob_transactions_in_the_latest_blocks()
    {
        var tips = new BlobTips();
        await BlockAsync(900);
        await BlockAsync(10, 20, 30);
        await BlockAsync();
        BlockHeader head = await BlockAsync(40, 50);
        Assert.Equal((UInt256)30UL, await tips.SuggestAsync(Client, head, 3, 60, default));
        Assert.Equal((UInt256)50UL, await tips.SuggestAsync(Client, head, 3, 100, default));
        Assert.Equal(3, _reads);
        Assert.Equal((UInt256)900UL, await tips.SuggestAsync(Client, head, 20, 100, default));
        head = await BlockAsync(60);
        Assert.Equal((UInt256)60UL, await tips.SuggestAsync(Client, head, 1, 1, default));
        Assert.Equal(5, _reads);
    }

    [Fact]
    public async Task Without_blob_transactions_there_is_no_answer() => Assert.Null(await new BlobTips().SuggestAsync(Client, await BlockAsync(), 20, 60, default));
}
