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
        return PostBlobs([Blob(data)]);
    }

    /// <summary>A batcher transaction with these frames in one piece of data.</summary>
    public L1Item PostFrames(params Frame[] frames) => Post(FrameCodec.Encode(frames));

    /// <summary>A batcher transaction with these blobs, whatever they hold, and calldata beside them.</summary>
    public L1Item PostBlobs(byte[][] blobs, byte[]? calldata = null)
    {
        var hashes = new Hash256[blobs.Length];
        Span<byte> commitment = stackalloc byte[Kzg.CommitmentSize];
        for (int i = 0; i < blobs.Length; i++)
        {
            Assert.True(Kzg.TryBlobToCommitment(blobs[i], commitment));
            hashes[i] = Kzg.VersionedHash(commitment);
            net.L1.AddBlob(hashes[i], blobs[i]);
        }

        return new L1Item(Account.Sign(TestRollup.L1ChainId, TestRollup.Inbox, data: calldata, blobs: hashes));
    }

    /// <summary>Data as a blob.</summary>
    public static byte[] Blob(byte[] data)
    {
        byte[] blob = new byte[BlobCodec.BlobSize];
        Assert.True(BlobCodec.TryEncode(data, blob));
        return blob;
    }
}
