using Opal.Primitives;
using Opal.Trie;

namespace Opal.Protocol;

/// <summary>The trie roots that a header has of its body and receipts.</summary>
public static class BodyRoots
{
    /// <summary>The root of the trie index -> EIP-2718 encoding.</summary>
    public static Hash256 OfTransactions(IReadOnlyList<Transaction> transactions)
    {
        var items = new ReadOnlyMemory<byte>[transactions.Count];
        for (int i = 0; i < items.Length; i++) items[i] = transactions[i].Encoded;
        return OrderedTrie.Root(items);
    }

    /// <summary>The root of the trie index -> consensus encoding.</summary>
    public static Hash256 OfReceipts(IReadOnlyList<Receipt> receipts)
    {
        var items = new ReadOnlyMemory<byte>[receipts.Count];
        for (int i = 0; i < items.Length; i++) items[i] = receipts[i].Encode();
        return OrderedTrie.Root(items);
    }

    /// <summary>The root of the trie index -> encoding.</summary>
    public static Hash256 OfWithdrawals(IReadOnlyList<Withdrawal> withdrawals)
    {
        var items = new ReadOnlyMemory<byte>[withdrawals.Count];
        for (int i = 0; i < items.Length; i++) items[i] = withdrawals[i].Encode();
        return OrderedTrie.Root(items);
    }
}
