using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.DevL1;

/// <summary>
/// The part of the Beacon API that a rollup node asks: genesis, config, headers, and the blobs of a slot. Slots are counted from the
/// execution genesis; roots are made up (<see cref="BeaconSlots.RootOf"/>), blobs are real.
/// </summary>
public sealed class BeaconApi(Blockchain chain, BlobSidecarStore sidecars, IBlobProofs proofs, BeaconSlots slots)
{
    private const int InclusionProofDepth = 17;

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            await FailAsync(context, StatusCodes.Status405MethodNotAllowed, "only GET is served");
            return;
        }

        string[] path = (context.Request.Path.Value ?? "").Trim('/').Split('/');
        Task answer = path switch
        {
            ["eth", "v1", "beacon", "genesis"] => OkAsync(context, WriteGenesis),
            ["eth", "v1", "config", "spec"] => OkAsync(context, WriteSpec),
            ["eth", "v1", "node", "version"] => OkAsync(context, static json => json.WriteString("version"u8, "Opal/devl1")),
            ["eth", "v1", "node", "syncing"] => OkAsync(context, WriteSyncing),
            ["eth", "v1", "node", "health"] => Task.CompletedTask,
            ["eth", "v1", "beacon", "headers", var id] => HeaderAsync(context, id),
            ["eth", "v1", "beacon", "blob_sidecars", var id] => SidecarsAsync(context, id),
            ["eth", "v1", "beacon", "blobs", var id] => BlobsAsync(context, id),
            _ => FailAsync(context, StatusCodes.Status404NotFound, "no such endpoint"),
        };
        await answer;
    }

    private static async Task FailAsync(HttpContext context, int status, string message)
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
    private static async Task OkAsync(HttpContext context, Action<Utf8JsonWriter> writeFields)
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

    private void WriteGenesis(Utf8JsonWriter json)
    {
        json.WriteString("genesis_time"u8, Number(slots.GenesisTime));
        json.WriteString("genesis_validators_root"u8, BeaconSlots.RootOf(chain.Genesis.Hash).ToString());
        json.WriteString("genesis_fork_version"u8, "0x00000000");
    }

    private void WriteSpec(Utf8JsonWriter json)
    {
        json.WriteString("CONFIG_NAME"u8, "opal-devl1");
        json.WriteString("PRESET_BASE"u8, "mainnet");
        json.WriteString("SECONDS_PER_SLOT"u8, Number(slots.SecondsPerSlot));
        json.WriteString("SLOT_DURATION_MS"u8, Number(slots.SecondsPerSlot * 1000));
        json.WriteString("SLOTS_PER_EPOCH"u8, Number(BeaconSlots.SlotsPerEpoch));
        json.WriteString("DEPOSIT_CHAIN_ID"u8, Number(chain.Spec.ChainId));
        json.WriteString("DEPOSIT_NETWORK_ID"u8, Number(chain.Spec.ChainId));
        json.WriteString("FIELD_ELEMENTS_PER_BLOB"u8, "4096");
        json.WriteString("MIN_EPOCHS_FOR_BLOB_SIDECARS_REQUESTS"u8, "4096");
    }

    private void WriteSyncing(Utf8JsonWriter json)
    {
        json.WriteString("head_slot"u8, Number(slots.SlotOf(chain.Head.Header.Timestamp)));
        json.WriteString("sync_distance"u8, "0");
        json.WriteBoolean("is_syncing"u8, false);
        json.WriteBoolean("is_optimistic"u8, false);
        json.WriteBoolean("el_offline"u8, false);
    }

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The block that <c>head</c>, <c>genesis</c>, <c>finalized</c>, <c>justified</c>, a slot or a root names.</summary>
    private bool TryFind(string id, out ExecutedBlock? block, out string error)
    {
        ChainHeads heads = chain.Heads;
        error = $"NOT_FOUND: no block for {id}";
        if (ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out ulong slot))
        {
            block = slots.FindBlock(chain, slot);
            return true;
        }

        if (Hash256.TryParse(id, out Hash256 root))
        {
            block = FindRoot(root);
            return true;
        }

        block = id switch
        {
            "head" => heads.Head,
            "genesis" => chain.Genesis,
            "finalized" => heads.Finalized ?? chain.Genesis,
            "justified" => heads.Safe ?? chain.Genesis,
            _ => null,
        };
        if (block is null) error = $"Invalid block ID: {id}";
        return block is not null;
    }

    /// <summary>Roots are digests of hashes, so they are looked for from the head downwards; callers ask for recent ones.</summary>
    private ExecutedBlock? FindRoot(in Hash256 root)
    {
        ulong number = chain.Head.Number;
        for (int i = 0; i < 8192; i++)
        {
            if (chain.TryGetCanonicalHash(number, out Hash256 hash) && BeaconSlots.RootOf(hash) == root) return chain.FindCanonical(number);
            if (number == 0) return null;
            number--;
        }

        return null;
    }

    private async Task<ExecutedBlock?> FindOrFailAsync(HttpContext context, string id)
    {
        bool understood = TryFind(id, out ExecutedBlock? block, out string error);
        if (block is null) await FailAsync(context, understood ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, error);
        return block;
    }

    private bool IsFinalized(ExecutedBlock block) => block.Number <= (chain.Heads.Finalized?.Number ?? 0);

    private async Task HeaderAsync(HttpContext context, string id)
    {
        if (await FindOrFailAsync(context, id) is not { } block) return;
        await WriteAsync(context, block, json =>
        {
            json.WriteStartObject();
            json.WriteString("root"u8, BeaconSlots.RootOf(block.Hash).ToString());
            json.WriteBoolean("canonical"u8, true);
            json.WritePropertyName("header"u8);
            WriteSignedHeader(json, block);
            json.WriteEndObject();
            return Task.CompletedTask;
        });
    }

    private void WriteSignedHeader(Utf8JsonWriter json, ExecutedBlock block)
    {
        json.WriteStartObject();
        json.WriteStartObject("message"u8);
        json.WriteString("slot"u8, Number(slots.SlotOf(block.Header.Timestamp)));
        json.WriteString("proposer_index"u8, "0");
        json.WriteString("parent_root"u8, block.Number == 0 ? Hash256.Zero.ToString() : BeaconSlots.RootOf(block.Header.ParentHash).ToString());
        json.WriteString("state_root"u8, block.Header.StateRoot.ToString());
        json.WriteString("body_root"u8, block.Hash.ToString());
        json.WriteEndObject();
        json.WriteData("signature"u8, new byte[96]);
        json.WriteEndObject();
    }

    /// <summary>The blobs of a block in order; null when one of them is not kept any more.</summary>
    private List<BlockBlob>? BlobsOf(ExecutedBlock block)
    {
        List<BlockBlob> blobs = [];
        foreach (Transaction transaction in block.Transactions)
        {
            if (transaction.Type != TransactionType.Blob) continue;
            if (sidecars.Find(transaction.Hash) is not { } sidecar) return null;
            for (int i = 0; i < sidecar.Blobs.Length; i++)
            {
                byte[]? proof = sidecar.WrapperVersion == 0 ? sidecar.Proofs[i] : null;
                blobs.Add(new BlockBlob(blobs.Count, transaction.BlobVersionedHashes[i], sidecar.Blobs[i], sidecar.Commitments[i], proof));
            }
        }

        return blobs;
    }

    private readonly record struct BlockBlob(int Index, Hash256 VersionedHash, byte[] Blob, byte[] Commitment, byte[]? Proof);

    private async Task SidecarsAsync(HttpContext context, string id)
    {
        if (await FindOrFailAsync(context, id) is not { } block) return;
        if (BlobsOf(block) is not { } blobs)
        {
            await FailAsync(context, StatusCodes.Status404NotFound, "NOT_FOUND: the blobs of this slot are not kept any more");
            return;
        }

        HashSet<string> indices = Values(context, "indices");
        await WriteAsync(context, block, async json =>
        {
            json.WriteStartArray();
            foreach (BlockBlob blob in blobs)
            {
                if (indices.Count > 0 && !indices.Contains(Number((ulong)blob.Index))) continue;
                json.WriteStartObject();
                json.WriteString("index"u8, Number((ulong)blob.Index));
                json.WriteData("blob"u8, blob.Blob);
                json.WriteData("kzg_commitment"u8, blob.Commitment);
                json.WriteData("kzg_proof"u8, blob.Proof ?? proofs.BlobProof(blob.Blob, blob.Commitment) ?? []);
                json.WritePropertyName("signed_block_header"u8);
                WriteSignedHeader(json, block);
                json.WriteStartArray("kzg_commitment_inclusion_proof"u8);
                for (int i = 0; i < InclusionProofDepth; i++) json.WriteHashValue(Hash256.Zero);
                json.WriteEndArray();
                json.WriteEndObject();
                await json.FlushAsync(context.RequestAborted);
            }

            json.WriteEndArray();
        });
    }

    private async Task BlobsAsync(HttpContext context, string id)
    {
        if (await FindOrFailAsync(context, id) is not { } block) return;
        if (BlobsOf(block) is not { } blobs)
        {
            await FailAsync(context, StatusCodes.Status404NotFound, "NOT_FOUND: the blobs of this slot are not kept any more");
            return;
        }

        HashSet<string> wanted = Values(context, "versioned_hashes");
        await WriteAsync(context, block, async json =>
        {
            json.WriteStartArray();
            foreach (BlockBlob blob in blobs)
            {
                if (wanted.Count > 0 && !wanted.Contains(blob.VersionedHash.ToString())) continue;
                json.WriteDataValue(blob.Blob);
                await json.FlushAsync(context.RequestAborted);
            }

            json.WriteEndArray();
        });
    }

    /// <summary>A query parameter's values, given several times or with commas.</summary>
    private static HashSet<string> Values(HttpContext context, string name)
    {
        HashSet<string> values = new(StringComparer.OrdinalIgnoreCase);
        foreach (string? group in context.Request.Query[name])
        {
            foreach (string value in (group ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) values.Add(value);
        }

        return values;
    }

    /// <summary>200 with <c>{"execution_optimistic": false, "finalized": …, "data": …}</c>.</summary>
    private async Task WriteAsync(HttpContext context, ExecutedBlock block, Func<Utf8JsonWriter, Task> writeData)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.Body);
        json.WriteStartObject();
        json.WriteString("version"u8, SidecarForm.HasCellProofs(chain.Spec.At(block.Header)) ? "fulu" : "electra");
        json.WriteBoolean("execution_optimistic"u8, false);
        json.WriteBoolean("finalized"u8, IsFinalized(block));
        json.WritePropertyName("data"u8);
        await writeData(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }
}
