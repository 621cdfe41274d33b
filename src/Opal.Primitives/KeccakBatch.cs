namespace Opal.Primitives;

/// <summary>Hashes many short messages, four of equal block count at a time. The caller writes each message straight into its lane.</summary>
/// <remarks>For one message: <see cref="Room"/>, write, <see cref="Add"/>. After <see cref="Flush"/> all digests are in place. Allocates nothing after its making.</remarks>
public sealed class KeccakBatch
{
    /// <summary>The longest message: four blocks less the padding byte. A branch node without a value (532 bytes) fits.</summary>
    public const int MaxLength = (MaxBlocks * Keccak256.Rate) - 1;

    private const int MaxBlocks = 4;
    private const int Lanes = 4;
    private const int LaneSize = MaxBlocks * Keccak256.Rate;

    private readonly byte[] _lanes = new byte[MaxBlocks * Lanes * LaneSize];
    private readonly int[] _targets = new int[MaxBlocks * Lanes];
    private readonly int[] _counts = new int[MaxBlocks];
    private readonly byte[] _digests = new byte[Lanes * Hash256.Size];

    /// <summary>The number of permutations done so far, one a lane and block.</summary>
    public long Permutations { get; private set; }

    /// <summary>Where the next message of <paramref name="length"/> bytes, at most <see cref="MaxLength"/>, is to be written: at least that many bytes. Nothing is taken until <see cref="Add"/>.</summary>
    public Span<byte> Room(int length)
    {
        int group = length / Keccak256.Rate;
        return _lanes.AsSpan(((group * Lanes) + _counts[group]) * LaneSize, (group + 1) * Keccak256.Rate);
    }

    /// <summary>Takes the message of <paramref name="length"/> bytes that was written to <see cref="Room"/>.</summary>
    /// <param name="length">As given to <see cref="Room"/>.</param>
    /// <param name="digests">Where digests go; the same array until the next <see cref="Flush"/>.</param>
    /// <param name="at">The first of the digest's 32 bytes in it.</param>
    public void Add(int length, byte[] digests, int at)
    {
        int group = length / Keccak256.Rate;
        Span<byte> padding = Room(length)[length..];
        padding.Clear();
        padding[0] = 0x01;
        padding[^1] |= 0x80;
        _targets[(group * Lanes) + _counts[group]] = at;
        if (++_counts[group] == Lanes) HashGroup(group, digests);
    }

    /// <summary>Hashes what is still waiting.</summary>
    /// <param name="digests">The array given to <see cref="Add"/>.</param>
    public void Flush(byte[] digests)
    {
        for (int group = 0; group < MaxBlocks; group++) HashGroup(group, digests);
    }

    private void HashGroup(int group, byte[] digests)
    {
        int count = _counts[group], blocks = group + 1;
        if (count == 0) return;
        _counts[group] = 0;
        Permutations += count * blocks;
        ReadOnlySpan<byte> lanes = _lanes.AsSpan(group * Lanes * LaneSize, Lanes * LaneSize);
        ReadOnlySpan<int> targets = _targets.AsSpan(group * Lanes, Lanes);
        if (count == 1 || !Keccak256.HashesFourAtOnce)
        {
            for (int lane = 0; lane < count; lane++) Keccak256.HashPadded(lanes.Slice(lane * LaneSize, blocks * Keccak256.Rate), digests.AsSpan(targets[lane], Hash256.Size));
            return;
        }

        // lanes that nobody filled hold old bytes: their digests are not looked at
        Keccak256.HashFourPadded(lanes, LaneSize, blocks, _digests);
        for (int lane = 0; lane < count; lane++) _digests.AsSpan(lane * Hash256.Size, Hash256.Size).CopyTo(digests.AsSpan(targets[lane], Hash256.Size));
    }
}
