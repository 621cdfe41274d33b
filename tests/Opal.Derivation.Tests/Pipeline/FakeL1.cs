using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation.Tests;

/// <summary>An L1 chain in memory.</summary>
public sealed class FakeL1
{
    public const ulong ChainId = 900;
    public const ulong BlockTime = 12;
    private ulong _salt;

    public List<Entry> Chain { get; } = [];

    public Dictionary<Hash256, byte[]> Blobs { get; } = [];

    public sealed record Entry(L1Block Block, L1Receipts Receipts);

    public FakeL1(ulong genesisTime)
    {
        Append(genesisTime, [], []);
    }

    public L1Block Head => Chain[^1].Block;

    /// <summary>Adds a block; <paramref name="logs"/> are those of one more transaction, which succeeded.</summary>
    public L1Block Mine(IReadOnlyList<Transaction?>? transactions = null, IReadOnlyList<LogEntry>? logs = null, ulong seconds = BlockTime) =>
        Append(Head.Header.Timestamp + seconds, transactions ?? [], logs ?? []);

    private L1Block Append(ulong time, IReadOnlyList<Transaction?> transactions, IReadOnlyList<LogEntry> logs)
    {
        var receipts = new List<Receipt?>();
        foreach (Transaction? _ in transactions) receipts.Add(new Receipt { Succeeded = false });
        if (logs.Count > 0) receipts.Add(new Receipt { Succeeded = true, Logs = [.. logs] });
        var header = new BlockHeader
        {
            ParentHash = Chain.Count == 0 ? default : Head.Hash,
            Number = (ulong)Chain.Count,
            Timestamp = time,
            MixHash = Keccak256.Hash([(byte)Chain.Count, (byte)(++_salt), (byte)(_salt >> 8)]),
            BaseFeePerGas = 7,
            LogsBloom = Bloom.Of([.. logs]),
            WithdrawalsRoot = Hash256.EmptyTrie,
            BlobGasUsed = 0,
            ExcessBlobGas = 0,
            ParentBeaconBlockRoot = Keccak256.Hash([1, (byte)Chain.Count]),
        };
        var block = new L1Block(header, transactions);
        Chain.Add(new Entry(block, new L1Receipts(header.Hash, receipts)));
        return block;
    }

    /// <summary>Takes the newest blocks away.</summary>
    public void Rewind(int depth) => Chain.RemoveRange(Chain.Count - depth, depth);

    /// <summary>A transaction to the inbox with data, from an account.</summary>
    public static Transaction Calldata(RollupConfig config, Address from, byte[] data, TransactionType type = TransactionType.DynamicFee)
    {
        var transaction = new Transaction { Type = type, ChainId = ChainId, To = config.BatchInboxAddress, Data = data, GasLimit = 1_000_000, R = 1, S = 1 };
        transaction.SetSender(from);
        return transaction;
    }

    /// <summary>A blob transaction to the inbox; the blobs are kept here under made-up hashes.</summary>
    public Transaction BlobTransaction(RollupConfig config, Address from, byte[] calldata, params byte[][] blobs)
    {
        var hashes = new List<Hash256>();
        foreach (byte[] blob in blobs)
        {
            Hash256 hash = Keccak256.Hash(blob);
            Blobs[hash] = blob;
            hashes.Add(hash);
        }

        var transaction = new Transaction
        {
            Type = TransactionType.Blob, ChainId = ChainId, To = config.BatchInboxAddress, Data = calldata, BlobVersionedHashes = [.. hashes], R = 1, S = 1,
        };
        transaction.SetSender(from);
        return transaction;
    }

    public static byte[] Blob(byte[] data)
    {
        var blob = new byte[BlobCodec.BlobSize];
        Assert.True(BlobCodec.TryEncode(data, blob));
        return blob;
    }
}
