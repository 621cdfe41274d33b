using System.Text.Json;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Batches;

/// <summary>
/// Reads JSON that holds batcher data: transactions and channels as op-node's batch_decoder writes them, frames, blobs as a Beacon API
/// answers, transactions as JSON-RPC answers. Several documents may follow one another, and an array holds several.
/// </summary>
internal sealed class DataJson(DataFiles files, KnownRollup rollup, string name)
{
    private readonly List<InboxTransaction> _found = [];

    /// <summary>What the text holds; a document that is none of these is an entry that says so.</summary>
    public List<InboxTransaction> Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { AllowMultipleValues = true, CommentHandling = JsonCommentHandling.Skip });
            while (reader.Read())
            {
                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                Take(new JsonValue(document.RootElement, "JSON"));
            }
        }
        catch (JsonException error)
        {
            _found.Add(DataFiles.Faulty(name, $"malformed JSON: {error.Message}"));
        }
        catch (JsonFormatException error)
        {
            _found.Add(DataFiles.Faulty(name, error.Message));
        }

        return _found;
    }

    private void Take(JsonValue value)
    {
        if (value.Element.ValueKind == JsonValueKind.Array)
        {
            if (value.Count > 0 && value.Element[0].ValueKind == JsonValueKind.Object && value.Element[0].TryGetProperty("frame_number", out _)) TakeFrames(value, new InboxTransaction { File = name });
            else foreach (JsonElement item in value.Element.EnumerateArray()) Take(new JsonValue(item, value.Name));
        }
        else if (value.Element.ValueKind == JsonValueKind.String)
        {
            _found.Add(files.OfBytes(name, Bytes(value)));
        }
        else if (value.TryGet("result", out JsonValue result))
        {
            Take(result);
        }
        else if (value.TryGet("valid_sender", out _))
        {
            TakeFetched(value);
        }
        else if (value.TryGet("frames", out JsonValue frames))
        {
            TakeFrames(frames, new InboxTransaction { File = name });
        }
        else if (value.TryGet("data", out JsonValue data) && data.Element.ValueKind == JsonValueKind.Array)
        {
            _found.Add(DataFiles.OfBlobs(name, data.AsArray(static item => Bytes(item.Element.ValueKind == JsonValueKind.Object ? item["blob"] : item))));
        }
        else if (value.TryGet("input", out _))
        {
            _found.Add(files.OfTransaction(name, EthJson.ReadTransaction(value), null));
        }
        else
        {
            throw value.Fault("holds no frames, blobs or transaction that this program knows");
        }
    }

    /// <summary>A transaction as `batch_decoder fetch` writes it. Its frames are those of all its blobs.</summary>
    private void TakeFetched(JsonValue value)
    {
        JsonValue transaction = value["tx"];
        Address from = value["sender"].AsAddress();
        bool isValid = value["valid_sender"].AsBool();
        bool? isFromBatcher = rollup.Batcher is { } batcher ? from == batcher : isValid;
        var whole = new InboxTransaction
        {
            File = name,
            Block = new L1BlockRef(value["block_hash"].AsHash(), value["block_number"].AsNumber(), default, value["block_time"].AsNumber()),
            Index = (int)Math.Min(int.MaxValue, value["tx_index"].AsNumber()),
            Hash = transaction["hash"].AsHash(),
            From = from,
            IsFromBatcher = isFromBatcher,
            Type = (TransactionType)transaction["type"].AsQuantity(),
            Ignored = isFromBatcher is false ? "its sender is not the batcher" : null,
        };
        List<DataPart> parts = value.TryGet("frames", out JsonValue frames) && frames.Count > 0 ? [PartOf(frames.AsArray(ReadFrame))] : [];
        if (value.TryGet("frame_parse_error", out JsonValue errors))
        {
            foreach (string error in errors.AsArray(static item => item.AsString()))
            {
                if (error.Length > 0) parts.Add(new DataPart(Carrier.Frames, default, 0, null, $"batch_decoder found no frames: {error}"));
            }
        }

        _found.Add(whole with { Parts = parts });
    }

    /// <summary>Frames alone, or each with its transaction as `batch_decoder reassemble` writes them.</summary>
    private void TakeFrames(JsonValue frames, InboxTransaction carrier)
    {
        int before = _found.Count;
        for (int i = 0; i < frames.Count; i++)
        {
            var item = new JsonValue(frames.Element[i], $"{frames.Name}[{i}]");
            JsonValue frame = item.TryGet("frame", out JsonValue inner) ? inner : item;
            DataPart part = frame.Element.ValueKind == JsonValueKind.String
                ? new DataPart(Carrier.Frames, (byte[])[FrameCodec.Version, .. Bytes(frame)], frame.AsString().Length / 2)
                : PartOf([ReadFrame(frame)]);
            InboxTransaction owner = item.TryGet("inclusion_block", out JsonValue number)
                ? carrier with
                {
                    Hash = item["transaction_hash"].AsHash(),
                    Block = new L1BlockRef(item["block_hash"].AsHash(), number.AsNumber(), default, item["timestamp"].AsNumber()),
                    Index = 0,
                }
                : carrier;
            if (_found.Count > before && _found[^1] is var last && last.Hash == owner.Hash && last.Block == owner.Block) _found[^1] = last with { Parts = [.. last.Parts, part] };
            else _found.Add(owner with { Parts = [part] });
        }
    }

    private static Frame ReadFrame(JsonValue value)
    {
        JsonValue id = value["id"], data = value["data"], number = value["frame_number"];
        if (!Hex.TryDecode(id.AsString(), out byte[] channel) || channel.Length != ChannelId.Size) throw id.Fault("expected a channel id, 32 hexadecimal digits");
        if (data.Element.ValueKind != JsonValueKind.String || !data.Element.TryGetBytesFromBase64(out byte[]? bytes) || bytes.Length > Frame.MaxDataLength) throw data.Fault("expected at most 1,000,000 bytes in base64");
        return number.AsNumber() is var place and <= ushort.MaxValue ? new Frame(new ChannelId(channel), (ushort)place, bytes, value["is_last"].AsBool()) : throw number.Fault("expected a number below 65536");
    }

    private static DataPart PartOf(IReadOnlyList<Frame> frames)
    {
        byte[] data = FrameCodec.Encode(frames);
        return new DataPart(Carrier.Frames, data, data.Length);
    }

    private static byte[] Bytes(JsonValue value) =>
        Hex.TryDecode(value.AsString(), out byte[] bytes) && bytes.Length > 0 ? bytes : throw value.Fault("expected bytes in hexadecimal");
}
