using Opal.Primitives;

namespace Opal.Storage;

/// <summary>Where a hash occurs: the block, and the position in it.</summary>
/// <param name="Block">The block's number.</param>
/// <param name="Position">Which of the block's hashes it is, from 0.</param>
public readonly record struct HashPlace(ulong Block, uint Position);

/// <summary>Finds the block and position of a hash (a transaction's, say) among those of many blocks. One writer; any number of readers beside it.</summary>
/// <remarks>It keeps fingerprints, so it may answer places where the hash is not: the caller looks there. What it has not made durable is added again by its owner after a restart.</remarks>
public interface IHashIndex : IDisposable
{
    /// <summary>The number of the next block to append: blocks below it are in the index. After a crash it may be lower than it was. 0 for a new index.</summary>
    ulong Next { get; }

    /// <summary>Bytes on disk.</summary>
    long Size { get; }

    /// <summary>Adds the hashes of a block.</summary>
    /// <param name="number">Not below <see cref="Next"/>; blocks in between have no hashes.</param>
    /// <param name="hashes">In order of position; may be empty.</param>
    void Append(ulong number, ReadOnlySpan<Hash256> hashes);

    /// <summary>All places where a hash may be, newest block first.</summary>
    void Find(in Hash256 hash, List<HashPlace> places);

    /// <summary>Drops all blocks above a number.</summary>
    void TruncateAfter(ulong number);

    /// <summary>Drops blocks below a number, by whole files: more may stay.</summary>
    void PruneBefore(ulong number);
}
