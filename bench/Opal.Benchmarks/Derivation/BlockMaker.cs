using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.Derivation;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Makes L2 blocks of derived attributes, as far as the pipeline needs them.</summary>
internal abstract class BlockMaker
{
    /// <summary>Makes the block. Null: <see cref="Problem"/> says why not.</summary>
    public abstract L2BlockRef? Make(DerivedAttributes derived);

    /// <summary>A block by its hash.</summary>
    public abstract Block? Find(in Hash256 hash);

    /// <summary>Why a block could not be made.</summary>
    public string? Problem { get; protected set; }

    protected static L2BlockRef RefOf(DerivedAttributes derived, in Hash256 hash) =>
        new(hash, derived.BlockNumber, derived.Parent.Hash, derived.Attributes.Timestamp, derived.L1Origin, derived.SequenceNumber);
}

/// <summary>Takes attributes as they are: no block is executed, and hashes are numbers.</summary>
internal sealed class NoEngine(BenchRollup rollup) : BlockMaker
{
    /// <summary>The hash of a block; that of the genesis block is real.</summary>
    public static Hash256 HashOf(BenchRollup rollup, ulong number)
    {
        if (number == 0) return rollup.GenesisHeader.Hash;
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return new Hash256(bytes);
    }

    public override L2BlockRef? Make(DerivedAttributes derived) => RefOf(derived, HashOf(rollup, derived.BlockNumber));

    public override Block? Find(in Hash256 hash) => hash == rollup.GenesisHeader.Hash ? new Block { Header = rollup.GenesisHeader } : null;
}

/// <summary>The execution client behind its Engine API, called without JSON: build, take, insert, move the heads.</summary>
internal sealed class ChainEngine(BenchRollup rollup) : BlockMaker, IDisposable
{
    private readonly ExecutionClient _client = new(
        new ExecutionClientOptions { Spec = rollup.Spec, GenesisHeader = rollup.GenesisHeader, GenesisAlloc = rollup.Genesis.ToDiff() },
        NativeCrypto.Instance, blobProofs: null, TimeProvider.System, NullLoggerFactory.Instance);

    public override L2BlockRef? Make(DerivedAttributes derived)
    {
        EngineVersions versions = EngineVersions.At(rollup.Config.Forks, derived.Attributes.Timestamp);
        ForkchoiceResult begun = _client.Engine.ForkchoiceUpdated(new ForkchoiceState(derived.Parent.Hash, derived.Parent.Hash, default), derived.Attributes, versions.ForkchoiceUpdated);
        if (begun.PayloadId is not { } id) return Fail($"block {derived.BlockNumber} cannot begin: {begun.Status.Verdict} {begun.Status.ValidationError}");
        Block block = _client.Engine.GetPayload(id, versions.GetPayload).Built.Block;
        if (block.Transactions.Length != derived.Attributes.Transactions.Count) return Fail($"block {derived.BlockNumber} lacks transactions");
        Hash256 hash = block.Hash;
        ForkchoiceResult moved = _client.Engine.ForkchoiceUpdated(new ForkchoiceState(hash, hash, default), null, versions.ForkchoiceUpdated);
        if (moved.Status.Verdict != PayloadVerdict.Valid) return Fail($"block {derived.BlockNumber} is not taken: {moved.Status.ValidationError}");
        return RefOf(derived, hash);
    }

    public override Block? Find(in Hash256 hash) => _client.Chain.Find(hash)?.Block;

    public void Dispose() => _client.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private L2BlockRef? Fail(string problem)
    {
        Problem = problem;
        return null;
    }
}
