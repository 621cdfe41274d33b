using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>One block of an eth_simulateV1 request.</summary>
internal sealed record SimulatedBlock
{
    /// <summary>The number; null is the one after the block before.</summary>
    public ulong? Number { get; init; }

    /// <summary>The time in seconds; null is twelve after the block before.</summary>
    public ulong? Timestamp { get; init; }

    public UInt256? Difficulty { get; init; }

    public ulong? GasLimit { get; init; }

    public Address? FeeRecipient { get; init; }

    public Hash256? PrevRandao { get; init; }

    public UInt256? BaseFee { get; init; }

    public Hash256? BeaconRoot { get; init; }

    public Withdrawal[] Withdrawals { get; init; } = [];

    /// <summary>Accounts, precompiles, blob base fee.</summary>
    public CallOverrides Overrides { get; init; } = new();

    /// <summary>The transactions.</summary>
    public CallArguments[] Calls { get; init; } = [];

    /// <summary>Reads it.</summary>
    /// <param name="value">The object.</param>
    /// <param name="precompiles">The precompiles of the block all is based on.</param>
    public static SimulatedBlock Read(JsonValue value, PrecompileSet precompiles)
    {
        JsonValue? accounts = value.TryGet("stateOverrides", out JsonValue given) ? given : null;
        CallOverrides overrides = CallOverridesJson.Read(accounts, null, precompiles) ?? new CallOverrides();
        var block = new SimulatedBlock { Overrides = overrides, Calls = value.OrNone("calls", static v => v.AsArray(CallArguments.Read)) ?? [] };
        if (!value.TryGet("blockOverrides", out JsonValue fields)) return block;
        return block with
        {
            Number = fields.OrNull("number", static v => v.AsQuantity()),
            Timestamp = fields.OrNull("time", static v => v.AsQuantity()),
            Difficulty = fields.OrNull("difficulty", static v => v.AsUInt256()),
            GasLimit = fields.OrNull("gasLimit", static v => v.AsQuantity()),
            FeeRecipient = fields.OrNull("feeRecipient", static v => v.AsAddress()),
            PrevRandao = fields.OrNull("prevRandao", static v => v.AsHash()),
            BaseFee = fields.OrNull("baseFeePerGas", static v => v.AsUInt256()),
            BeaconRoot = fields.OrNull("beaconRoot", static v => v.AsHash()),
            Withdrawals = fields.OrNone("withdrawals", static v => v.AsArray(EthJson.ReadWithdrawal)) ?? [],
            Overrides = overrides with { BlobBaseFee = fields.OrNull("blobBaseFee", static v => v.AsUInt256()) },
        };
    }
}
