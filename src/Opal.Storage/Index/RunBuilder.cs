namespace Opal.Storage;

/// <summary>Gathers the entries of some blocks, one after the other, into a part in memory.</summary>
/// <param name="first">The first block.</param>
/// <param name="hash">Of keys.</param>
/// <param name="order">Null where keys are not found by order.</param>
internal sealed class RunBuilder(ulong first, SipHash hash, KeyOrder? order)
{
    private readonly List<Pair> _entries = [], _keys = [];
    private readonly List<FrameAddress> _addresses = [];

    public int Count => _entries.Count;

    public bool IsEmpty => _addresses.Count == 0;

    /// <summary>The block after those added.</summary>
    public ulong Next => first + (ulong)_addresses.Count;

    /// <summary>Begins the next block.</summary>
    /// <param name="address">Its frame.</param>
    public void AddBlock(FrameAddress address) => _addresses.Add(address);

    /// <summary>Adds a key of the block begun last.</summary>
    public void Add(ReadOnlySpan<byte> key, uint place)
    {
        ulong fingerprint = hash.Compute(key);
        _entries.Add(new Pair(fingerprint, ((ulong)(_addresses.Count - 1) << 32) | place));
        if (order is not null) _keys.Add(new Pair(order.WordOf(key), fingerprint));
    }

    public IndexRun Build()
    {
        _entries.Sort();
        _keys.Sort();
        int distinct = 0;
        for (int i = 0; i < _keys.Count; i++)
        {
            if (i == 0 || _keys[i] != _keys[i - 1]) _keys[distinct++] = _keys[i];
        }

        _keys.RemoveRange(distinct, _keys.Count - distinct);
        return new IndexRun(first, Next - 1, [.. _entries], [.. _keys], [.. _addresses]);
    }
}
