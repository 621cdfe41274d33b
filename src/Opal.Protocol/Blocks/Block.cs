using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A header with its body.</summary>
/// <remarks>Wire: rlp([header, transactions, ommers, withdrawals?]); ommers are always empty after the merge.</remarks>
public sealed class Block
{
    /// <summary>The header.</summary>
    public required BlockHeader Header { get; init; }

    /// <summary>The transactions, in order.</summary>
    public Transaction[] Transactions { get; init; } = [];

    /// <summary>The headers of the ommers, as encoded: proof-of-work blocks only.</summary>
    public BlockHeader[] Ommers { get; init; } = [];

    /// <summary>The withdrawals; null before Shanghai and Canyon. Empty on L2.</summary>
    public Withdrawal[]? Withdrawals { get; init; }

    /// <summary>The header's hash.</summary>
    public Hash256 Hash => Header.Hash;

    /// <summary>The header's number.</summary>
    public ulong Number => Header.Number;

    /// <summary>The encoding.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(2048);
        int block = writer.BeginList();
        writer.WriteRaw(Header.Encode());
        WriteBody(writer);
        writer.EndList(block);
        return writer.ToArray();
    }

    private void WriteBody(RlpWriter writer)
    {
        int list = writer.BeginList();
        foreach (Transaction transaction in Transactions)
        {
            if (transaction.Type == TransactionType.Legacy) writer.WriteRaw(transaction.Encoded);
            else writer.WriteBytes(transaction.Encoded);
        }

        writer.EndList(list);
        int ommers = writer.BeginList();
        foreach (BlockHeader ommer in Ommers) writer.WriteRaw(ommer.Encode());
        writer.EndList(ommers);
        if (Withdrawals is null) return;
        int withdrawals = writer.BeginList();
        foreach (Withdrawal withdrawal in Withdrawals) withdrawal.WriteTo(writer);
        writer.EndList(withdrawals);
    }

    /// <summary>Decodes a block and nothing else.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Block? block)
    {
        var items = new RlpReader(encoded);
        return TryRead(ref items, out block) && items.AtEnd;
    }

    /// <summary>Reads one block, as from a file of blocks one after another.</summary>
    public static bool TryRead(ref RlpReader items, out Block? block)
    {
        block = null;
        if (!items.TryReadList(out RlpReader parts)
            || !BlockHeader.TryRead(ref parts, out BlockHeader? header)
            || !parts.TryReadList(out RlpReader encodedTransactions))
        {
            return false;
        }

        var transactions = new List<Transaction>();
        while (!encodedTransactions.AtEnd)
        {
            ReadOnlySpan<byte> encoded;
            if (encodedTransactions.NextIsList)
            {
                if (!encodedTransactions.TryReadRaw(out encoded)) return false;
            }
            else if (!encodedTransactions.TryReadBytes(out encoded) || encoded.IsEmpty || encoded[0] >= 0xc0)
            {
                return false;
            }

            if (!Transaction.TryDecode(encoded, out Transaction? transaction, out _)) return false;
            transactions.Add(transaction!);
        }

        if (!parts.TryReadList(out RlpReader encodedOmmers)) return false;
        var ommers = new List<BlockHeader>();
        while (!encodedOmmers.AtEnd)
        {
            if (!BlockHeader.TryRead(ref encodedOmmers, out BlockHeader? ommer)) return false;
            ommers.Add(ommer!);
        }

        List<Withdrawal>? withdrawals = null;
        if (!parts.AtEnd)
        {
            withdrawals = [];
            if (!parts.TryReadList(out RlpReader encodedWithdrawals)) return false;
            while (!encodedWithdrawals.AtEnd)
            {
                if (!Withdrawal.TryRead(ref encodedWithdrawals, out Withdrawal? withdrawal)) return false;
                withdrawals.Add(withdrawal!);
            }
        }

        if (!parts.TryEnd()) return false;
        block = new Block { Header = header!, Transactions = transactions.ToArray(), Ommers = ommers.ToArray(), Withdrawals = withdrawals?.ToArray() };
        return true;
    }
}
