using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The transactions of one network upgrade, in order.</summary>
public sealed class UpgradeBundle
{
    private readonly Transaction[] _transactions;

    /// <summary>Makes the deposits of a bundle.</summary>
    /// <param name="fork">The fork that they belong to.</param>
    /// <param name="transactions">The transactions, intents as published: before Karst they name the fork themselves.</param>
    public UpgradeBundle(OptimismFork fork, IReadOnlyList<UpgradeTransaction> transactions)
    {
        Fork = fork;
        _transactions = new Transaction[transactions.Count];
        bool bringsGas = fork >= OptimismFork.Karst;
        for (int i = 0; i < _transactions.Length; i++)
        {
            UpgradeTransaction transaction = transactions[i];
            if (bringsGas) ExtraGas += transaction.GasLimit;
            _transactions[i] = new Transaction
            {
                Type = TransactionType.Deposit,
                SourceHash = SourceHash.OfUpgrade(bringsGas ? Qualify(fork, i, transaction.Intent) : Utf8.ToBytes(transaction.Intent)),
                From = transaction.From,
                To = transaction.To,
                GasLimit = transaction.GasLimit,
                Data = transaction.Data,
            };
        }

        var writer = new RlpWriter(32 * Math.Max(1, _transactions.Length));
        foreach (Transaction transaction in _transactions) writer.WriteRaw(transaction.Hash.ToArray());
        Hash = Keccak256.Hash(writer.Written);
    }

    /// <summary>The fork.</summary>
    public OptimismFork Fork { get; }

    /// <summary>The deposits, in order.</summary>
    public IReadOnlyList<Transaction> Transactions => _transactions;

    /// <summary>keccak256 of the transactions' hashes, concatenated: what <see cref="NetworkUpgrades"/> pins.</summary>
    public Hash256 Hash { get; }

    /// <summary>Gas that the activation block's limit grows by: from Karst on the sum of the gas limits, before 0 (l2-upgrades-1-execution.md#gas-allocation-specification).</summary>
    public ulong ExtraGas { get; }

    /// <summary>"Karst 7: intent": bundles from Karst on are numbered, so that two equal intents differ.</summary>
    private static byte[] Qualify(OptimismFork fork, int index, string intent)
    {
        var text = new List<byte>();
        text.AddRange(NameOf(fork));
        text.Add((byte)' ');
        int first = text.Count;
        do
        {
            text.Insert(first, (byte)('0' + (index % 10)));
            index /= 10;
        }
        while (index > 0);
        text.AddRange(": "u8);
        text.AddRange(Utf8.ToBytes(intent));
        return text.ToArray();
    }

    private static ReadOnlySpan<byte> NameOf(OptimismFork fork) => fork switch
    {
        OptimismFork.Karst => "Karst"u8,
        _ => throw new InvalidOperationException($"fork {fork} has no numbered bundle"),
    };
}
