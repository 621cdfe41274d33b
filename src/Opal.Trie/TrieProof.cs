using Opal.Primitives;

namespace Opal.Trie;

/// <summary>What a proof shows.</summary>
public enum ProofVerdict : byte
{
    /// <summary>The nodes do not lead from the root to the key, or there are more of them than needed.</summary>
    Invalid,
    /// <summary>The trie has the key, with the value given back.</summary>
    Included,
    /// <summary>The trie does not have the key.</summary>
    Excluded,
}

/// <summary>Checks Merkle-Patricia proofs, as <c>eth_getProof</c> makes them.</summary>
public static class TrieProof
{
    /// <summary>Follows <paramref name="nodes"/> from <paramref name="root"/> along <paramref name="key"/>.</summary>
    /// <param name="root">The root hash that is trusted.</param>
    /// <param name="key">The whole key (the hash, in a secure trie).</param>
    /// <param name="nodes">Encodings from the root down, each used in turn, none left over. For the empty trie: none, or the single empty string.</param>
    /// <param name="value">The value when included, else empty.</param>
    public static ProofVerdict Verify(in Hash256 root, ReadOnlySpan<byte> key, IReadOnlyList<byte[]> nodes, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (root == Hash256.EmptyTrie)
        {
            bool empty = nodes.Count == 0 || (nodes.Count == 1 && nodes[0].Length == 1 && nodes[0][0] == 0x80);
            return empty ? ProofVerdict.Excluded : ProofVerdict.Invalid;
        }

        TrieNode? node = new HashNode(root);
        int used = 0, at = 0;
        while (true)
        {
            switch (node)
            {
                case null:
                    return Done(false);
                case HashNode hash:
                    if (used == nodes.Count) return ProofVerdict.Invalid;
                    byte[] rlp = nodes[used++];
                    if (Keccak256.Hash(rlp) != hash.Hash || !NodeCodec.TryDecode(rlp, out node)) return ProofVerdict.Invalid;
                    break;
                case LeafNode leaf:
                    bool ends = (key.Length * 2) - at == leaf.Path.Length && leaf.Path.CommonPrefix(key, at) == leaf.Path.Length;
                    if (ends) value = leaf.Value;
                    return Done(ends);
                case ExtensionNode extension:
                    if (extension.Path.CommonPrefix(key, at) != extension.Path.Length) return Done(false);
                    at += extension.Path.Length;
                    node = extension.Child;
                    break;
                default:
                    var branch = (BranchNode)node;
                    if (at == key.Length * 2)
                    {
                        value = branch.Value;
                        return Done(branch.Value is not null);
                    }

                    node = branch.Children[NibblePath.DigitAt(key, at++)];
                    break;
            }
        }

        ProofVerdict Done(bool included) => used != nodes.Count ? ProofVerdict.Invalid : included ? ProofVerdict.Included : ProofVerdict.Excluded;
    }
}
