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
    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            await BeaconAnswers.FailAsync(context, StatusCodes.Status405MethodNotAllowed, "only GET is served");
            return;
        }

        string[] path = (context.Request.Path.Value ?? "").Trim('/').Split('/');
        Task answer = path switch
        {
            ["eth", "v1", "beacon", "genesis"] => BeaconAnswers.OkAsync(context, WriteGenesis),
            ["eth", "v1", "config", "spec"] => BeaconAnswers.OkAsync(context, WriteSpec),
            ["eth", "v1", "node", "version"] => BeaconAnswers.OkAsync(context, static json => json.WriteString("version"u8, "Opal/devl1")),
            ["eth", "v1", "node", "syncing"] => BeaconAnswers.OkAsync(context, WriteSyncing),
            ["eth", "v1", "node", "health"] => Task.CompletedTask,
            ["eth", "v1", "beacon", "headers", var id] => HeaderAsync(context, id),
            ["eth", "v1", "beacon", "blob_sidecars", var id] => SidecarsAsync(context, id),
            ["eth", "v1", "beacon", "blobs", var id] => BlobsAsync(context, id),
            _ => BeaconAnswers.FailAsync(context, StatusCodes.Status404NotFound, "no such endpoint"),
        };
        await answer;
    }

    private void WriteGenesis(Utf8JsonWriter json)
    {
        json.WriteString("genesis_time"u8, BeaconAnswers.Number(slots.GenesisTime));
        json.WriteString("genesis_validators_root"u8, BeaconSlots.RootOf(chain.Genesis.Hash).ToString());
        json.WriteString("genesis_fork_version"u8, "0x00000000");
    }

    private void WriteSpec(Utf8JsonWriter json)
    {
        json.WriteString("CONFIG_NAME"u8, "opal-devl1");
        json.WriteString("PRESET_BASE"u8, "mainnet");
        json.WriteString("SECONDS_PER_SLOT"u8, BeaconAnswers.Number(slots.SecondsPerSlot));
        json.WriteString("SLOT_DURATION_MS"u8, BeaconAnswers.Number(slots.SecondsPerSlot * 1000));
        json.WriteString("SLOTS_PER_EPOCH"u8, BeaconAnswers.Number(BeaconSlots.SlotsPerEpoch));
        json.WriteString("DEPOSIT_CHAIN_ID"u8, BeaconAnswers.Number(chain.Spec.ChainId));
        json.WriteString("DEPOSIT_NETWORK_ID"u8, BeaconAnswers.Number(chain.Spec.ChainId));
        json.WriteString("FIELD_ELEMENTS_PER_BLOB"u8, "4096");
        json.WriteString("MIN_EPOCHS_FOR_BLOB_SIDECARS_REQUESTS"u8, "4096");
    }

    private void WriteSyncing(Utf8JsonWriter json)
    {
        json.WriteString("head_slot"u8, BeaconAnswers.Number(slots.SlotOf(chain.Head.Header.Timestamp)));
        json.WriteString("sync_distance"u8, "0");
        json.WriteBoolean("is_syncing"u8, false);
        json.WriteBoolean("is_optimistic"u8, false);
        json.WriteBoolean("el_offline"u8, false);
    }

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
        if (block is null) await BeaconAnswers.FailAsync(context, understood ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, error);
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

    private void WriteSignedHeader(Utf8JsonWriter json, ExecutedBlock block) => BeaconAnswers.WriteSignedHeader(
        json, slots.SlotOf(block.Header.Timestamp), block.Number == 0 ? Hash256.Zero : BeaconSlots.RootOf(block.Header.ParentHash), block.Header.StateRoot, block.Hash);

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
            await BeaconAnswers.FailAsync(context, StatusCodes.Status404NotFound, "NOT_FOUND: the blobs of this slot are not kept any more");
            return;
        }

        HashSet<string> indices = BeaconAnswers.Values(context, "indices");
        await WriteAsync(context, block, async json =>
        {
            json.WriteStartArray();
            foreach (BlockBlob blob in blobs)
            {
                if (indices.Count > 0 && !indices.Contains(BeaconAnswers.Number((ulong)blob.Index))) continue;
                BeaconAnswers.WriteSidecar(
                    json, blob.Index, blob.Blob, blob.Commitment, blob.Proof ?? proofs.BlobProof(blob.Blob, blob.Commitment) ?? [], header => WriteSignedHeader(header, block));
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
            await BeaconAnswers.FailAsync(context, StatusCodes.Status404NotFound, "NOT_FOUND: the blobs of this slot are not kept any more");
            return;
        }

        HashSet<string> wanted = BeaconAnswers.Values(context, "versioned_hashes");
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

    /// <summary>200 with <c>{"execution_optimistic": false, "finalized": …, "data": …}</c>.</summary>
    private Task WriteAsync(HttpContext context, ExecutedBlock block, Func<Utf8JsonWriter, Task> writeData) => BeaconAnswers.OkAsync(
        context,
        json =>
        {
            json.WriteString("version"u8, SidecarForm.HasCellProofs(chain.Spec.At(block.Header)) ? "fulu" : "electra");
            json.WriteBoolean("execution_optimistic"u8, false);
            json.WriteBoolean("finalized"u8, IsFinalized(block));
        },
        writeData);
}
