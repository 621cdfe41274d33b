using Opal.Primitives;

namespace Opal.Trie;

/// <summary>Fills in the references of all nodes below a root that have none yet, from the leaves up.</summary>
/// <remarks>
/// Nodes are taken by height, so that all of one height can be hashed side by side; no node object is made and no encoding is
/// kept. Recursion is as deep as a key is long (in digits).
/// </remarks>
internal sealed class NodeHasher
{
    private readonly List<List<TrieNode>> _byHeight = [];
    private byte[] _buffer = new byte[600];

    /// <summary>After this every node under <paramref name="root"/>, and the root, has its reference.</summary>
    public void Hash(TrieNode root)
    {
        Collect(root);
        foreach (List<TrieNode> nodes in _byHeight)
        {
            foreach (TrieNode node in nodes) HashOne(node);
        }

        _byHeight.Clear();
    }

    /// <summary>The height of the part without references: 0 for a node all of whose children have theirs, -1 for a finished node.</summary>
    private int Collect(TrieNode node)
    {
        if (node.Reference != NodeReference.Unknown) return -1;
        int height = 0;
        if (node is ExtensionNode extension)
        {
            height = Collect(extension.Child) + 1;
        }
        else if (node is BranchNode branch)
        {
            foreach (TrieNode? child in branch.Children)
            {
                if (child is not null) height = Math.Max(height, Collect(child) + 1);
            }
        }

        while (_byHeight.Count <= height) _byHeight.Add([]);
        _byHeight[height].Add(node);
        return height;
    }

    private void HashOne(TrieNode node)
    {
        int length = NodeCodec.Length(node);
        if (length < Hash256.Size)
        {
            node.SetInline();
            return;
        }

        if (length > _buffer.Length) _buffer = new byte[length * 2];
        NodeCodec.Write(node, _buffer);
        node.SetHash(Keccak256.Hash(_buffer.AsSpan(0, length)));
    }
}
