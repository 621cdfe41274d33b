using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool;

/// <summary>Tells why bytes are no block, as particularly as it can.</summary>
internal static class BlockFaults
{
    /// <summary>The fault of the first transaction that does not decode; otherwise that the block's own structure is malformed.</summary>
    /// <param name="encoded">Bytes that <see cref="Block.TryDecode"/> refused.</param>
    public static Rejection Find(ReadOnlySpan<byte> encoded)
    {
        var malformed = new Rejection(Rejection.MalformedBlock, "the block does not decode");
        var items = new RlpReader(encoded);
        if (!items.TryReadList(out RlpReader parts) || !BlockHeader.TryRead(ref parts, out _) || !parts.TryReadList(out RlpReader transactions)) return malformed;
        while (!transactions.AtEnd)
        {
            ReadOnlySpan<byte> item;
            if (transactions.NextIsList ? !transactions.TryReadRaw(out item) : !transactions.TryReadBytes(out item)) return malformed;
            if (!Transaction.TryDecode(item, out _, out TransactionError error)) return Rejection.Of(error);
        }

        return malformed;
    }
}
