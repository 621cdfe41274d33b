using Opal.Primitives;

namespace Opal.Trie;

/// <summary>The reference by which a parent names a node: the hash of its encoding, or the encoding itself when that is shorter than a hash.</summary>
public static class BranchReference
{
    private const int MaxNodeSize = 3 + (16 * (1 + Hash256.Size)) + 1;

    /// <summary>The reference of a record: of the extension above the branch, if there is one, else of the branch.</summary>
    /// <param name="record">The record.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="reference">Takes the reference; at least 32 bytes.</param>
    /// <returns>The size of the reference.</returns>
    public static int OfRecord(in BranchRecord record, in TriePath path, Span<byte> reference)
    {
        Span<byte> node = stackalloc byte[MaxNodeSize];
        int payload = 1;
        for (int digit = 0; digit < 16; digit++) payload += (record.Mask & (1 << digit)) == 0 ? 1 : TrieRlp.ReferenceLength(record.Reference(digit));
        int at = TrieRlp.WriteListHeader(node, payload);
        for (int digit = 0; digit < 16; digit++)
        {
            if ((record.Mask & (1 << digit)) == 0) node[at++] = 0x80;
            else at += TrieRlp.WriteReference(node[at..], record.Reference(digit));
        }

        node[at++] = 0x80;
        int length = Refer(node[..at], reference);
        if (record.ExtensionLength == 0) return length;
        Span<byte> child = stackalloc byte[Hash256.Size];
        child = child[..length];
        reference[..length].CopyTo(child);
        int depth = path.Length + record.ExtensionLength;
        at = TrieRlp.WriteListHeader(node, TrieRlp.CompactLength(record.ExtensionLength) + TrieRlp.ReferenceLength(child));
        at += TrieRlp.WriteCompact(node[at..], record.Extend(path), path.Length, depth, false);
        at += TrieRlp.WriteReference(node[at..], child);
        return Refer(node[..at], reference);
    }

    /// <summary>The reference of a leaf.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="depth">How many digits of the key are above it.</param>
    /// <param name="value">Its value as the trie has it, at most <see cref="BranchTrie.MaxLeafValue"/> bytes.</param>
    /// <param name="reference">Takes the reference; at least 32 bytes.</param>
    /// <returns>The size of the reference.</returns>
    public static int OfLeaf(in Hash256 key, int depth, ReadOnlySpan<byte> value, Span<byte> reference)
    {
        Span<byte> node = stackalloc byte[MaxNodeSize];
        int at = TrieRlp.WriteListHeader(node, TrieRlp.CompactLength(64 - depth) + TrieRlp.StringLength(value));
        at += TrieRlp.WriteCompact(node[at..], key, depth, 64, true);
        at += TrieRlp.WriteString(node[at..], value);
        return Refer(node[..at], reference);
    }

    private static int Refer(ReadOnlySpan<byte> node, Span<byte> reference)
    {
        if (node.Length < Hash256.Size)
        {
            node.CopyTo(reference);
            return node.Length;
        }

        Keccak256.Hash(node, reference[..Hash256.Size]);
        return Hash256.Size;
    }

    /// <summary>The digits on the way to the branch of a record at a path.</summary>
    public static Hash256 DigitsOf(in BranchRecord record, in TriePath path) => record.Extend(path);
}
