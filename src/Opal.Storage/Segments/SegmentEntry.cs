namespace Opal.Storage;

/// <summary>What a segment says of one key in one block.</summary>
/// <param name="Fingerprint">Of the key.</param>
/// <param name="Block">The block's number.</param>
/// <param name="Place">Where in the block: an offset, or a position.</param>
internal readonly record struct SegmentEntry(ulong Fingerprint, ulong Block, uint Place) : IComparable<SegmentEntry>
{
    public int CompareTo(SegmentEntry other)
    {
        int order = Fingerprint.CompareTo(other.Fingerprint);
        if (order != 0) return order;
        order = Block.CompareTo(other.Block);
        return order != 0 ? order : Place.CompareTo(other.Place);
    }
}
