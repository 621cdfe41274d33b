using Opal.Primitives;

namespace Opal.Trie;

/// <summary>Fills in the references of all nodes below some roots that have none yet, from the leaves up.</summary>
/// <remarks>
/// Nodes are taken by height, and four encodings of equal block count are hashed side by side; no node object is made and no
/// encoding is kept. Recursion is as deep as a key is long (in digits).
/// </remarks>
internal sealed class NodeHasher
{
    /// <summary>Block counts that are gathered in fours: a branch without a value has at most four blocks. Longer encodings go one by one.</summary>
    private const int MaxBlocks = 4;
    private const int Lanes = 4;
    private const int LaneSize = MaxBlocks * Keccak256.Rate;

    private readonly List<List<TrieNode>> _byHeight = [];
    private readonly Gathering[] _gatherings = new Gathering[MaxBlocks + 1];
    private readonly byte[] _digests = new byte[Lanes * Hash256.Size];
    private byte[] _large = [];

    /// <summary>Up to four encodings of one block count that wait to be hashed together.</summary>
    private sealed class Gathering
    {
        public readonly TrieNode[] Nodes = new TrieNode[Lanes];
        public readonly int[] Lengths = new int[Lanes];
        public readonly byte[] Encodings = new byte[Lanes * LaneSize];
        public int Count;

        public ReadOnlySpan<byte> Encoding(int lane) => Encodings.AsSpan(lane * LaneSize, Lengths[lane]);
    }

    /// <summary>Adds a root whose nodes are to be hashed.</summary>
    public void Add(TrieNode root) => Collect(root);

    /// <summary>After this every node under the added roots, and they themselves, have their reference.</summary>
    public void Run()
    {
        foreach (List<TrieNode> nodes in _byHeight)
        {
            foreach (TrieNode node in nodes)
            {
                // two of the added roots may share nodes: those are here twice
                if (node.Reference == NodeReference.Unknown) Hash(node);
            }

            foreach (Gathering? gathering in _gatherings) Flush(gathering);
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

    private void Hash(TrieNode node)
    {
        int length = NodeCodec.Length(node);
        if (length < Hash256.Size)
        {
            node.SetInline();
            return;
        }

        int blocks = Keccak256.BlockCount(length);
        if (blocks > MaxBlocks || !Keccak256.HashesFourAtOnce)
        {
            if (length > _large.Length) _large = new byte[length * 2];
            NodeCodec.Write(node, _large);
            node.SetHash(Keccak256.Hash(_large.AsSpan(0, length)));
            return;
        }

        Gathering gathering = _gatherings[blocks] ??= new Gathering();
        int lane = gathering.Count++;
        gathering.Nodes[lane] = node;
        gathering.Lengths[lane] = NodeCodec.Write(node, gathering.Encodings.AsSpan(lane * LaneSize, LaneSize));
        if (gathering.Count == Lanes) Flush(gathering);
    }

    private void Flush(Gathering? gathering)
    {
        if (gathering is null || gathering.Count == 0) return;
        int last = gathering.Count - 1;
        gathering.Count = 0;
        if (last == 0)
        {
            gathering.Nodes[0].SetHash(Keccak256.Hash(gathering.Encoding(0)));
            return;
        }

        // empty lanes repeat the last one
        Keccak256.HashFour(gathering.Encoding(0), gathering.Encoding(1), gathering.Encoding(Math.Min(2, last)), gathering.Encoding(Math.Min(3, last)), _digests);
        for (int lane = 0; lane <= last; lane++) gathering.Nodes[lane].SetHash(new Hash256(_digests.AsSpan(lane * Hash256.Size, Hash256.Size)));
    }
}
