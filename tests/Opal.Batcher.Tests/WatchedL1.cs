using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher.Tests;

/// <summary>An L1 of signed transactions that can be reorganised, and a SystemConfig on it.</summary>
internal sealed class WatchedL1
{
    public static readonly Address Inbox = Address.FromNumber(0xff);
    public static readonly Address SystemConfig = Address.FromNumber(0x5c);

    private readonly List<Block> _chain = [];
    private byte _salt;

    public WatchedL1()
    {
        Mine();
        Rpc = new InProcessRpcClient(new RpcRegistry()
            .Register("eth_chainId", _ => RpcResult.Quantity(ChainId))
            .Register("eth_getBlockByNumber", parameters =>
            {
                if (IsDown) return RpcResult.Fail(-32000, "L1 is down");
                bool full = parameters.GetBool(1);
                if (full) BlocksRead++;
                BlockParameter at = parameters.GetBlock(0);
                ulong number = at.Kind == BlockParameterKind.Latest ? Head : at.Number;
                return number > Head ? RpcResult.Null : RpcResult.Json(writer => EthJson.WriteBlock(writer, _chain[(int)number], full, NativeCrypto.Instance));
            })
            .Register("eth_getTransactionCount", parameters =>
            {
                BlockParameter at = parameters.GetBlock(1);
                return RpcResult.Quantity(at.Kind == BlockParameterKind.Pending ? NonceAt(Head) + PendingCount : NonceAt(at.Number));
            })
            .Register("eth_getBalance", _ => RpcResult.Quantity(Balance))
            .Register("eth_gasPrice", _ => RpcResult.Quantity(1_000_000_000UL))
            .Register("eth_call", parameters =>
            {
                Assert.Equal("0xe81b2c6d", Hex.Encode(parameters[0]["input"].AsData())); // batcherHash()
                Assert.Equal(SystemConfig, parameters[0]["to"].AsAddress());
                if (BatcherHash is not { } hash) return HasContract ? RpcResult.Fail(RpcErrorCode.ExecutionReverted, "execution reverted", "0x") : RpcResult.Data([]);
                return RpcResult.Hash(hash);
            }), "l1");
    }

    public IRpcClient Rpc { get; }
    public LocalSigner Batcher { get; } = new(Enumerable.Repeat((byte)7, 32).ToArray());
    public ulong ChainId { get; set; } = 900;
    public UInt256 Balance { get; set; } = 1_000_000_000_000_000_000;
    public bool IsDown { get; set; }
    public bool HasContract { get; set; } = true;
    public Hash256? BatcherHash { get; set; }
    public ulong PendingCount { get; set; }
    public int BlocksRead { get; set; }
    public ulong Head => (ulong)_chain.Count - 1;

    private ulong NonceAt(ulong block) => (ulong)_chain.Take((int)block + 1).SelectMany(static b => b.Transactions).Count(t => t.TryGetSender(NativeCrypto.Instance, out Address sender) && sender == Batcher.Address);

    /// <summary>A transaction of the batcher's account.</summary>
    public Transaction Sign(ulong nonce, byte[] data, Address? to = null, int blobs = 0) => Sign(Batcher, nonce, data, to ?? Inbox, blobs);

    public static Transaction Sign(LocalSigner signer, ulong nonce, byte[] data, Address to, int blobs = 0) => signer.SignAsync(new Transaction
    {
        Type = blobs > 0 ? TransactionType.Blob : TransactionType.DynamicFee, ChainId = 900, Nonce = nonce, MaxFeePerGas = 100, MaxPriorityFeePerGas = 1, GasLimit = 100_000, To = to, Data = data,
        MaxFeePerBlobGas = 1, BlobVersionedHashes = [.. Enumerable.Range(1, blobs).Select(static i => Hash256.FromUInt256(new UInt256((ulong)i, 0, 0, 1UL << 56)))],
    }, default).AsTask().Result;

    public void Mine(params Transaction[] transactions) => _chain.Add(new Block
    {
        Header = new BlockHeader
        {
            Number = (ulong)_chain.Count, ParentHash = _chain.Count == 0 ? default : _chain[^1].Hash, Timestamp = (ulong)_chain.Count * 12, ExtraData = [_salt], GasLimit = 30_000_000, BaseFeePerGas = 1,
            TransactionsRoot = BodyRoots.OfTransactions(transactions),
        },
        Transactions = transactions,
    });

    /// <summary>Takes the blocks above a height away; those that follow differ from them.</summary>
    public void Reorg(ulong keep)
    {
        _chain.RemoveRange((int)keep + 1, _chain.Count - (int)keep - 1);
        _salt++;
    }
}
