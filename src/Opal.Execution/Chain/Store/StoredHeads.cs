using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The three heads as they are written: a fork-choice frame of the journal, and a part of the checkpoint.</summary>
/// <param name="Head">The unsafe head.</param>
/// <param name="Safe">The safe head; null while none was named.</param>
/// <param name="Finalized">The finalized head; null while none was named.</param>
internal readonly record struct StoredHeads(BlockId Head, BlockId? Safe, BlockId? Finalized)
{
    private const int IdSize = 1 + 8 + 32;

    /// <summary>The encoding's size in bytes.</summary>
    public const int Size = 3 * IdSize;

    public static StoredHeads Of(ChainHeads heads) => new(heads.Head.Id, heads.Safe?.Id, heads.Finalized?.Id);

    /// <summary>Three times <c>[1 or 0][number u64 little-endian][hash 32]</c>.</summary>
    public void WriteTo(Span<byte> destination)
    {
        WriteId(destination, Head);
        WriteId(destination[IdSize..], Safe);
        WriteId(destination[(2 * IdSize)..], Finalized);
    }

    private static void WriteId(Span<byte> destination, BlockId? id)
    {
        destination[..IdSize].Clear();
        if (id is not { } known) return;
        destination[0] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(destination[1..], known.Number);
        known.Hash.CopyTo(destination[9..]);
    }

    /// <summary>Reads the encoding; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out StoredHeads heads)
    {
        heads = default;
        if (source.Length != Size || ReadId(source) is not { } head) return false;
        heads = new StoredHeads(head, ReadId(source[IdSize..]), ReadId(source[(2 * IdSize)..]));
        return true;
    }

    private static BlockId? ReadId(ReadOnlySpan<byte> source) =>
        source[0] == 0 ? null : new BlockId(new Hash256(source.Slice(9, 32)), BinaryPrimitives.ReadUInt64LittleEndian(source[1..]));
}
