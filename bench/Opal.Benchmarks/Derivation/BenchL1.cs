using Opal.Derivation;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Benchmarks;

/// <summary>L1 in memory: real headers over batcher transactions, no receipts with logs, and blobs by versioned hash. Nothing is verified, as with a trusted provider.</summary>
/// <param name="kept">How many blocks it remembers below its head; older ones are asked for by nobody.</param>
internal sealed class BenchL1(int kept = int.MaxValue) : IL1Source, IBlobSource
{
    private const ulong SafeDistance = 8, FinalizedDistance = 16;

    private readonly Dictionary<ulong, L1Block> _byNumber = [];
    private readonly Dictionary<Hash256, L1Block> _byHash = [];
    private readonly Dictionary<Hash256, byte[]> _blobs = [];

    /// <summary>The newest block.</summary>
    public L1Block Head { get; private set; } = null!;

    /// <summary>The first block.</summary>
    public L1BlockRef Genesis { get; private set; }

    /// <summary>An L1 with its first block.</summary>
    public static BenchL1 Create(int kept = int.MaxValue)
    {
        var l1 = new BenchL1(kept);
        l1.Add(new L1Block(Seal(Hash256.Zero, 0, BenchRollup.GenesisTime, []), []));
        l1.Genesis = l1.Head.Ref;
        return l1;
    }

    /// <summary>Adds a block.</summary>
    public void Mine(params Transaction[] transactions) => Add(new L1Block(Seal(Head.Hash, Head.Header.Number + 1, Head.Header.Timestamp + BenchRollup.L1BlockTime, transactions), transactions));

    /// <summary>Adds empty blocks up to a height.</summary>
    public void MineTo(ulong number)
    {
        while (Head.Header.Number < number) Mine();
    }

    /// <summary>Makes a blob available.</summary>
    public void AddBlob(in Hash256 versionedHash, byte[] blob) => _blobs[versionedHash] = blob;

    /// <summary>The block of a height; null when it is not there.</summary>
    public L1Block? At(ulong number) => _byNumber.GetValueOrDefault(number);

    /// <summary>Blobs in order; null when one is not there.</summary>
    public L1Blobs? BlobsOf(in L1BlockRef block, IReadOnlyList<Hash256> hashes)
    {
        var found = new ReadOnlyMemory<byte>[hashes.Count];
        for (int i = 0; i < found.Length; i++)
        {
            if (!_blobs.TryGetValue(hashes[i], out byte[]? blob)) return null;
            found[i] = blob;
        }

        return new L1Blobs(block.Hash, found);
    }

    public Task<BlockHeader?> HeaderByLabelAsync(L1Label label, CancellationToken cancellation) => HeaderByNumberAsync(label switch
    {
        L1Label.Head => Head.Header.Number,
        L1Label.Safe => Head.Header.Number > SafeDistance ? Head.Header.Number - SafeDistance : 0,
        _ => Head.Header.Number > FinalizedDistance ? Head.Header.Number - FinalizedDistance : 0,
    }, cancellation);

    public Task<BlockHeader?> HeaderByNumberAsync(ulong number, CancellationToken cancellation) => Task.FromResult(At(number)?.Header);

    public Task<BlockHeader?> HeaderByHashAsync(Hash256 hash, CancellationToken cancellation) => Task.FromResult(_byHash.GetValueOrDefault(hash)?.Header);

    public Task<L1Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation) => Task.FromResult(At(number));

    public Task<L1Receipts?> ReceiptsAsync(BlockHeader header, CancellationToken cancellation) => Task.FromResult<L1Receipts?>(new L1Receipts(header.Hash, []));

    public Task<L1Blobs?> BlobsAsync(NeedBlobs need, CancellationToken cancellation) => Task.FromResult(BlobsOf(need.Block, need.VersionedHashes));

    private void Add(L1Block block)
    {
        Head = block;
        _byNumber[block.Header.Number] = block;
        _byHash[block.Hash] = block;
        if (block.Header.Number <= (ulong)kept || !_byNumber.Remove(block.Header.Number - (ulong)kept, out L1Block? old)) return;
        _byHash.Remove(old.Hash);
        foreach (Transaction? transaction in old.Transactions)
        {
            foreach (Hash256 hash in transaction!.BlobVersionedHashes) _blobs.Remove(hash);
        }
    }

    private static BlockHeader Seal(in Hash256 parent, ulong number, ulong time, Transaction[] transactions) => new()
    {
        ParentHash = parent,
        Number = number,
        Timestamp = time,
        GasLimit = 30_000_000,
        MixHash = Keccak256.Hash(parent.ToArray()),
        BaseFeePerGas = new UInt256(1_000_000_007),
        StateRoot = Hash256.EmptyTrie,
        TransactionsRoot = OrderedTrie.Root([.. transactions.Select(static transaction => (ReadOnlyMemory<byte>)transaction.Encoded)]),
        ReceiptsRoot = Hash256.EmptyTrie,
        WithdrawalsRoot = Hash256.EmptyTrie,
        BlobGasUsed = 0,
        ExcessBlobGas = 0,
        ParentBeaconBlockRoot = Hash256.Zero,
    };
}
