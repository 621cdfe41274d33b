using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Node;

/// <summary>
/// The archive's Beacon API, read-only: what rollup nodes ask for blobs. It knows blobs by slot number, not blocks: the header in a sidecar has its slot alone, and
/// signature and inclusion proof are zeros, as they are with other archives of blobs.
/// </summary>
/// <param name="archive">What it serves.</param>
/// <param name="version">Its name and version.</param>
public sealed class BlobArchiveApi(BlobArchive archive, string version) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(Math.Max(1, Environment.ProcessorCount - 1)); // each blob read is checked: strangers must not take all cores from the node

    /// <summary>Answers one request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method)) return BeaconAnswers.FailAsync(context, StatusCodes.Status405MethodNotAllowed, "only GET is served");
        return (context.Request.Path.Value ?? "").Trim('/').Split('/') switch
        {
            ["eth", "v1", "node", "version"] => BeaconAnswers.OkAsync(context, json => json.WriteString("version"u8, version)),
            ["eth", "v1", "beacon", "genesis"] => WithClockAsync(context, WriteGenesis),
            ["eth", "v1", "config", "spec"] => WithClockAsync(context, WriteSpec),
            ["eth", "v1", "beacon", "blobs", var id] => BlobsAsync(context, id),
            ["eth", "v1", "beacon", "blob_sidecars", var id] => SidecarsAsync(context, id),
            _ => BeaconAnswers.FailAsync(context, StatusCodes.Status404NotFound, "no such endpoint: this is an archive of blobs"),
        };
    }

    private Task WithClockAsync(HttpContext context, Action<Utf8JsonWriter, BeaconClock> write) => archive.Clock is { } clock
        ? BeaconAnswers.OkAsync(context, json => write(json, clock))
        : BeaconAnswers.FailAsync(context, StatusCodes.Status503ServiceUnavailable, "the archive is empty: it learns the beacon chain's clock with its first blob");

    private static void WriteGenesis(Utf8JsonWriter json, BeaconClock clock)
    {
        json.WriteString("genesis_time"u8, BeaconAnswers.Number(clock.GenesisTime));
        json.WriteString("genesis_validators_root"u8, Hash256.Zero.ToString());
        json.WriteString("genesis_fork_version"u8, "0x00000000");
    }

    private void WriteSpec(Utf8JsonWriter json, BeaconClock clock)
    {
        json.WriteString("SECONDS_PER_SLOT"u8, BeaconAnswers.Number(clock.SecondsPerSlot));
        json.WriteString("SLOT_DURATION_MS"u8, BeaconAnswers.Number(clock.SecondsPerSlot * 1000));
        json.WriteString("DEPOSIT_CHAIN_ID"u8, BeaconAnswers.Number(archive.L1ChainId));
    }

    private Task BlobsAsync(HttpContext context, string id)
    {
        HashSet<Hash256> wanted = [];
        foreach (string text in BeaconAnswers.Values(context, "versioned_hashes"))
        {
            if (!Hash256.TryParse(text, out Hash256 hash)) return BeaconAnswers.FailAsync(context, StatusCodes.Status400BadRequest, $"versioned_hashes: '{Cut(text)}' is no hash of 32 bytes");
            wanted.Add(hash);
        }

        return AnswerAsync(context, id, (_, hash) => wanted.Count == 0 || wanted.Contains(hash), static (json, _, blob) => json.WriteDataValue(blob.Content.Blob));
    }

    private Task SidecarsAsync(HttpContext context, string id)
    {
        HashSet<int> wanted = [];
        foreach (string text in BeaconAnswers.Values(context, "indices"))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index)) return BeaconAnswers.FailAsync(context, StatusCodes.Status400BadRequest, $"indices: '{Cut(text)}' is no index of a blob");
            wanted.Add(index);
        }

        return AnswerAsync(context, id, (index, _) => wanted.Count == 0 || wanted.Contains(index), static (json, slot, blob) => BeaconAnswers.WriteSidecar(
            json, blob.Index, blob.Content.Blob, blob.Content.Commitment, blob.Content.Proof, header => BeaconAnswers.WriteSignedHeader(header, slot, Hash256.Zero, Hash256.Zero, Hash256.Zero)));
    }

    private async Task AnswerAsync(HttpContext context, string id, Func<int, Hash256, bool> pick, Action<Utf8JsonWriter, ulong, ArchivedBlob> write)
    {
        if (!ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out ulong slot))
        {
            await BeaconAnswers.FailAsync(context, StatusCodes.Status400BadRequest, $"Invalid block ID: {Cut(id)}; an archive of blobs knows slot numbers alone");
            return;
        }

        if (!archive.HasSlot(slot))
        {
            await BeaconAnswers.FailAsync(context, StatusCodes.Status404NotFound, $"NOT_FOUND: no blobs of slot {slot} are kept here");
            return;
        }

        IReadOnlyList<ArchivedBlob> blobs;
        await _reading.WaitAsync(context.RequestAborted);
        try
        {
            blobs = await Task.Run(() => archive.OfSlot(slot, pick));
        }
        finally
        {
            _reading.Release();
        }

        await BeaconAnswers.OkAsync(context, null, async json =>
        {
            json.WriteStartArray();
            foreach (ArchivedBlob blob in blobs)
            {
                write(json, slot, blob);
                await json.FlushAsync(context.RequestAborted);
            }

            json.WriteEndArray();
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    /// <summary>What a stranger sent, as much of it as an answer repeats.</summary>
    private static string Cut(string text) => text.Length <= 80 ? text : text[..80];
}
