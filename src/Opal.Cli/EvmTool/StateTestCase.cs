using System.Text.Json;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool;

/// <summary>Reads the parts of a state test (the format of ethereum/tests and execution-spec-tests).</summary>
/// <remarks>A file that does not follow the format gives an <see cref="InputFormatException"/> that says what is missing.</remarks>
internal static class StateTestCase
{
    /// <summary>The block's context.</summary>
    public static BlockContext ReadBlock(JsonElement env, UInt256 chainId, Rules rules)
    {
        UInt256 random = env.TryGetProperty("currentRandom", out JsonElement r) && !rules.IsProofOfWork ? r.Word() : env.OptionalWord("currentDifficulty") ?? default;
        ulong excess = (env.OptionalWord("currentExcessBlobGas") ?? default).ToUInt64Saturated();
        return new BlockContext
        {
            ChainId = chainId,
            Number = (ulong)env.Member("currentNumber").Word(),
            Timestamp = (ulong)env.Member("currentTimestamp").Word(),
            GasLimit = env.Member("currentGasLimit").Word().ToUInt64Saturated(),
            BaseFee = env.TryGetProperty("currentBaseFee", out JsonElement fee) ? fee.Word() : 10u,
            BlobBaseFee = rules.BlobGas == BlobGasRule.Blobs ? BlobGas.BaseFee(excess, rules.Blobs) : default,
            PrevRandao = random,
            Coinbase = env.Member("currentCoinbase").Address(),
        };
    }

    /// <summary>The rules with the blob parameters that the test's config names.</summary>
    public static Rules WithConfig(Rules rules, JsonElement test, string fork)
    {
        if (!test.TryGetProperty("config", out JsonElement config) || !config.TryGetProperty("blobSchedule", out JsonElement schedule)
            || !schedule.TryGetProperty(fork, out JsonElement blobs))
        {
            return rules;
        }

        return rules with { Blobs = ReadBlobs(blobs) };
    }

    /// <summary>The blob parameters of one fork of a test's config.</summary>
    public static BlobParameters ReadBlobs(JsonElement blobs) =>
        new(blobs.Member("target").ULong(), blobs.Member("max").ULong(), blobs.Member("baseFeeUpdateFraction").ULong());

    /// <summary>The chain id of the test's config; 1 when it names none.</summary>
    public static UInt256 ChainIdOf(JsonElement test) =>
        test.TryGetProperty("config", out JsonElement config) && config.TryGetProperty("chainid", out JsonElement id) ? id.Word() : 1u;

    /// <summary>The encoded transaction of a post entry: given as bytes, or made from the test's fields and signed with its key.</summary>
    public static byte[] ReadTransaction(JsonElement test, JsonElement post, UInt256 chainId)
    {
        if (post.TryGetProperty("txbytes", out JsonElement encoded)) return encoded.Bytes();
        JsonElement fields = test.Member("transaction"), indexes = post.Member("indexes");
        int data = indexes.Member("data").GetInt32();
        Transaction unsigned = BuildTransaction(
            fields,
            chainId,
            fields.Member("data")[data].Bytes(),
            fields.Member("value")[indexes.Member("value").GetInt32()].Word(),
            (ulong)fields.Member("gasLimit")[indexes.Member("gas").GetInt32()].Word(),
            fields.TryGetProperty("accessLists", out JsonElement lists) && lists.GetArrayLength() > data ? lists[data] : default);
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), fields.Member("secretKey").Bytes());
        return unsigned.WithSignature(signature.YParity, signature.R, signature.S).Encoded;
    }

    private static Transaction BuildTransaction(JsonElement fields, UInt256 chainId, byte[] data, UInt256 value, ulong gasLimit, JsonElement accessList)
    {
        bool hasFees = fields.TryGetProperty("maxFeePerGas", out JsonElement maxFee);
        bool hasList = accessList.ValueKind == JsonValueKind.Array;
        bool hasBlobs = fields.TryGetProperty("blobVersionedHashes", out JsonElement blobs);
        if (fields.TryGetProperty("authorizationList", out _)) throw new InputFormatException("a set-code transaction without \"txbytes\"");
        string to = fields.Member("to").GetString()!;
        UInt256 price = hasFees ? maxFee.Word() : fields.Member("gasPrice").Word();
        return new Transaction
        {
            Type = hasBlobs ? TransactionType.Blob : hasFees ? TransactionType.DynamicFee : hasList ? TransactionType.AccessList : TransactionType.Legacy,
            ChainId = (ulong)chainId,
            Nonce = (ulong)fields.Member("nonce").Word(),
            MaxFeePerGas = price,
            MaxPriorityFeePerGas = hasFees ? fields.Member("maxPriorityFeePerGas").Word() : price,
            GasLimit = gasLimit,
            To = to.Length == 0 ? null : ToolJson.ToAddress(to),
            Value = value,
            Data = data,
            AccessList = hasList ? [.. accessList.EnumerateArray().Select(ReadAccess)] : [],
            MaxFeePerBlobGas = hasBlobs ? fields.Member("maxFeePerBlobGas").Word() : default,
            BlobVersionedHashes = hasBlobs ? [.. blobs.EnumerateArray().Select(h => Hash256.FromUInt256(h.Word()))] : [],
        };
    }

    /// <summary>An entry of an access list.</summary>
    public static AccessListItem ReadAccess(JsonElement item) => new(
        item.Member("address").Address(),
        [.. item.Member("storageKeys").EnumerateArray().Select(k => Hash256.FromUInt256(k.Word()))]);
}
