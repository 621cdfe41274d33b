using Opal.Primitives;
using Opal.State.Flat;

namespace Opal.State.Durable;

/// <summary>The keys of the two histories, and the labels of their blocks.</summary>
/// <remarks>
/// Flat: [0][hashed address], [1][hashed address][hashed slot]. Trie: [0][path] or [1][hashed address][path], where path is that of
/// <see cref="Trie.TriePath.WriteKey"/>, then one byte: 0 for the record's header, 1 + digit for the reference of a child.
/// </remarks>
internal static class HistoryKeys
{
    /// <summary>The longest key.</summary>
    public const int MaxSize = 1 + StateSchema.MaxKeySize + 1;

    /// <summary>The size of a label: block hash, state root, hash and state root of the parent.</summary>
    public const int LabelSize = 4 * Hash256.Size;

    /// <summary>Writes the key of a row (a record's is followed by the byte that the caller writes) and gives its size back.</summary>
    public static int Write(Span<byte> to, in Hash256 owner, ReadOnlySpan<byte> key)
    {
        to[0] = owner.IsZero ? (byte)0 : (byte)1;
        return 1 + StateSchema.WriteKey(to[1..], owner, key);
    }

    /// <summary>Takes a row's key apart; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Hash256 owner, out ReadOnlySpan<byte> key)
    {
        owner = default;
        key = default;
        if (bytes.Length < 2 || bytes[0] > 1) return false;
        if (bytes[0] == 0)
        {
            key = bytes[1..];
            return true;
        }

        if (bytes.Length <= 1 + Hash256.Size) return false;
        owner = new Hash256(bytes.Slice(1, Hash256.Size));
        key = bytes[(1 + Hash256.Size)..];
        return true;
    }

    public static void WriteLabel(Span<byte> to, in BlockState block, in BlockState parent)
    {
        block.Hash.CopyTo(to);
        block.Root.CopyTo(to[32..]);
        parent.Hash.CopyTo(to[64..]);
        parent.Root.CopyTo(to[96..]);
    }

    public static BlockState BlockOf(ulong number, ReadOnlySpan<byte> label) => new(number, new Hash256(label[..32]), new Hash256(label.Slice(32, 32)));

    public static BlockState ParentOf(ulong number, ReadOnlySpan<byte> label) => new(number - 1, new Hash256(label.Slice(64, 32)), new Hash256(label.Slice(96, 32)));
}
