using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.State;

namespace Opal.Execution;

/// <summary>The part of the <c>eth</c> namespace that reads accounts.</summary>
public sealed class EthStateApi(BlockSelector blocks, TransactionPool pool)
{
    private const int MaxProofKeys = 1024;

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("eth_getBalance", GetBalance);
        registry.Register("eth_getTransactionCount", GetTransactionCount);
        registry.Register("eth_getCode", GetCode);
        registry.Register("eth_getStorageAt", GetStorageAt);
        registry.Register("eth_getStorageValues", GetStorageValues);
        registry.Register("eth_getProof", GetProof);
        registry.Register("eth_accounts", static _ => RpcResult.Raw("[]"u8.ToArray()));
    }

    private RpcResult GetBalance(RpcParams parameters)
    {
        Address address = parameters.GetAddress(0);
        blocks.GetState(parameters.GetBlockOrLatest(1)).TryGetAccount(address, out Account account);
        return RpcResult.Quantity(account.Balance);
    }

    private RpcResult GetTransactionCount(RpcParams parameters)
    {
        Address address = parameters.GetAddress(0);
        BlockParameter block = parameters.GetBlockOrLatest(1);
        if (block.Kind == BlockParameterKind.Pending) return RpcResult.Quantity(pool.PendingNonce(address));
        blocks.GetState(block).TryGetAccount(address, out Account account);
        return RpcResult.Quantity(account.Nonce);
    }

    private RpcResult GetCode(RpcParams parameters)
    {
        Address address = parameters.GetAddress(0);
        ChainState state = blocks.GetState(parameters.GetBlockOrLatest(1));
        return state.TryGetAccount(address, out Account account) && account.CodeHash != Hash256.EmptyCode
            ? RpcResult.Data(state.GetCode(account.CodeHash).Span)
            : RpcResult.String("0x");
    }

    private RpcResult GetStorageAt(RpcParams parameters)
    {
        Address address = parameters.GetAddress(0);
        UInt256 slot = parameters.GetSlot(1);
        blocks.GetState(parameters.GetBlockOrLatest(2)).GetStorage(address, slot, out UInt256 value);
        return RpcResult.Data(value.ToBigEndianArray());
    }

    private RpcResult GetStorageValues(RpcParams parameters)
    {
        List<(Address Address, UInt256[] Slots)> wanted = parameters.Get(0, ReadSlotsByAddress);
        int count = wanted.Sum(static w => w.Slots.Length);
        if (count == 0) return RpcResult.Fail(RpcErrorCode.InvalidParams, "empty request");
        if (count > MaxProofKeys) return RpcResult.Fail(RpcErrorCode.InvalidParams, $"too many slots (got {count}, max {MaxProofKeys})");
        ChainState state = blocks.GetState(parameters.GetBlockOrLatest(1));
        return RpcResult.Json(json =>
        {
            json.WriteStartObject();
            foreach ((Address address, UInt256[] slots) in wanted)
            {
                json.WriteStartArray(address.ToString());
                foreach (UInt256 slot in slots)
                {
                    state.GetStorage(address, slot, out UInt256 value);
                    json.WriteDataValue(value.ToBigEndianArray());
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }

    private static List<(Address Address, UInt256[] Slots)> ReadSlotsByAddress(JsonValue value)
    {
        if (value.Element.ValueKind != JsonValueKind.Object) throw value.Fault("expected an object of slots by address");
        List<(Address Address, UInt256[] Slots)> wanted = [];
        foreach (JsonProperty property in value.Element.EnumerateObject())
        {
            if (property.Name.Length != 42 || !Address.TryParse(property.Name, out Address address)) throw value.Fault($"\"{property.Name}\" is no address");
            wanted.Add((address, new JsonValue(property.Value, property.Name).AsArray(static v => v.AsSlot())));
        }

        return wanted;
    }

    private RpcResult GetProof(RpcParams parameters)
    {
        Address address = parameters.GetAddress(0);
        (UInt256 Slot, string Text)[] keys = parameters.Get(1, static v => v.AsArray(static key => (key.AsSlot(), key.AsString())));
        if (keys.Length > MaxProofKeys) return RpcResult.Fail(RpcErrorCode.InvalidParams, $"too many keys (got {keys.Length}, max {MaxProofKeys})");
        AccountProof proof = blocks.GetState(parameters.GetBlockOrLatest(2)).View.GetProof(address, [.. keys.Select(static k => k.Slot)]);
        var answer = new EthProof
        {
            Address = address,
            Nonce = proof.Account.Nonce,
            Balance = proof.Account.Balance,
            CodeHash = proof.Account.CodeHash,
            StorageHash = proof.StorageRoot,
            AccountProof = proof.Nodes,
            StorageProof = [.. proof.Storage.Select((s, i) => new EthStorageProof(keys[i].Slot, s.Value, s.Nodes, keys[i].Text.Length == 66))],
        };
        return RpcResult.Json(json => EthJson.WriteProof(json, answer));
    }
}
