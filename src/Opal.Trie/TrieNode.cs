using Opal.Primitives;

namespace Opal.Trie;

/// <summary>How a parent refers to a node.</summary>
internal enum NodeReference : byte
{
    /// <summary>Not computed yet.</summary>
    Unknown,
    /// <summary>By the keccak256 of its encoding.</summary>
    Hash,
    /// <summary>By the encoding itself, because it is shorter than 32 bytes.</summary>
    Inline,
}

/// <summary>A node that never changes, shared by all versions of the trie that contain it.</summary>
/// <remarks>The reference is a cache of a pure function: threads that race to fill it write the same bits, and the volatile mark is written last.</remarks>
internal abstract class TrieNode
{
    private Hash256 _hash;
    private volatile NodeReference _reference;

    /// <summary>How a parent refers to this node.</summary>
    public NodeReference Reference => _reference;

    /// <summary>keccak256 of the encoding; holds when <see cref="Reference"/> is <see cref="NodeReference.Hash"/>.</summary>
    public ref readonly Hash256 Hash => ref _hash;

    public void SetHash(in Hash256 hash)
    {
        _hash = hash;
        _reference = NodeReference.Hash;
    }

    public void SetInline() => _reference = NodeReference.Inline;
}

/// <summary>The end of a path and what is stored there.</summary>
internal sealed class LeafNode(NibblePath path, byte[] value) : TrieNode
{
    public NibblePath Path { get; } = path;

    /// <summary>Never empty.</summary>
    public byte[] Value { get; } = value;
}

/// <summary>A stretch of path without a fork. The child is a branch, or the hash of one.</summary>
internal sealed class ExtensionNode(NibblePath path, TrieNode child) : TrieNode
{
    /// <summary>Never empty.</summary>
    public NibblePath Path { get; } = path;

    public TrieNode Child { get; } = child;
}

/// <summary>A fork in sixteen, and what is stored where a key ends here.</summary>
internal sealed class BranchNode(TrieNode?[] children, byte[]? value) : TrieNode
{
    public const int Width = 16;

    public TrieNode?[] Children { get; } = children;

    /// <summary>Null when no key ends here; never empty.</summary>
    public byte[]? Value { get; } = value;
}

/// <summary>A node known by its hash only.</summary>
internal sealed class HashNode : TrieNode
{
    private TrieNode? _resolved;

    public HashNode(in Hash256 hash) => SetHash(hash);

    /// <summary>The node itself, through <paramref name="reader"/>; kept for the next time.</summary>
    public TrieStatus TryResolve(INodeReader? reader, out TrieNode node)
    {
        if (_resolved is { } known)
        {
            node = known;
            return TrieStatus.Ok;
        }

        node = this;
        if (reader is null || !reader.TryRead(Hash, out ReadOnlyMemory<byte> rlp)) return TrieStatus.MissingNode;
        if (!NodeCodec.TryDecode(rlp.Span, out TrieNode? decoded)) return TrieStatus.MalformedNode;
        decoded.SetHash(Hash);
        _resolved = decoded;
        node = decoded;
        return TrieStatus.Ok;
    }
}
