using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Reads what a call pretends: the third and fourth parameter of eth_call.</summary>
public static class CallOverridesJson
{
    /// <summary>Reads both; either may be missing.</summary>
    public static CallOverrides? Read(JsonValue? accounts, JsonValue? block)
    {
        if (accounts is null && block is null) return null;
        CallOverrides overrides = block is { } fields ? ReadBlock(fields) : new CallOverrides();
        return accounts is { } given ? overrides with { Accounts = ReadAccounts(given) } : overrides;
    }

    private static CallOverrides ReadBlock(JsonValue value) => new()
    {
        Number = value.OrNull("number", static v => v.AsQuantity()),
        Timestamp = value.OrNull("time", static v => v.AsQuantity()) ?? value.OrNull("timestamp", static v => v.AsQuantity()),
        GasLimit = value.OrNull("gasLimit", static v => v.AsQuantity()),
        Coinbase = value.OrNull("feeRecipient", static v => v.AsAddress()) ?? value.OrNull("coinbase", static v => v.AsAddress()),
        PrevRandao = (value.OrNull("prevRandao", static v => v.AsHash()) ?? value.OrNull("random", static v => v.AsHash()))?.ToUInt256(),
        BaseFee = value.OrNull("baseFeePerGas", static v => v.AsUInt256()) ?? value.OrNull("baseFee", static v => v.AsUInt256()),
        BlobBaseFee = value.OrNull("blobBaseFee", static v => v.AsUInt256()),
    };

    private static List<(Address Address, AccountOverride Account)> ReadAccounts(JsonValue value)
    {
        if (value.Element.ValueKind != JsonValueKind.Object) throw value.Fault("expected an object of accounts by address");
        List<(Address Address, AccountOverride Account)> overrides = [];
        foreach (JsonProperty property in value.Element.EnumerateObject())
        {
            if (property.Name.Length != 42 || !Address.TryParse(property.Name, out Address address)) throw value.Fault($"\"{property.Name}\" is no address");
            overrides.Add((address, ReadAccount(new JsonValue(property.Value, property.Name))));
        }

        return overrides;
    }

    private static AccountOverride ReadAccount(JsonValue value)
    {
        if (value.TryGet("movePrecompileToAddress", out JsonValue moved)) throw moved.Fault("moving precompiles is not supported");
        List<(UInt256 Slot, UInt256 Value)>? state = value.OrNone("state", ReadSlots), diff = value.OrNone("stateDiff", ReadSlots);
        if (state is not null && diff is not null) throw value.Fault("account has both 'state' and 'stateDiff'");
        return new AccountOverride
        {
            Balance = value.OrNull("balance", static v => v.AsUInt256()),
            Nonce = value.OrNull("nonce", static v => v.AsQuantity()),
            Code = value.TryGet("code", out JsonValue code) ? new ReadOnlyMemory<byte>(code.AsData()) : (ReadOnlyMemory<byte>?)null,
            ReplacesStorage = state is not null,
            Storage = state ?? diff,
        };
    }

    private static List<(UInt256 Slot, UInt256 Value)> ReadSlots(JsonValue value)
    {
        if (value.Element.ValueKind != JsonValueKind.Object) throw value.Fault("expected an object of values by slot");
        List<(UInt256 Slot, UInt256 Value)> slots = [];
        foreach (JsonProperty property in value.Element.EnumerateObject())
        {
            if (!Hash256.TryParse(property.Name, out Hash256 slot)) throw value.Fault($"\"{property.Name}\" is no 32-byte slot");
            slots.Add((slot.ToUInt256(), new JsonValue(property.Value, property.Name).AsHash().ToUInt256()));
        }

        return slots;
    }
}
