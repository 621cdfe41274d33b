namespace Opal.Protocol;

/// <summary>What became of a pool transaction that was offered to a block.</summary>
public enum AddResult : byte
{
    /// <summary>It is in the block.</summary>
    Included,
    /// <summary>It may not be in this block; the verdict says why. Others of the sender with higher nonces may not either.</summary>
    Rejected,
    /// <summary>It does not fit what is left of the block's gas; a smaller one may.</summary>
    NoGas,
    /// <summary>It is larger than the limit on a transaction's DA size.</summary>
    DATransactionTooLarge,
    /// <summary>It does not fit what is left of the block's DA size or footprint; a smaller one may.</summary>
    NoDASpace,
    /// <summary>It does not fit what is left of the block's blobs.</summary>
    NoBlobSpace,
}
