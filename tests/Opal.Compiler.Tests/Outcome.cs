using System.Text;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler.Tests;

/// <summary>Runs one call and tells in text everything of it that can be observed; the reason of an exceptional halt is not.</summary>
internal static class Outcome
{
    public static readonly Address Sender = Address.FromNumber(0xa0001);
    public static readonly Address Target = Address.FromNumber(0xb0001);

    public static string Of(EvmMachine machine, MapState state, EvmRules rules, byte[] input, long gas, ulong value = 0, bool isStatic = false)
    {
        machine.StartBlock(state, state, new BlockContext { Number = 500, Timestamp = 77, ChainId = 10u, GasLimit = 30_000_000, BaseFee = 7u, BlobBaseFee = 3u, PrevRandao = 12345u }, rules);
        machine.StartTransaction(new TransactionContext { Origin = Sender, GasPrice = 9u, BlobHashes = [Hash256.FromUInt256(5u)] });
        CallResult result = machine.Call(new CallMessage { Caller = Sender, To = Target, Gas = gas, Input = input, Value = value, IsStatic = isStatic });
        return Describe(machine, result);
    }

    private static string Describe(EvmMachine machine, in CallResult result)
    {
        var text = new StringBuilder();
        text.Append(result.IsSuccess ? "success" : result.IsRevert ? "revert" : "failure").Append(" gas left ").Append(result.GasLeft)
            .Append(" refund ").Append(machine.Journal.Refund).Append(" output ").Append(Hex.Encode(result.Output.Span)).AppendLine();
        foreach (LogEntry log in machine.Journal.GetLogs())
        {
            text.Append("log ").Append(log.Address).AppendJoin(' ', log.Topics).Append(Hex.Encode(log.Data)).AppendLine();
        }

        machine.EndTransaction();
        foreach (AccountChange change in machine.TakeDiff().Accounts)
        {
            text.Append(change.Address).Append(change.Exists).Append(change.StorageCleared).Append(change.Account).AppendJoin(' ', change.Storage).AppendLine();
        }

        return text.ToString();
    }
}
