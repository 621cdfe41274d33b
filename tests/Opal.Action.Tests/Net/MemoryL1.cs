using Opal.Derivation;
using Opal.Evm;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.ActionTests;

/// <summary>A transaction as mined on the in-memory L1, with its outcome.</summary>
public sealed record L1Item(Transaction Transaction, bool Succeeded = true, params LogEntry[] Logs);

/// <summary>
/// L1 without execution: blocks of real headers, transactions and receipts with true roots and hashes, mined by explicit steps. Outcomes and logs are what the
/// test says they are. Blobs are kept by versioned hash.
/// </summary>
public sealed class MemoryL1 : IL1Source, IBlobSource
{
    private readonly List<Entry> _chain = [];
    private readonly Dictionary<Hash256, Entry> _all = [];
    private readonly Dictionary<Hash256, byte[]> _blobs = [];
    private ulong _mined;

    private sealed record Entry(BlockHeader Header, Transaction[] Transactions, Receipt[] Receipts);

    public MemoryL1(ulong genesisTime, ulong blockTime, ulong genesisNumber = 0)
    {
        BlockTime = blockTime;
        Add(new Entry(Seal(Hash256.Zero, genesisNumber, genesisTime, [], []), [], []));
    }

    /// <summary>Seconds between blocks unless a test says otherwise.</summary>
    public ulong BlockTime { get; set; }

    /// <summary>Whether headers carry Cancun's fields.</summary>
    public bool Cancun { get; set; } = true;

    /// <summary>What blocks mined from now on say of blob gas.</summary>
    public ulong ExcessBlobGas { get; set; }

    /// <summary>The hash of the execution requests of blocks mined from now on (Prague); null: they have none.</summary>
    public Hash256? RequestsHash { get; set; }

    public UInt256 BaseFee { get; set; } = new(7);

    /// <summary>Called before every answer; throws to play a faulty provider.</summary>
    public Action<string>? BeforeAnswer { get; set; }

    /// <summary>Questions answered so far.</summary>
    public int Answers { get; private set; }

    public BlockHeader Head => _chain[^1].Header;

    public L1BlockRef HeadRef => Ref(Head);

    public L1BlockRef Genesis => Ref(_chain[0].Header);

    public ulong SafeNumber { get; set; }

    public ulong FinalizedNumber { get; set; }

    /// <summary>Called final in place of the block at <see cref="FinalizedNumber"/>, to play a provider that contradicts itself.</summary>
    public BlockHeader? FinalizedHeader { get; set; }

    public static L1BlockRef Ref(BlockHeader header) => new(header.Hash, header.Number, header.ParentHash, header.Timestamp);

    /// <summary>Mines a block holding the items, in order.</summary>
    public L1BlockRef Mine(params L1Item[] items) => MineAfter(BlockTime, items);

    public L1BlockRef MineAfter(ulong seconds, params L1Item[] items)
    {
        Transaction[] transactions = [.. items.Select(item => item.Transaction)];
        var receipts = new Receipt[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            receipts[i] = new Receipt
            {
                Type = items[i].Transaction.Type,
                Succeeded = items[i].Succeeded,
                CumulativeGasUsed = (ulong)(i + 1) * 21000,
                Logs = items[i].Logs,
            };
        }

        Add(new Entry(Seal(Head.Hash, Head.Number + 1, Head.Timestamp + seconds, transactions, receipts), transactions, receipts));
        return HeadRef;
    }

    public void MineEmpty(int count)
    {
        for (int i = 0; i < count; i++) Mine();
    }

    /// <summary>Drops the newest blocks; the next ones mined are of another chain.</summary>
    public void Reorg(int depth)
    {
        Assert.True(depth < _chain.Count);
        _chain.RemoveRange(_chain.Count - depth, depth);
    }

    /// <summary>The chain as it is now, to come back to.</summary>
    public L1BlockRef[] Remember() => [.. _chain.Select(static entry => Ref(entry.Header))];

    /// <summary>Makes a remembered chain the canonical one again.</summary>
    public void Return(IEnumerable<L1BlockRef> chain)
    {
        Entry[] entries = [.. chain.Select(block => _all[block.Hash])];
        _chain.Clear();
        _chain.AddRange(entries);
    }

    public void AddBlob(Hash256 versionedHash, byte[] blob) => _blobs[versionedHash] = blob;

    /// <summary>The blob of a versioned hash; null when there is none.</summary>
    public byte[]? FindBlob(Hash256 versionedHash) => _blobs.GetValueOrDefault(versionedHash);

    /// <summary>Whether blobs are answered as not found.</summary>
    public bool HideBlobs { get; set; }

    /// <summary>Changes the blobs of an answer, to play a faulty provider.</summary>
    public Func<IReadOnlyList<ReadOnlyMemory<byte>>, IReadOnlyList<ReadOnlyMemory<byte>>>? SpoilBlobs { get; set; }

    /// <summary>A blob as it was posted.</summary>
    public byte[] Blob(Hash256 versionedHash) => _blobs[versionedHash];

    public Task<BlockHeader?> HeaderByLabelAsync(L1Label label, CancellationToken cancellation) => Answer("label", label switch
    {
        L1Label.Head => Head,
        L1Label.Safe => At(SafeNumber)?.Header,
        _ => FinalizedHeader ?? At(FinalizedNumber)?.Header,
    });

    public Task<BlockHeader?> HeaderByNumberAsync(ulong number, CancellationToken cancellation) => Answer("header", At(number)?.Header);

    public Task<BlockHeader?> HeaderByHashAsync(Hash256 hash, CancellationToken cancellation) => Answer("header", _all.GetValueOrDefault(hash)?.Header);

    public Task<L1Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation) =>
        Answer("block", At(number) is { } entry ? new L1Block(entry.Header, entry.Transactions) : null);

    /// <summary>A block of any chain mined so far, read past what plays a faulty provider.</summary>
    public L1Block? BlockByHash(Hash256 hash) => _all.GetValueOrDefault(hash) is { } entry ? new L1Block(entry.Header, entry.Transactions) : null;

    public Task<L1Receipts?> ReceiptsAsync(BlockHeader header, CancellationToken cancellation) =>
        Answer("receipts", _all.GetValueOrDefault(header.Hash) is { } entry ? new L1Receipts(header.Hash, entry.Receipts) : null);

    public Task<L1Blobs?> BlobsAsync(NeedBlobs need, CancellationToken cancellation)
    {
        var blobs = new List<ReadOnlyMemory<byte>>();
        foreach (Hash256 hash in need.VersionedHashes)
        {
            if (HideBlobs || !_blobs.TryGetValue(hash, out byte[]? blob)) return Answer<L1Blobs>("blobs", null);
            blobs.Add(blob);
        }

        return Answer("blobs", new L1Blobs(need.Block.Hash, SpoilBlobs?.Invoke(blobs) ?? blobs));
    }

    private Task<T?> Answer<T>(string question, T? value)
        where T : class
    {
        Answers++;
        try
        {
            BeforeAnswer?.Invoke(question);
        }
        catch (SourceException error)
        {
            return Task.FromException<T?>(error);
        }

        return Task.FromResult(value);
    }

    private Entry? At(ulong number)
    {
        ulong first = _chain[0].Header.Number;
        return number >= first && number - first < (ulong)_chain.Count ? _chain[(int)(number - first)] : null;
    }

    private void Add(Entry entry)
    {
        _chain.Add(entry);
        _all[entry.Header.Hash] = entry;
    }

    private BlockHeader Seal(Hash256 parent, ulong number, ulong time, Transaction[] transactions, Receipt[] receipts)
    {
        // the counter makes blocks of the same height on different chains differ
        byte[] extra = BitConverter.GetBytes(_mined++);
        var bloom = new LogEntry[receipts.Sum(receipt => receipt.Logs.Length)];
        int at = 0;
        foreach (Receipt receipt in receipts)
        {
            foreach (LogEntry log in receipt.Logs) bloom[at++] = log;
        }

        return new BlockHeader
        {
            ParentHash = parent,
            Number = number,
            Timestamp = time,
            GasLimit = 30_000_000,
            GasUsed = (ulong)receipts.Length * 21000,
            ExtraData = extra,
            MixHash = Keccak256.Hash(extra),
            BaseFeePerGas = BaseFee,
            StateRoot = Keccak256.Hash([.. parent.ToArray(), .. extra]),
            TransactionsRoot = OrderedTrie.Root([.. transactions.Select(transaction => (ReadOnlyMemory<byte>)transaction.Encoded)]),
            ReceiptsRoot = OrderedTrie.Root([.. receipts.Select(receipt => (ReadOnlyMemory<byte>)receipt.Encode())]),
            LogsBloom = Bloom.Of(bloom),
            WithdrawalsRoot = Hash256.EmptyTrie,
            BlobGasUsed = Cancun ? 0 : null,
            ExcessBlobGas = Cancun ? ExcessBlobGas : null,
            ParentBeaconBlockRoot = Cancun ? Keccak256.Hash(parent.ToArray()) : null,
            RequestsHash = RequestsHash,
        };
    }
}
