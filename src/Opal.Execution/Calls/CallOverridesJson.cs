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
    /// <param name="accounts">The accounts to change, by address.</param>
    /// <param name="block">The block's fields to change.</param>
    /// <param name="precompiles">The precompiles of the block, which accounts may move or replace.</param>
    /// <exception cref="RpcException">The accounts contradict each other.</exception>
    public static CallOverrides? Read(JsonValue? accounts, JsonValue? block, PrecompileSet precompiles)
    {
        if (accounts is null && block is null) return null;
        CallOverrides overrides = block is { } fields ? ReadBlock(fields) : new CallOverrides();
        if (accounts is not { } given) return overrides;
        return overrides with { Accounts = ReadAccounts(given), Precompiles = MovePrecompiles(given, precompiles) };
    }

    /// <summary>Where the precompiles are after the moves; an account that replaces one takes it away. Null: where they were.</summary>
    private static PrecompileSet? MovePrecompiles(JsonValue accounts, PrecompileSet precompiles)
    {
        PrecompileSet? moved = null;
        HashSet<Address> targets = [];
        foreach (JsonProperty property in accounts.Element.EnumerateObject())
        {
            Address address = Address.Parse(property.Name);
            if (targets.Contains(address)) throw RpcException.Refused($"account {address.ToChecksumString()} has already been overridden by a precompile");
            Precompile? precompile = (moved ?? precompiles).Find(address);
            if (new JsonValue(property.Value, property.Name).OrNull("movePrecompileToAddress", static v => v.AsAddress()) is { } target)
            {
                if (precompile is null) throw RpcException.Refused($"account {address.ToChecksumString()} is not a precompile");
                if (Names(accounts, target)) throw RpcException.Refused($"account {target.ToChecksumString()} is already overridden");
                moved = (moved ?? precompiles).With(target, precompile);
                targets.Add(target);
            }

            if (precompile is not null) moved = (moved ?? precompiles).With(address, null);
        }

        return moved;
    }

    private static bool Names(JsonValue accounts, Address address)
    {
        foreach (JsonProperty property in accounts.Element.EnumerateObject())
        {
            if (Address.Parse(property.Name) == address) return true;
        }

        return false;
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

    /// <summary>Reads the accounts to change.</summary>
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
        List<(UInt256 Slot, UInt256 Value)>? state = value.OrNone("state", ReadSlots), diff = value.OrNone("stateDiff", ReadSlots);
        if (state is not null && diff is not null) throw RpcException.Refused($"account {Address.Parse(value.Name).ToChecksumString()} has both 'state' and 'stateDiff'");
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
