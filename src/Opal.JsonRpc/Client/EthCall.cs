using System.Text.Json;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>A call to simulate: <c>eth_call</c> and <c>eth_estimateGas</c>.</summary>
public sealed record EthCall
{
    /// <summary>The caller; null leaves it to the node (zero).</summary>
    public Address? From { get; init; }

    /// <summary>The contract called; null simulates a creation.</summary>
    public Address? To { get; init; }

    /// <summary>Call data or init code.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Wei sent along.</summary>
    public UInt256 Value { get; init; }

    /// <summary>The gas limit; null leaves it to the node.</summary>
    public ulong? Gas { get; init; }

    /// <summary>Versioned hashes the call may read with BLOBHASH.</summary>
    public IReadOnlyList<Hash256> BlobVersionedHashes { get; init; } = [];

    /// <summary>Writes the call object.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (From is { } from) writer.WriteAddress("from"u8, from);
        if (To is { } to) writer.WriteAddress("to"u8, to);
        if (!Data.IsEmpty) writer.WriteData("input"u8, Data.Span);
        if (!Value.IsZero) writer.WriteQuantity("value"u8, Value);
        if (Gas is { } gas) writer.WriteQuantity("gas"u8, gas);
        if (BlobVersionedHashes.Count > 0)
        {
            writer.WriteStartArray("blobVersionedHashes"u8);
            foreach (Hash256 hash in BlobVersionedHashes) writer.WriteHashValue(hash);
            writer.WriteEndArray();
            writer.WriteQuantity("maxFeePerBlobGas"u8, UInt256.MaxValue >> 128);
        }

        writer.WriteEndObject();
    }
}
