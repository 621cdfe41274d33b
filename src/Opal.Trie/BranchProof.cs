using Opal.Primitives;

namespace Opal.Trie;

/// <summary>Makes Merkle-Patricia proofs from branch records and flat leaves.</summary>
public static class BranchProof
{
    /// <summary>The encodings of the nodes on the way to a key, present or absent, from the root down; short nodes are part of their parents.</summary>
    /// <returns>Anything but <see cref="TrieStatus.Ok"/> means that the database is damaged.</returns>
    public static TrieStatus TryProve(IBranchReader reader, in Hash256 owner, in Hash256 key, List<byte[]> nodes)
    {
        TriePath path = default;
        if (!reader.TryReadBranch(owner, path, out ReadOnlySpan<byte> bytes))
        {
            _ = TryAddLeaf(reader, owner, path, nodes); // the empty trie, or one leaf
            return TrieStatus.Ok;
        }

        while (true)
        {
            if (!BranchRecord.TryOpen(bytes, out BranchRecord record) || path.Length + record.ExtensionLength > 63) return TrieStatus.MalformedNode;
            Hash256 digits = record.Extend(path);
            int depth = path.Length + record.ExtensionLength;
            byte[] branch = EncodeBranch(record);
            if (record.ExtensionLength > 0)
            {
                Add(nodes, EncodeExtension(digits, path.Length, depth, branch));
                if (digits.CommonDigits(key) < depth) return TrieStatus.Ok;
                if (branch.Length >= Hash256.Size) nodes.Add(branch);
            }
            else
            {
                Add(nodes, branch);
            }

            int bit = 1 << key.DigitAt(depth);
            if ((record.Mask & bit) == 0) return TrieStatus.Ok;
            path = new TriePath(key, depth + 1);
            if ((record.LeafMask & bit) != 0) return TryAddLeaf(reader, owner, path, nodes) ? TrieStatus.Ok : TrieStatus.MissingNode;
            if (!reader.TryReadBranch(owner, path, out bytes)) return TrieStatus.MissingNode;
        }
    }

    private static void Add(List<byte[]> nodes, byte[] node)
    {
        if (nodes.Count == 0 || node.Length >= Hash256.Size) nodes.Add(node);
    }

    private static bool TryAddLeaf(IBranchReader reader, in Hash256 owner, in TriePath path, List<byte[]> nodes)
    {
        Span<byte> value = stackalloc byte[BranchTrie.MaxLeafValue];
        int length = reader.ReadLeaf(owner, path, out Hash256 key, value);
        if (length <= 0) return false;
        value = value[..length];
        int payload = TrieRlp.CompactLength(64 - path.Length) + TrieRlp.StringLength(value);
        var node = new byte[TrieRlp.ListHeaderLength(payload) + payload];
        int at = TrieRlp.WriteListHeader(node, payload);
        at += TrieRlp.WriteCompact(node.AsSpan(at), key, path.Length, 64, true);
        TrieRlp.WriteString(node.AsSpan(at), value);
        Add(nodes, node);
        return true;
    }

    private static byte[] EncodeBranch(in BranchRecord record)
    {
        int payload = 1;
        for (int digit = 0; digit < 16; digit++) payload += (record.Mask & (1 << digit)) == 0 ? 1 : TrieRlp.ReferenceLength(record.Reference(digit));
        var node = new byte[TrieRlp.ListHeaderLength(payload) + payload];
        int at = TrieRlp.WriteListHeader(node, payload);
        for (int digit = 0; digit < 16; digit++)
        {
            if ((record.Mask & (1 << digit)) == 0) node[at++] = 0x80;
            else at += TrieRlp.WriteReference(node.AsSpan(at), record.Reference(digit));
        }

        node[at] = 0x80;
        return node;
    }

    private static byte[] EncodeExtension(in Hash256 digits, int from, int to, byte[] branch)
    {
        Span<byte> child = stackalloc byte[Hash256.Size];
        if (branch.Length < Hash256.Size) child = child[..branch.Length];
        if (branch.Length < Hash256.Size) branch.CopyTo(child);
        else Keccak256.Hash(branch, child);
        int payload = TrieRlp.CompactLength(to - from) + TrieRlp.ReferenceLength(child);
        var node = new byte[TrieRlp.ListHeaderLength(payload) + payload];
        int at = TrieRlp.WriteListHeader(node, payload);
        at += TrieRlp.WriteCompact(node.AsSpan(at), digits, from, to, false);
        TrieRlp.WriteReference(node.AsSpan(at), child);
        return node;
    }
}
