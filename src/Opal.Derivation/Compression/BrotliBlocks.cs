namespace Opal.Derivation;

/// <summary>The block types of one category (literals, commands, distances) of a meta-block and where in them the reader is.</summary>
internal struct BrotliBlocks
{
    private readonly BrotliCode _types, _counts;
    private int _previous;

    public BrotliBlocks()
    {
        _types = new BrotliCode();
        _counts = new BrotliCode();
    }

    /// <summary>The number of types, 1 to 256.</summary>
    public int Count { get; private set; }

    /// <summary>The type now.</summary>
    public int Current { get; private set; }

    /// <summary>How many items the current block still has.</summary>
    public int Remaining { get; private set; }

    private static ReadOnlySpan<ushort> CountBase =>
        [1, 5, 9, 13, 17, 25, 33, 41, 49, 65, 81, 97, 113, 145, 177, 209, 241, 305, 369, 497, 753, 1265, 2289, 4337, 8433, 16625];

    private static ReadOnlySpan<byte> CountBits => [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 24];

    /// <summary>Reads the category's part of a meta-block header.</summary>
    public CompressionStatus ReadHeader(ref BitReader reader)
    {
        Current = 0;
        _previous = 1;
        Remaining = 1 << 24;
        if (!TryReadCount(ref reader, out int count)) return CompressionStatus.Truncated;
        Count = count;
        if (count < 2) return CompressionStatus.Complete;
        CompressionStatus status = _types.Read(ref reader, count + 2);
        if (status == CompressionStatus.Complete) status = _counts.Read(ref reader, CountBase.Length);
        if (status != CompressionStatus.Complete) return status;
        return TryReadBlockCount(ref reader) ? CompressionStatus.Complete : CompressionStatus.Truncated;
    }

    /// <summary>Takes an item of the current block, going to the next block where it is used up. False: the input ends.</summary>
    public bool TryTake(ref BitReader reader)
    {
        if (Remaining == 0 && !TrySwitch(ref reader)) return false;
        Remaining--;
        return true;
    }

    private bool TrySwitch(ref BitReader reader)
    {
        if (Count < 2)
        {
            Remaining = 1 << 24;
            return true;
        }

        int code = _types.Decode(ref reader);
        if (code < 0) return false;
        int type = code switch { 0 => _previous, 1 => Current + 1, _ => code - 2 };
        if (type >= Count) type -= Count;
        _previous = Current;
        Current = type;
        return TryReadBlockCount(ref reader);
    }

    private bool TryReadBlockCount(ref BitReader reader)
    {
        int code = _counts.Decode(ref reader);
        if (code < 0 || !reader.TryRead(CountBits[code], out uint extra)) return false;
        Remaining = CountBase[code] + (int)extra;
        return true;
    }

    /// <summary>Reads a number from 1 to 256 in the form that block types and trees are counted in.</summary>
    public static bool TryReadCount(ref BitReader reader, out int count)
    {
        count = 1;
        if (!reader.TryRead(1, out uint more)) return false;
        if (more == 0) return true;
        if (!reader.TryRead(3, out uint bits) || !reader.TryRead((int)bits, out uint extra)) return false;
        count = 1 + (1 << (int)bits) + (int)extra;
        return true;
    }
}
