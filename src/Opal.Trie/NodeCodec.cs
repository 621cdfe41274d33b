using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Opal.Primitives;

namespace Opal.Trie;

/// <summary>The canonical RLP of nodes (Yellow Paper, appendix D).</summary>
internal static class NodeCodec
{
    private const byte EmptyString = 0x80;

    /// <summary>An inline node is below 32 bytes and each level costs at least one, so this many levels cannot occur in good data.</summary>
    private const int MaxInlineDepth = 16;

    /// <summary>The size of the encoding. The references of the children must be known.</summary>
    public static int Length(TrieNode node)
    {
        int payload = PayloadLength(node);
        return RlpWriter.HeaderLength(payload) + payload;
    }

    /// <summary>Writes the encoding.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int Write(TrieNode node, Span<byte> destination)
    {
        int at = WriteHeader(destination, 0xc0, PayloadLength(node));
        switch (node)
        {
            case LeafNode leaf:
                at += WritePath(leaf.Path, true, destination[at..]);
                at += WriteString(leaf.Value, destination[at..]);
                break;
            case ExtensionNode extension:
                at += WritePath(extension.Path, false, destination[at..]);
                at += WriteReference(extension.Child, destination[at..]);
                break;
            case BranchNode branch:
                foreach (TrieNode? child in branch.Children) at += WriteReference(child, destination[at..]);
                at += WriteString(branch.Value, destination[at..]);
                break;
            default:
                throw new UnreachableException("a node known by its hash has no encoding of its own");
        }

        return at;
    }

    /// <summary>The encoding in a new array.</summary>
    public static byte[] Encode(TrieNode node)
    {
        var rlp = new byte[Length(node)];
        Write(node, rlp);
        return rlp;
    }

    private static int PayloadLength(TrieNode node)
    {
        switch (node)
        {
            case LeafNode leaf:
                return PathLength(leaf.Path) + StringLength(leaf.Value);
            case ExtensionNode extension:
                return PathLength(extension.Path) + ReferenceLength(extension.Child);
            case BranchNode branch:
                int length = StringLength(branch.Value);
                foreach (TrieNode? child in branch.Children) length += ReferenceLength(child);
                return length;
            default:
                throw new UnreachableException("a node known by its hash has no encoding of its own");
        }
    }

    private static int ReferenceLength(TrieNode? node) => node switch
    {
        null => 1,
        { Reference: NodeReference.Hash } => 1 + Hash256.Size,
        { Reference: NodeReference.Inline } => Length(node),
        _ => throw new UnreachableException("children are hashed before their parent"),
    };

    private static int WriteReference(TrieNode? node, Span<byte> destination)
    {
        switch (node?.Reference)
        {
            case null:
                destination[0] = EmptyString;
                return 1;
            case NodeReference.Hash:
                destination[0] = EmptyString + Hash256.Size;
                node.Hash.CopyTo(destination[1..]);
                return 1 + Hash256.Size;
            default:
                return Write(node, destination);
        }
    }

    private static int PathLength(NibblePath path) => path.CompactLength == 1 ? 1 : RlpWriter.HeaderLength(path.CompactLength) + path.CompactLength;

    private static int WritePath(NibblePath path, bool isLeaf, Span<byte> destination)
    {
        int length = path.CompactLength;
        int at = length == 1 ? 0 : WriteHeader(destination, EmptyString, length); // one byte of flags is always below 0x80
        path.WriteCompact(destination[at..], isLeaf);
        return at + length;
    }

    private static int StringLength(ReadOnlySpan<byte> value) =>
        value.Length == 1 && value[0] < 0x80 ? 1 : RlpWriter.HeaderLength(value.Length) + value.Length;

    internal static int WriteString(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        int at = value.Length == 1 && value[0] < 0x80 ? 0 : WriteHeader(destination, EmptyString, value.Length);
        value.CopyTo(destination[at..]);
        return at + value.Length;
    }

    internal static int WriteHeader(Span<byte> destination, int offset, int payloadLength)
    {
        int header = RlpWriter.HeaderLength(payloadLength);
        destination[0] = (byte)(header == 1 ? offset + payloadLength : offset + 55 + header - 1);
        for (int i = 1; i < header; i++) destination[i] = unchecked((byte)(payloadLength >> (8 * (header - 1 - i))));
        return header;
    }

    /// <summary>Reads a node. Children are hash nodes, except those that stand inline.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> rlp, [NotNullWhen(true)] out TrieNode? node) => TryDecode(rlp, MaxInlineDepth, out node);

    private static bool TryDecode(ReadOnlySpan<byte> rlp, int depthLeft, [NotNullWhen(true)] out TrieNode? node)
    {
        node = null;
        if (depthLeft == 0 || !RlpReader.TryOpenList(rlp, out RlpReader items)) return false;
        RlpReader counting = items;
        int count = 0;
        while (count <= BranchNode.Width + 1 && counting.TryReadRaw(out _)) count++;
        return count switch
        {
            2 => TryDecodeShort(ref items, depthLeft, out node),
            BranchNode.Width + 1 => TryDecodeBranch(ref items, depthLeft, out node),
            _ => false,
        };
    }

    private static bool TryDecodeShort(ref RlpReader items, int depthLeft, [NotNullWhen(true)] out TrieNode? node)
    {
        node = null;
        if (!items.TryReadBytes(out ReadOnlySpan<byte> compact) || !NibblePath.TryReadCompact(compact, out NibblePath path, out bool isLeaf)) return false;
        if (isLeaf)
        {
            if (!items.TryReadBytes(out ReadOnlySpan<byte> value) || value.IsEmpty || !items.TryEnd()) return false;
            node = new LeafNode(path, value.ToArray());
            return true;
        }

        if (path.Length == 0 || !TryDecodeReference(ref items, depthLeft, out TrieNode? child) || !items.TryEnd()) return false;
        if (child is not (HashNode or BranchNode)) return false;
        node = new ExtensionNode(path, child);
        return true;
    }

    private static bool TryDecodeBranch(ref RlpReader items, int depthLeft, [NotNullWhen(true)] out TrieNode? node)
    {
        node = null;
        var children = new TrieNode?[BranchNode.Width];
        for (int i = 0; i < BranchNode.Width; i++)
        {
            if (!TryDecodeReference(ref items, depthLeft, out children[i])) return false;
        }

        if (!items.TryReadBytes(out ReadOnlySpan<byte> value) || !items.TryEnd()) return false;
        node = new BranchNode(children, value.IsEmpty ? null : value.ToArray());
        return true;
    }

    private static bool TryDecodeReference(ref RlpReader items, int depthLeft, out TrieNode? node)
    {
        node = null;
        if (items.NextIsList)
        {
            if (!items.TryReadRaw(out ReadOnlySpan<byte> inline) || inline.Length >= Hash256.Size) return false;
            if (!TryDecode(inline, depthLeft - 1, out node)) return false;
            node.SetInline();
            return true;
        }

        if (!items.TryReadBytes(out ReadOnlySpan<byte> bytes)) return false;
        if (bytes.IsEmpty) return true;
        if (bytes.Length != Hash256.Size) return false;
        node = new HashNode(new Hash256(bytes));
        return true;
    }
}
