using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Where the transaction of a flat trace is; null in traces of calls that are in no block.</summary>
internal sealed record FlatPlace(Hash256 BlockHash, ulong BlockNumber, Hash256 TransactionHash, int TransactionIndex);

/// <summary>One call of a flat trace.</summary>
/// <param name="Node">The call.</param>
/// <param name="Address">The way to it: at each level the index among its siblings.</param>
/// <param name="Subtraces">How many calls it made, as far as they are shown.</param>
internal sealed record FlatTrace(CallNode Node, int[] Address, int Subtraces);

/// <summary>Call trees as flat lists, the form in which OpenEthereum, Erigon, Nethermind and reth give them.</summary>
internal static class FlatTraces
{
    /// <summary>The calls of a tree, each before those it made.</summary>
    /// <param name="top">The transaction's call.</param>
    /// <param name="includePrecompiles">Whether inner calls of precompiles are shown.</param>
    public static List<FlatTrace> Of(CallNode top, bool includePrecompiles)
    {
        List<FlatTrace> traces = [];
        Add(traces, top, [], includePrecompiles);
        return traces;
    }

    private static void Add(List<FlatTrace> traces, CallNode node, int[] address, bool includePrecompiles)
    {
        CallNode[] shown = [.. node.Calls.Where(call => includePrecompiles || !call.IsPrecompile)];
        traces.Add(new FlatTrace(node, address, shown.Length));
        for (int i = 0; i < shown.Length; i++) Add(traces, shown[i], [.. address, i], includePrecompiles);
    }

    /// <summary>Writes one trace.</summary>
    /// <param name="json">Where to write.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="place">Where its transaction is, if it is in a block.</param>
    /// <param name="parityErrors">Whether errors are told in OpenEthereum's words.</param>
    /// <param name="gas">The gas to show in place of the frame's own.</param>
    /// <param name="gasUsed">Likewise the gas used.</param>
    public static void Write(Utf8JsonWriter json, FlatTrace trace, FlatPlace? place, bool parityErrors, ulong? gas = null, ulong? gasUsed = null)
    {
        CallNode node = trace.Node;
        json.WriteStartObject();
        WriteAction(json, node, gas ?? node.Gas);
        if (place is not null)
        {
            json.WriteHash("blockHash"u8, place.BlockHash);
            json.WriteNumber("blockNumber"u8, place.BlockNumber);
        }

        bool failed = !node.Halt.IsSuccess();
        if (failed) json.WriteString("error"u8, parityErrors ? ParityError(node.Halt) : HaltText.Of(node.Halt));
        if (node.Kind == CallKind.SelfDestruct || (failed && node.Halt != Halt.Revert)) json.WriteNull("result"u8);
        else WriteResult(json, node, gasUsed ?? node.GasUsed);
        json.WriteNumber("subtraces"u8, trace.Subtraces);
        json.WriteStartArray("traceAddress"u8);
        foreach (int index in trace.Address) json.WriteNumberValue(index);
        json.WriteEndArray();
        if (place is not null)
        {
            json.WriteHash("transactionHash"u8, place.TransactionHash);
            json.WriteNumber("transactionPosition"u8, place.TransactionIndex);
        }

        json.WriteString("type"u8, node.Kind == CallKind.SelfDestruct ? "suicide" : node.IsCreation ? "create" : "call");
        json.WriteEndObject();
    }

    private static void WriteAction(Utf8JsonWriter json, CallNode node, ulong gas)
    {
        json.WriteStartObject("action"u8);
        if (node.Kind == CallKind.SelfDestruct)
        {
            json.WriteAddress("address"u8, node.From);
            json.WriteQuantity("balance"u8, node.Value);
            json.WriteAddress("refundAddress"u8, node.To);
            json.WriteEndObject();
            return;
        }

        if (node.IsCreation) json.WriteString("creationMethod"u8, node.Kind == CallKind.Create ? "create" : "create2");
        else json.WriteString("callType"u8, node.Kind.ToString().ToLowerInvariant());
        json.WriteAddress("from"u8, node.From);
        json.WriteQuantity("gas"u8, gas);
        if (node.IsCreation)
        {
            json.WriteData("init"u8, node.Input);
        }
        else
        {
            json.WriteData("input"u8, node.Input);
            json.WriteAddress("to"u8, node.To);
        }

        json.WriteQuantity("value"u8, node.Value);
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, CallNode node, ulong gasUsed)
    {
        json.WriteStartObject("result"u8);
        if (node.IsCreation && node.Halt.IsSuccess())
        {
            json.WriteAddress("address"u8, node.To);
            json.WriteData("code"u8, node.Output);
            json.WriteQuantity("gasUsed"u8, gasUsed);
        }
        else
        {
            json.WriteQuantity("gasUsed"u8, gasUsed);
            json.WriteData("output"u8, node.Output);
        }

        json.WriteEndObject();
    }

    private static string ParityError(Halt halt) => halt switch
    {
        Halt.Revert => "Reverted",
        Halt.OutOfGas or Halt.CodeStoreOutOfGas or Halt.CodeTooLarge => "Out of gas",
        Halt.InvalidJump => "Bad jump destination",
        Halt.InvalidOpcode => "Bad instruction",
        Halt.StackUnderflow => "Stack underflow",
        Halt.StackOverflow => "Out of stack",
        Halt.ReturnDataOutOfBounds => "Out of bounds",
        Halt.WriteProtection => "Mutable Call In Static Context",
        Halt.PrecompileFailure => "Built-in failed",
        _ => HaltText.Of(halt),
    };
}
