using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Fees of a block, and of the block after it, from the header.</summary>
public static class NextFees
{
    /// <summary>The base fee of the block after this one; null before London.</summary>
    public static UInt256? BaseFee(ChainSpec spec, BlockHeader header)
    {
        if (header.BaseFeePerGas is null) return null;
        Rules own = spec.At(header), next = spec.At(header.Number + 1, header.Timestamp);
        return Protocol.BaseFee.TryNext(header, own, next, out UInt256 fee) ? fee : header.BaseFeePerGas;
    }

    /// <summary>The blob base fee inside this block: 1 on L2 from Ecotone on; null where there are no blobs yet.</summary>
    public static UInt256? OwnBlobBaseFee(ChainSpec spec, BlockHeader header) => BlobBaseFee(spec.At(header), header.ExcessBlobGas);

    /// <summary>The blob base fee of the block after this one.</summary>
    public static UInt256? BlobBaseFee(ChainSpec spec, BlockHeader header)
    {
        Rules next = spec.At(header.Number + 1, header.Timestamp);
        if (next.BlobGas != BlobGasRule.Blobs) return BlobBaseFee(next, 0);
        return BlobBaseFee(next, BlobGas.NextExcess(header, next.Blobs, next.HasBlobReservePrice));
    }

    private static UInt256? BlobBaseFee(Rules rules, ulong? excess) => rules.BlobGas switch
    {
        BlobGasRule.None => null,
        BlobGasRule.Blobs => BlobGas.BaseFee(excess ?? 0, rules.Blobs),
        _ => UInt256.One,
    };

    /// <summary>The most blob gas this block could use; on L2 from Jovian on the gas limit bounds the DA footprint.</summary>
    public static ulong BlobGasLimit(ChainSpec spec, BlockHeader header)
    {
        Rules rules = spec.At(header);
        return rules.BlobGas switch
        {
            BlobGasRule.Blobs => rules.Blobs.MaxBlobs * BlobGas.GasPerBlob,
            BlobGasRule.DAFootprint => header.GasLimit,
            _ => 0,
        };
    }
}
