using System.Diagnostics;
using Opal.Primitives;

namespace Opal.Trie;

/// <summary>One version of a Merkle-Patricia trie (Yellow Paper, appendix D). It never changes; an update gives a new trie that shares all untouched nodes.</summary>
/// <remarks>
/// Nodes known only by hash are read through the <see cref="INodeReader"/> when an operation reaches them and then stay with
/// the trie. The <c>Try…</c> methods report a node that is missing; the others are for tries that are wholly in memory.
/// Safe for use by many threads. Depth of recursion: the digits of the longest key.
/// </remarks>
public sealed class PatriciaTrie
{
    private readonly TrieNode? _root;
    private readonly INodeReader? _reader;

    private PatriciaTrie(TrieNode? root, INodeReader? reader)
    {
        _root = root;
        _reader = reader;
    }

    /// <summary>The trie without entries, in memory.</summary>
    public static PatriciaTrie Empty { get; } = new(null, null);

    /// <summary>The trie of a known root, read node by node as needed. Nothing is read yet.</summary>
    public static PatriciaTrie Open(in Hash256 root, INodeReader reader) =>
        new(root == Hash256.EmptyTrie ? null : new HashNode(root), reader);

    /// <summary>Whether there are no entries.</summary>
    public bool IsEmpty => _root is null;

    /// <summary>keccak256 of the root node. Hashes what is not hashed yet, once.</summary>
    public Hash256 RootHash
    {
        get
        {
            if (_root is null) return Hash256.EmptyTrie;
            if (_root.Reference == NodeReference.Unknown)
            {
                var hasher = new NodeHasher();
                hasher.Add(_root);
                hasher.Run();
            }

            if (_root.Reference == NodeReference.Hash) return _root.Hash;
            Span<byte> rlp = stackalloc byte[Hash256.Size];
            int length = NodeCodec.Write(_root, rlp);
            return Keccak256.Hash(rlp[..length]);
        }
    }

    /// <summary>Hashes what is not hashed yet in several tries together, which is faster than one trie after another.</summary>
    public static void HashAll(IReadOnlyList<PatriciaTrie> tries)
    {
        var hasher = new NodeHasher();
        for (int i = 0; i < tries.Count; i++)
        {
            if (tries[i]._root is { Reference: NodeReference.Unknown } root) hasher.Add(root);
        }

        hasher.Run();
    }

    /// <summary>Looks up a key.</summary>
    /// <param name="key">The whole key.</param>
    /// <param name="value">The value; empty when the key is absent.</param>
    public TrieStatus TryGet(ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> value)
    {
        value = default;
        TrieNode? node = _root;
        int at = 0;
        while (true)
        {
            switch (node)
            {
                case null:
                    return TrieStatus.Ok;
                case HashNode hash:
                    TrieStatus status = hash.TryResolve(_reader, out node);
                    if (status != TrieStatus.Ok) return status;
                    break;
                case LeafNode leaf:
                    if ((key.Length * 2) - at == leaf.Path.Length && leaf.Path.CommonPrefix(key, at) == leaf.Path.Length) value = leaf.Value;
                    return TrieStatus.Ok;
                case ExtensionNode extension:
                    if (extension.Path.CommonPrefix(key, at) != extension.Path.Length) return TrieStatus.Ok;
                    at += extension.Path.Length;
                    node = extension.Child;
                    break;
                default:
                    var branch = (BranchNode)node;
                    if (at == key.Length * 2)
                    {
                        value = branch.Value;
                        return TrieStatus.Ok;
                    }

                    node = branch.Children[NibblePath.DigitAt(key, at++)];
                    break;
            }
        }
    }

    /// <summary>Looks up a hashed key.</summary>
    public TrieStatus TryGet(in Hash256 key, out ReadOnlyMemory<byte> value)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        key.CopyTo(bytes);
        return TryGet(bytes, out value);
    }

    /// <summary>Stores a value, or deletes the key when the value is empty.</summary>
    public TrieStatus TrySet(byte[] key, byte[] value, out PatriciaTrie updated)
    {
        var change = new TrieChange(key, value);
        return TryApply(new ReadOnlySpan<TrieChange>(in change), out updated);
    }

    /// <summary>Applies many changes at once; nothing is hashed before <see cref="RootHash"/> is asked for.</summary>
    /// <param name="changes">Sorted by key, bytewise ascending, each key once.</param>
    /// <param name="updated">The new version; this very trie when nothing changed or the operation failed.</param>
    /// <exception cref="ArgumentException">The changes are not sorted (a bug in the caller).</exception>
    public TrieStatus TryApply(ReadOnlySpan<TrieChange> changes, out PatriciaTrie updated)
    {
        for (int i = 1; i < changes.Length; i++)
        {
            if (changes[i - 1].Key.AsSpan().SequenceCompareTo(changes[i].Key) >= 0) throw new ArgumentException("the changes must be sorted, each key once", nameof(changes));
        }

        updated = this;
        TrieStatus status = new TrieEditor(_reader).Apply(_root, changes, 0, out TrieNode? root);
        if (status == TrieStatus.Ok && !ReferenceEquals(root, _root)) updated = new PatriciaTrie(root, _reader);
        return status;
    }

    /// <summary>The encodings of the nodes from the root towards <paramref name="key"/>, as <c>eth_getProof</c> returns them: a proof of its value or of its absence.</summary>
    /// <remarks>Nodes that stand inline in their parent are not listed. The proof of anything in the empty trie is an empty list.</remarks>
    public TrieStatus TryProve(ReadOnlySpan<byte> key, out List<byte[]> nodes)
    {
        nodes = [];
        _ = RootHash;
        TrieNode? node = _root;
        int at = 0;
        while (node is not null)
        {
            if (node is HashNode hash)
            {
                TrieStatus status = hash.TryResolve(_reader, out node);
                if (status != TrieStatus.Ok) return status;
            }

            if (nodes.Count == 0 || node.Reference == NodeReference.Hash) nodes.Add(NodeCodec.Encode(node));
            if (node is BranchNode branch)
            {
                if (at == key.Length * 2) return TrieStatus.Ok;
                node = branch.Children[NibblePath.DigitAt(key, at++)];
            }
            else if (node is ExtensionNode extension && extension.Path.CommonPrefix(key, at) == extension.Path.Length)
            {
                at += extension.Path.Length;
                node = extension.Child;
            }
            else
            {
                return TrieStatus.Ok;
            }
        }

        return TrieStatus.Ok;
    }

    /// <summary>Looks up a key in a trie in memory; empty when absent.</summary>
    public ReadOnlyMemory<byte> Get(ReadOnlySpan<byte> key)
    {
        Require(TryGet(key, out ReadOnlyMemory<byte> value));
        return value;
    }

    /// <summary>Stores a value in a trie in memory; an empty value deletes.</summary>
    public PatriciaTrie Set(byte[] key, byte[] value)
    {
        Require(TrySet(key, value, out PatriciaTrie updated));
        return updated;
    }

    /// <summary>Deletes a key of a trie in memory.</summary>
    public PatriciaTrie Delete(byte[] key) => Set(key, []);

    /// <summary>Applies sorted changes to a trie in memory, see <see cref="TryApply"/>.</summary>
    public PatriciaTrie Apply(ReadOnlySpan<TrieChange> changes)
    {
        Require(TryApply(changes, out PatriciaTrie updated));
        return updated;
    }

    /// <summary>Proves a key of a trie in memory, see <see cref="TryProve"/>.</summary>
    public List<byte[]> Prove(ReadOnlySpan<byte> key)
    {
        Require(TryProve(key, out List<byte[]> nodes));
        return nodes;
    }

    private static void Require(TrieStatus status)
    {
        if (status != TrieStatus.Ok) throw new UnreachableException("a trie in memory lacks a node");
    }
}
