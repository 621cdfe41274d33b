using Opal.Crypto;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

public enum BatchForm
{
    Singular,
    Span,
}

public enum Carrier
{
    Calldata,
    Blobs,
}

/// <summary>Posts the sequencer's blocks to L1 by explicit steps.</summary>
public sealed class BatcherActor(ActorNet net, TestAccount account)
{
    private L2BlockRef _submitted;

    public BatchForm Form { get; set; } = BatchForm.Singular;

    public Carrier Carrier { get; set; } = Carrier.Calldata;

    public int MaxFrameData { get; set; } = 100_000;

    public TestAccount Account { get; set; } = account;

    /// <summary>Forgets what was submitted: the next submission begins above the sequencer's safe head.</summary>
    public void StartOver() => _submitted = default;

    /// <summary>Everything not submitted yet up to the sequencer's unsafe head, as L1 transactions.</summary>
    public async Task<L1Item[]> SubmitAllAsync()
    {
        L2BlockRef from = _submitted.Number > net.Sequencer.Safe.Number ? _submitted : net.Sequencer.Safe;
        L2BlockRef to = net.Sequencer.Unsafe;
        if (from.Number >= to.Number) return [];
        List<Block> blocks = await net.Sequencer.BlocksAsync(from.Number + 1, to.Number);
        _submitted = to;
        return Submit(blocks);
    }

    public L1Item[] Submit(IEnumerable<Block> blocks) =>
        Submit(BatchWriter.Channel(Form == BatchForm.Singular ? BatchWriter.Singular(blocks) : BatchWriter.Span(net.Rollup.Config, blocks)));

    public L1Item[] Submit(byte[] channel) => [.. BatchWriter.Frames(channel, MaxFrameData).Select(frame => Post(FrameCodec.Encode([frame])))];

    /// <summary>A batcher transaction with this data.</summary>
    public L1Item Post(byte[] data)
    {
        if (Carrier == Carrier.Calldata) return new L1Item(Account.Sign(TestRollup.L1ChainId, TestRollup.Inbox, data: data));
        byte[] blob = new byte[BlobCodec.BlobSize];
        Assert.True(BlobCodec.TryEncode(data, blob));
        Span<byte> commitment = stackalloc byte[Kzg.CommitmentSize];
        Assert.True(Kzg.TryBlobToCommitment(blob, commitment));
        Hash256 hash = Kzg.VersionedHash(commitment);
        net.L1.AddBlob(hash, blob);
        return new L1Item(Account.Sign(TestRollup.L1ChainId, TestRollup.Inbox, blobs: [hash]));
    }
}
