using Opal.Primitives;

namespace Opal.Trie;

/// <summary>Collects changes in any order, sorts them and applies them to a trie.</summary>
public sealed class TrieBatch
{
    private readonly List<TrieChange> _changes = [];

    /// <summary>The number of changes collected.</summary>
    public int Count => _changes.Count;

    /// <summary>Adds a change; the batch keeps the arrays. Each key at most once.</summary>
    /// <param name="key">The whole key.</param>
    /// <param name="value">The new value; empty deletes.</param>
    public void Add(byte[] key, byte[] value) => _changes.Add(new TrieChange(key, value));

    /// <summary>Adds a change under a hashed key.</summary>
    public void Add(in Hash256 key, byte[] value) => Add(key.ToArray(), value);

    /// <summary>Adds a storage slot of an account: key keccak256(slot), value rlp(value) or, for zero, a deletion.</summary>
    public void AddSlot(in UInt256 slot, in UInt256 value)
    {
        Span<byte> word = stackalloc byte[32];
        slot.WriteBigEndian(word);
        var key = new byte[Hash256.Size];
        Keccak256.Hash(word, key);
        Add(key, EncodeSlotValue(value));
    }

    /// <summary>A storage slot's value as its leaf holds it: the RLP of the minimal big-endian bytes; nothing for zero.</summary>
    public static byte[] EncodeSlotValue(in UInt256 value)
    {
        if (value.IsZero) return [];
        Span<byte> minimal = stackalloc byte[32];
        int length = value.WriteMinimalBigEndian(minimal);
        if (length == 1 && minimal[0] < 0x80) return [minimal[0]];
        var encoded = new byte[1 + length];
        encoded[0] = (byte)(0x80 + length);
        minimal[..length].CopyTo(encoded.AsSpan(1));
        return encoded;
    }

    /// <summary>Applies the collected changes and forgets them.</summary>
    /// <exception cref="ArgumentException">A key was added twice (a bug in the caller).</exception>
    public TrieStatus TryApply(PatriciaTrie trie, out PatriciaTrie updated)
    {
        TrieChange[] sorted = _changes.ToArray();
        _changes.Clear();
        sorted.AsSpan().Sort(default(ByKey));
        return trie.TryApply(sorted, out updated);
    }

    private readonly struct ByKey : IComparer<TrieChange>
    {
        public int Compare(TrieChange x, TrieChange y) => x.Key.AsSpan().SequenceCompareTo(y.Key);
    }
}
