using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>eth_simulateV1: blocks of transactions that never happen.</summary>
/// <param name="chain">The chain.</param>
/// <param name="blocks">Finds the block to build on.</param>
/// <param name="gasCap">Most gas of all transactions of a request; 0 sets no limit.</param>
/// <param name="timeout">Most time of a request.</param>
public sealed class EthSimulateApi(Blockchain chain, BlockSelector blocks, ulong gasCap, TimeSpan timeout)
{
    private const int MaxBlocks = 256;

    /// <summary>Adds the method.</summary>
    public void Register(RpcRegistry registry) => registry.Register("eth_simulateV1", Simulate);

    private RpcResult Simulate(RpcParams parameters)
    {
        JsonValue options = parameters[0];
        ChainState state = blocks.GetState(parameters.GetBlockOrLatest(1));
        PrecompileSet precompiles = chain.Spec.At(state.Block.Header).Evm.Precompiles;
        SimulatedBlock[] requested = parameters.Get(0, v => v.OrNone("blockStateCalls", list => Read(list, precompiles)) ?? []);
        if (requested.Length == 0) return RpcResult.Fail(RpcErrorCode.InvalidParams, "empty input");
        bool Flag(string name) => options.OrNull(name, static v => v.AsBool()) ?? false;
        var simulator = new BlockSimulator(chain, state, Flag("validation"), Flag("traceTransfers"), gasCap, timeout);
        List<SimulationResult> results = simulator.Run(requested);
        bool full = Flag("returnFullTransactions");
        return RpcResult.Json(json =>
        {
            json.WriteStartArray();
            foreach (SimulationResult result in results) EthJson.WriteBlock(json, result.Block, full, chain.Crypto, result.Receipts, writer => WriteCalls(writer, result));
            json.WriteEndArray();
        });
    }

    private static SimulatedBlock[] Read(JsonValue list, PrecompileSet precompiles)
    {
        if (list.Count > MaxBlocks) throw new RpcException(SimulationErrors.ClientLimit, "too many blocks");
        return list.AsArray(v => SimulatedBlock.Read(v, precompiles));
    }

    private static void WriteCalls(Utf8JsonWriter json, SimulationResult result)
    {
        json.WriteStartArray("calls"u8);
        for (int i = 0; i < result.Calls.Count; i++)
        {
            TransactionOutcome outcome = result.Calls[i].Outcome;
            json.WriteStartObject();
            json.WriteData("returnData"u8, outcome.Output.Span);
            json.WriteStartArray("logs"u8);
            foreach ((LogEntry log, ulong index) in result.Calls[i].Logs)
            {
                BlockHeader header = result.Block.Header;
                EthJson.WriteLog(json, log, new LogPlace(header.Hash, header.Number, header.Timestamp, result.Block.Transactions[i].Hash, (ulong)i, index));
            }

            json.WriteEndArray();
            json.WriteQuantity("gasUsed"u8, outcome.GasUsed);
            json.WriteQuantity("maxUsedGas"u8, outcome.GasBeforeRefund);
            json.WriteQuantity("status"u8, outcome.Succeeded ? 1UL : 0UL);
            if (!outcome.Succeeded) WriteError(json, outcome);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteError(Utf8JsonWriter json, in TransactionOutcome outcome)
    {
        json.WriteStartObject("error"u8);
        if (outcome.Halt == Halt.Revert)
        {
            RpcError error = RevertReason.ToError(outcome.Output.Span);
            json.WriteString("message"u8, error.Message);
            json.WriteNumber("code"u8, error.Code);
            json.WriteString("data"u8, error.Data);
        }
        else
        {
            json.WriteString("message"u8, HaltText.Of(outcome.Halt));
            json.WriteNumber("code"u8, SimulationErrors.Failed);
        }

        json.WriteEndObject();
    }
}
