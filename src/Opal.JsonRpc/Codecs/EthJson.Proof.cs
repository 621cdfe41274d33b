using System.Text.Json;

namespace Opal.JsonRpc;

public static partial class EthJson
{
    /// <summary>Writes an account proof.</summary>
    public static void WriteProof(Utf8JsonWriter writer, EthProof proof)
    {
        writer.WriteStartObject();
        writer.WriteAddress("address"u8, proof.Address);
        WriteNodes(writer, "accountProof"u8, proof.AccountProof);
        writer.WriteQuantity("balance"u8, proof.Balance);
        writer.WriteHash("codeHash"u8, proof.CodeHash);
        writer.WriteQuantity("nonce"u8, proof.Nonce);
        writer.WriteHash("storageHash"u8, proof.StorageHash);
        writer.WriteStartArray("storageProof"u8);
        foreach (EthStorageProof slot in proof.StorageProof)
        {
            writer.WriteStartObject();
            if (slot.SlotAsHash) writer.WriteData("key"u8, slot.Slot.ToBigEndianArray());
            else writer.WriteQuantity("key"u8, slot.Slot);
            writer.WriteQuantity("value"u8, slot.Value);
            WriteNodes(writer, "proof"u8, slot.Proof);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteNodes(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<byte[]> nodes)
    {
        writer.WriteStartArray(name);
        foreach (byte[] node in nodes) writer.WriteDataValue(node);
        writer.WriteEndArray();
    }

    /// <summary>Reads an account proof.</summary>
    public static EthProof ReadProof(JsonValue value) => new()
    {
        Address = value["address"].AsAddress(),
        AccountProof = value["accountProof"].AsArray(static node => node.AsData()),
        Balance = value["balance"].AsUInt256(),
        CodeHash = value["codeHash"].AsHash(),
        Nonce = value["nonce"].AsQuantity(),
        StorageHash = value["storageHash"].AsHash(),
        StorageProof = value["storageProof"].AsArray(static slot => new EthStorageProof(
            slot["key"].AsSlot(), slot["value"].AsUInt256(), slot["proof"].AsArray(static node => node.AsData()), slot["key"].AsString().Length == 66)),
    };
}
