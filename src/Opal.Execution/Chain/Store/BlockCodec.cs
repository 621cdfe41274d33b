using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>What a block frame of the journal says before its block is decoded.</summary>
/// <param name="Number">The block's number.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Parent">Its parent's hash.</param>
internal readonly record struct BlockFrameStart(ulong Number, Hash256 Hash, Hash256 Parent);

/// <summary>
/// Block frames of the journal: <c>[format u8][number u64][hash 32][parent 32][length of the block u32]</c>, little-endian, then the block as it
/// travels, rlp([header, transactions, ommers, withdrawals?]), then its receipts (<see cref="ReceiptCodec"/>).
/// </summary>
internal static class BlockCodec
{
    private const byte Format = 1;
    private const int PrefixSize = 1 + 8 + 32 + 32 + 4;

    /// <summary>Writes a frame's payload.</summary>
    public static void Write(RlpWriter writer, ExecutedBlock block)
    {
        byte[] encoded = block.Block.Encode();
        Span<byte> prefix = stackalloc byte[PrefixSize];
        prefix[0] = Format;
        BinaryPrimitives.WriteUInt64LittleEndian(prefix[1..], block.Number);
        block.Hash.CopyTo(prefix[9..]);
        block.Header.ParentHash.CopyTo(prefix[41..]);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[73..], encoded.Length);
        writer.WriteRaw(prefix);
        writer.WriteRaw(encoded);
        ReceiptCodec.Write(writer, block.Receipts);
    }

    /// <summary>Reads what is before the block.</summary>
    /// <exception cref="StoreCorruptException">The frame has another form.</exception>
    public static BlockFrameStart ReadStart(in Frame frame)
    {
        ReadOnlySpan<byte> payload = frame.Payload.Span;
        if (payload.Length < PrefixSize || payload[0] != Format) throw Damaged(frame, "it is no block of this format");
        return new BlockFrameStart(BinaryPrimitives.ReadUInt64LittleEndian(payload[1..]), new Hash256(payload.Slice(9, 32)), new Hash256(payload.Slice(41, 32)));
    }

    private static ReadOnlySpan<byte> BlockOf(in Frame frame, in Hash256 expected)
    {
        BlockFrameStart start = ReadStart(frame);
        if (start.Hash != expected) throw Damaged(frame, $"it holds block {start.Number} {start.Hash}, and block {expected} was looked for");
        ReadOnlySpan<byte> payload = frame.Payload.Span;
        int length = BinaryPrimitives.ReadInt32LittleEndian(payload[73..]);
        return length >= 0 && length <= payload.Length - PrefixSize ? payload.Slice(PrefixSize, length) : throw Damaged(frame, "its length does not fit");
    }

    /// <summary>Decodes the header alone.</summary>
    /// <exception cref="StoreCorruptException">The frame holds another block, or none.</exception>
    public static BlockHeader ReadHeader(in Frame frame, in Hash256 expected)
    {
        if (!RlpReader.TryOpenList(BlockOf(frame, expected), out RlpReader parts) || !BlockHeader.TryRead(ref parts, out BlockHeader? header)) throw Damaged(frame, "its header does not decode");
        return header!;
    }

    /// <summary>Decodes the block; the receipts are decoded when somebody asks for them.</summary>
    /// <exception cref="StoreCorruptException">The frame holds another block, or none.</exception>
    public static ExecutedBlock Read(in Frame frame, in Hash256 expected)
    {
        ReadOnlySpan<byte> encoded = BlockOf(frame, expected);
        if (!Block.TryDecode(encoded, out Block? block) || block!.Hash != expected) throw Damaged(frame, "its block does not decode");
        return new ExecutedBlock(block, frame.Payload.Span[(PrefixSize + encoded.Length)..].ToArray());
    }

    private static StoreCorruptException Damaged(in Frame frame, string problem) =>
        new($"journal file {frame.Address.File}, offset {frame.Address.Offset}: {problem}; remove the data directory and sync again, or restore it from a backup");
}
