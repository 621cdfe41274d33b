using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary><c>eth_sendRawTransactionConditional</c>: a transaction that the sequencer includes only while its sender's preconditions hold.</summary>
/// <remarks>They must hold at the head and at its parent, so that the method gives no advantage over a plain send; then again when a block is built.</remarks>
internal sealed class EthConditionalApi(
    Blockchain chain, TransactionPool pool, ICrypto crypto, ExecutionClientOptions options, ConditionalTransactionOptions conditional, TimeProvider time, ILogger logger)
{
    /// <summary>The preconditions do not hold.</summary>
    private const int Rejected = -32003;

    /// <summary>The preconditions cost more than one request, or all of this second together, may.</summary>
    private const int TooCostly = -32005;

    private readonly EthSendApi _send = new(chain, pool, crypto, options, logger);
    private readonly CostLimiter _limiter = new(conditional.CostPerSecond, Math.Max(conditional.CostPerSecond, TransactionCondition.MaxCost), time);

    /// <summary>Adds the method.</summary>
    public void Register(RpcRegistry registry) => registry.Register("eth_sendRawTransactionConditional", async (parameters, _, cancellation) =>
    {
        byte[] encoded = parameters.GetData(0);
        TransactionCondition condition = parameters.Get(1, Read);
        JsonElement asGiven = parameters[1].Element;
        if (Check(condition) is { } refused) return RpcResult.Fail(refused);
        (Hash256 hash, RpcError? error) = options.Sequencer is null
            ? await _send.SendAsync(encoded, condition, cancellation)
            : await _send.ForwardAsync("eth_sendRawTransactionConditional", encoded, asGiven, cancellation);
        return error is null ? RpcResult.Hash(hash) : RpcResult.Fail(error);
    });

    private RpcError? Check(TransactionCondition condition)
    {
        int cost = condition.Cost;
        if (cost > TransactionCondition.MaxCost) return new RpcError(TooCostly, $"conditional cost, {cost}, exceeded max: {TransactionCondition.MaxCost}");
        if (condition.Validate() is { } malformed) return new RpcError(Rejected, $"failed conditional validation: {malformed}");
        ExecutedBlock head = chain.Head;
        if (condition.CheckBounds(head.Number, head.Header.Timestamp) is { } outside) return new RpcError(Rejected, $"failed header check: {outside}");
        if (!_limiter.TryTake(cost)) return new RpcError(TooCostly, $"cost {cost} rate limited");
        if (condition.KnownAccounts.Count == 0) return null;
        if (CheckAt(head, condition) is { } now) return new RpcError(Rejected, $"failed state check: {now}");
        return chain.Find(head.Header.ParentHash) is { } parent && CheckAt(parent, condition) is { } before
            ? new RpcError(Rejected, $"failed parent block {parent.Hash} state check: {before}")
            : null;
    }

    private string? CheckAt(ExecutedBlock block, TransactionCondition condition) =>
        chain.OpenState(block) is { } state ? condition.CheckState(state) : $"the state of block {block.Number} is not kept";

    private static TransactionCondition Read(JsonValue value) => new()
    {
        KnownAccounts = value.OrNone("knownAccounts", ReadAccounts) ?? [],
        BlockNumberMin = value.OrNull("blockNumberMin", static v => v.AsUInt256()),
        BlockNumberMax = value.OrNull("blockNumberMax", static v => v.AsUInt256()),
        TimestampMin = value.OrNull("timestampMin", static v => v.AsQuantity()),
        TimestampMax = value.OrNull("timestampMax", static v => v.AsQuantity()),
    };

    private static List<KnownAccount> ReadAccounts(JsonValue value)
    {
        if (value.Element.ValueKind != JsonValueKind.Object) throw value.Fault("expected an object");
        List<KnownAccount> accounts = [];
        foreach (JsonProperty property in value.Element.EnumerateObject())
        {
            if (!Address.TryParse(property.Name, out Address address)) throw value.Fault("expected addresses as field names");
            var wanted = new JsonValue(property.Value, property.Name);
            if (property.Value.ValueKind == JsonValueKind.String)
            {
                accounts.Add(new KnownAccount(address, wanted.AsHash(), []));
                continue;
            }

            if (property.Value.ValueKind != JsonValueKind.Object) throw wanted.Fault("expected a storage root, or an object of slots");
            List<(UInt256, UInt256)> slots = [];
            foreach (JsonProperty slot in property.Value.EnumerateObject())
            {
                if (!Hash256.TryParse(slot.Name, out Hash256 key)) throw wanted.Fault("expected 32-byte slots as field names");
                slots.Add((key.ToUInt256(), new JsonValue(slot.Value, slot.Name).AsHash().ToUInt256()));
            }

            accounts.Add(new KnownAccount(address, null, slots));
        }

        return accounts;
    }
}
