using System.Text.Json;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>Ways to name a block.</summary>
public enum BlockParameterKind : byte
{
    /// <summary>The head of the canonical chain.</summary>
    Latest,
    /// <summary>The safe head.</summary>
    Safe,
    /// <summary>The finalized head.</summary>
    Finalized,
    /// <summary>The block being built.</summary>
    Pending,
    /// <summary>The oldest block: genesis.</summary>
    Earliest,
    /// <summary>By number.</summary>
    Number,
    /// <summary>By hash.</summary>
    Hash,
}

/// <summary>A block named by tag, number or hash (EIP-1898).</summary>
public readonly record struct BlockParameter(BlockParameterKind Kind, ulong Number = 0, Hash256 Hash = default, bool RequireCanonical = false)
{
    /// <summary>The head of the canonical chain.</summary>
    public static BlockParameter Latest => new(BlockParameterKind.Latest);
    /// <summary>The safe head.</summary>
    public static BlockParameter Safe => new(BlockParameterKind.Safe);
    /// <summary>The finalized head.</summary>
    public static BlockParameter Finalized => new(BlockParameterKind.Finalized);
    /// <summary>The block being built.</summary>
    public static BlockParameter Pending => new(BlockParameterKind.Pending);
    /// <summary>Genesis.</summary>
    public static BlockParameter Earliest => new(BlockParameterKind.Earliest);
    /// <summary>The block with a number.</summary>
    public static BlockParameter At(ulong number) => new(BlockParameterKind.Number, number);
    /// <summary>The block with a hash.</summary>
    public static BlockParameter At(in Hash256 hash) => new(BlockParameterKind.Hash, 0, hash);

    /// <summary>Reads a tag, a quantity, a 32-byte hash, or an EIP-1898 object.</summary>
    public static BlockParameter Read(JsonValue value)
    {
        if (value.Element.ValueKind == JsonValueKind.Object)
        {
            bool byNumber = value.TryGet("blockNumber", out JsonValue number), byHash = value.TryGet("blockHash", out JsonValue hash);
            if (byNumber == byHash) throw value.Fault("expected either blockNumber or blockHash");
            if (byNumber) return Read(number);
            return new BlockParameter(BlockParameterKind.Hash, 0, hash.AsHash(), value.TryGet("requireCanonical", out JsonValue required) && required.AsBool());
        }

        string text = value.AsString();
        return text switch
        {
            "latest" or "" => Latest,
            "safe" => Safe,
            "finalized" => Finalized,
            "pending" => Pending,
            "earliest" => Earliest,
            { Length: 66 } => At(value.AsHash()),
            _ when text.StartsWith("0x", StringComparison.Ordinal) => At(value.AsQuantity()),
            _ => throw value.Fault("expected a block number, a block hash, or latest, safe, finalized, pending, earliest"),
        };
    }

    /// <summary>The text as a request carries it.</summary>
    public override string ToString() => Kind switch
    {
        BlockParameterKind.Latest => "latest",
        BlockParameterKind.Safe => "safe",
        BlockParameterKind.Finalized => "finalized",
        BlockParameterKind.Pending => "pending",
        BlockParameterKind.Earliest => "earliest",
        BlockParameterKind.Number => Primitives.Hex.Quantity(Number),
        _ => Hash.ToString(),
    };
}
