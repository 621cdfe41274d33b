using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>A value that the two sides do not agree on.</summary>
/// <param name="Case">The index of the case; -1 for the block itself.</param>
/// <param name="What">What it is.</param>
/// <param name="Anvil">anvil's.</param>
/// <param name="Opal">Ours.</param>
internal sealed record Difference(int Case, string What, string Anvil, string Opal)
{
    public override string ToString() => $"{(Case < 0 ? "block" : $"case {Case}")}: {What}: anvil {Anvil}, opal {Opal}";
}

/// <summary>Compares outcomes.</summary>
internal static class Comparison
{
    /// <summary>Everything that differs.</summary>
    /// <param name="anvil">anvil's outcomes.</param>
    /// <param name="opal">Ours.</param>
    /// <param name="order">For each transaction of the last block the index of its case.</param>
    public static List<Difference> Compare(IReadOnlyList<BlockOutcome> anvil, IReadOnlyList<BlockOutcome> opal, IReadOnlyList<int> order)
    {
        var differences = new List<Difference>();
        for (int i = 0; i < anvil.Count; i++)
        {
            for (int j = 0; j < anvil[i].Transactions.Count; j++) CompareTransactions(order[j], anvil[i].Transactions[j], opal[i].Transactions[j], differences);
            CompareHeaders(anvil[i].Header, opal[i].Header, differences);
            if (anvil[i].StateRoot is { } root) Check(differences, -1, $"{anvil[i].Header.Number} state root", root, opal[i].StateRoot!.Value);
        }

        return differences;
    }

    private static void CompareHeaders(BlockHeader anvil, BlockHeader opal, List<Difference> differences)
    {
        string at = $"{anvil.Number} ";
        Check(differences, -1, at + "parent", anvil.ParentHash, opal.ParentHash);
        Check(differences, -1, at + "receipts root", anvil.ReceiptsRoot, opal.ReceiptsRoot);
        Check(differences, -1, at + "transactions root", anvil.TransactionsRoot, opal.TransactionsRoot);
        Check(differences, -1, at + "bloom", Hex.Encode(anvil.LogsBloom.Bytes), Hex.Encode(opal.LogsBloom.Bytes));
        Check(differences, -1, at + "gas limit", anvil.GasLimit, opal.GasLimit);
        Check(differences, -1, at + "gas used", anvil.GasUsed, opal.GasUsed);
        Check(differences, -1, at + "base fee", anvil.BaseFeePerGas ?? 0, opal.BaseFeePerGas ?? 0);
        Check(differences, -1, at + "blob gas used", $"{anvil.BlobGasUsed}", $"{opal.BlobGasUsed}");
        Check(differences, -1, at + "excess blob gas", $"{anvil.ExcessBlobGas}", $"{opal.ExcessBlobGas}");
        Check(differences, -1, at + "withdrawals root", $"{anvil.WithdrawalsRoot}", $"{opal.WithdrawalsRoot}");
        Check(differences, -1, at + "requests hash", $"{anvil.RequestsHash}", $"{opal.RequestsHash}");
        Check(differences, -1, at + "beacon root", $"{anvil.ParentBeaconBlockRoot}", $"{opal.ParentBeaconBlockRoot}");
        Check(differences, -1, at + "fee recipient", anvil.Beneficiary, opal.Beneficiary);
    }

    private static void CompareTransactions(int index, TxOutcome anvil, TxOutcome opal, List<Difference> differences)
    {
        if (anvil.Refusal is null != opal.Refusal is null)
        {
            differences.Add(new Difference(index, "validity", anvil.Refusal ?? "included", opal.Refusal ?? "included"));
            return;
        }

        if (anvil.Refusal is not null) return;
        string notes = $" ({anvil.Note}|{opal.Note})";
        Check(differences, index, "status" + notes, anvil.Succeeded, opal.Succeeded);
        Check(differences, index, "gas used" + notes, anvil.GasUsed, opal.GasUsed);
        Check(differences, index, "created", $"{anvil.Created}", $"{opal.Created}");
        if (anvil.Output is not null && opal.Output is not null) Check(differences, index, "output" + notes, Hex.Encode(anvil.Output), Hex.Encode(opal.Output));
        Check(differences, index, "logs", anvil.Logs.Count, opal.Logs.Count);
        for (int i = 0; i < Math.Min(anvil.Logs.Count, opal.Logs.Count); i++) Check(differences, index, $"log {i}", Describe(anvil.Logs[i]), Describe(opal.Logs[i]));
    }

    private static string Describe(LogEntry log) => $"{log.Address} [{string.Join(' ', log.Topics)}] {Hex.Encode(log.Data)}";

    private static void Check<T>(List<Difference> differences, int index, string what, T anvil, T opal)
    {
        if (!EqualityComparer<T>.Default.Equals(anvil, opal)) differences.Add(new Difference(index, what, $"{anvil}", $"{opal}"));
    }
}
