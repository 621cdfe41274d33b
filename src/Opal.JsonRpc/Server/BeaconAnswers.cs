using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>Writes answers of the Beacon API, for the parts of this program that serve some of it.</summary>
public static class BeaconAnswers
{
    private const int InclusionProofDepth = 17;

    /// <summary>A number, as the Beacon API has them: decimal text.</summary>
    public static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>An error, <c>{"code", "message"}</c>.</summary>
    public static async Task FailAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.Body);
        json.WriteStartObject();
        json.WriteNumber("code"u8, status);
        json.WriteString("message"u8, message);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    /// <summary>200 with <c>{"data": {…}}</c>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="writeFields">Writes the fields of the data.</param>
    public static async Task OkAsync(HttpContext context, Action<Utf8JsonWriter> writeFields)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.Body);
        json.WriteStartObject();
        json.WriteStartObject("data"u8);
        writeFields(json);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    /// <summary>200 with <c>{…, "data": …}</c>, where the data is long and is sent as it is written.</summary>
    /// <param name="context">The request.</param>
    /// <param name="writeFields">Writes the fields before the data; null when there are none.</param>
    /// <param name="writeData">Writes the data.</param>
    public static async Task OkAsync(HttpContext context, Action<Utf8JsonWriter>? writeFields, Func<Utf8JsonWriter, Task> writeData)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.Body);
        json.WriteStartObject();
        writeFields?.Invoke(json);
        json.WritePropertyName("data"u8);
        await writeData(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    /// <summary>A query parameter's values, given several times or with commas.</summary>
    public static HashSet<string> Values(HttpContext context, string name)
    {
        HashSet<string> values = new(StringComparer.OrdinalIgnoreCase);
        foreach (string? group in context.Request.Query[name])
        {
            foreach (string value in (group ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) values.Add(value);
        }

        return values;
    }

    /// <summary>A signed block header. The signature is zeros: nobody here has the validators' keys.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="slot">The block's slot.</param>
    /// <param name="parentRoot">The root of the block before.</param>
    /// <param name="stateRoot">The state's root.</param>
    /// <param name="bodyRoot">The body's root.</param>
    public static void WriteSignedHeader(Utf8JsonWriter json, ulong slot, in Hash256 parentRoot, in Hash256 stateRoot, in Hash256 bodyRoot)
    {
        json.WriteStartObject();
        json.WriteStartObject("message"u8);
        json.WriteString("slot"u8, Number(slot));
        json.WriteString("proposer_index"u8, "0");
        json.WriteString("parent_root"u8, parentRoot.ToString());
        json.WriteString("state_root"u8, stateRoot.ToString());
        json.WriteString("body_root"u8, bodyRoot.ToString());
        json.WriteEndObject();
        json.WriteData("signature"u8, new byte[96]);
        json.WriteEndObject();
    }

    /// <summary>A blob sidecar. Its inclusion proof is zeros: there is no beacon block here that it could lead to.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="index">Which of the block's blobs it is.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="commitment">Its commitment.</param>
    /// <param name="proof">Its proof.</param>
    /// <param name="writeHeader">Writes the signed block header.</param>
    public static void WriteSidecar(Utf8JsonWriter json, int index, ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> proof, Action<Utf8JsonWriter> writeHeader)
    {
        json.WriteStartObject();
        json.WriteString("index"u8, Number((ulong)index));
        json.WriteData("blob"u8, blob);
        json.WriteData("kzg_commitment"u8, commitment);
        json.WriteData("kzg_proof"u8, proof);
        json.WritePropertyName("signed_block_header"u8);
        writeHeader(json);
        json.WriteStartArray("kzg_commitment_inclusion_proof"u8);
        for (int i = 0; i < InclusionProofDepth; i++) json.WriteHashValue(Hash256.Zero);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
