using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>What a transaction changed, field by field, in OpenEthereum's form: "=" the same, "*" changed, "+" came to be, "-" is gone.</summary>
internal sealed class StateDiffTracer() : PrestateTracer(new TraceOptions { DiffMode = true })
{
    private static readonly Address[] Vaults = [Predeploys.BaseFeeVault, Predeploys.L1FeeVault, Predeploys.OperatorFeeVault];

    public override void Begin(Transaction transaction, in Address sender, in Address feeRecipient)
    {
        base.Begin(transaction, sender, feeRecipient);
        foreach (Address vault in Vaults) Touch(vault); // where there are none, nothing changes there
        foreach (Authorization authorization in transaction.AuthorizationList)
        {
            if (authorization.TryGetAuthority(Crypto!, out Address authority)) Touch(authority);
        }
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach ((Address address, Snapshot before) in Before)
        {
            Snapshot after = After[address];
            if ((!before.Exists && !after.Exists) || !Differs(before, after)) continue;
            json.WriteStartObject(address.ToString());
            WriteField(json, "balance"u8, before, after, before.Account.Balance == after.Account.Balance, static (j, s) => j.WriteQuantityValue(s.Account.Balance));
            WriteField(json, "code"u8, before, after, before.Account.CodeHash == after.Account.CodeHash, static (j, s) => j.WriteDataValue(s.Code));
            WriteField(json, "nonce"u8, before, after, before.Account.Nonce == after.Account.Nonce, static (j, s) => j.WriteQuantityValue(s.Account.Nonce));
            WriteStorage(json, before, after);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter json, ReadOnlySpan<byte> name, Snapshot before, Snapshot after, bool same, Action<Utf8JsonWriter, Snapshot> write)
    {
        json.WritePropertyName(name);
        if (before.Exists && after.Exists && same)
        {
            json.WriteStringValue("="u8);
            return;
        }

        WriteDelta(json, before.Exists, after.Exists, () => write(json, before), () => write(json, after));
    }

    private static void WriteDelta(Utf8JsonWriter json, bool was, bool isNow, Action writeBefore, Action writeAfter)
    {
        json.WriteStartObject();
        if (was && isNow)
        {
            json.WriteStartObject("*"u8);
            json.WritePropertyName("from"u8);
            writeBefore();
            json.WritePropertyName("to"u8);
            writeAfter();
            json.WriteEndObject();
        }
        else
        {
            json.WritePropertyName(was ? "-"u8 : "+"u8);
            if (was) writeBefore();
            else writeAfter();
        }

        json.WriteEndObject();
    }

    private static void WriteStorage(Utf8JsonWriter json, Snapshot before, Snapshot after)
    {
        json.WriteStartObject("storage"u8);
        foreach ((UInt256 slot, UInt256 was) in before.Slots)
        {
            UInt256 isNow = after.Slots[slot];
            if (was == isNow) continue;
            json.WritePropertyName(Hex.Encode(slot.ToBigEndianArray()));
            WriteDelta(json, before.Exists, after.Exists, () => json.WriteDataValue(was.ToBigEndianArray()), () => json.WriteDataValue(isNow.ToBigEndianArray()));
        }

        json.WriteEndObject();
    }
}
