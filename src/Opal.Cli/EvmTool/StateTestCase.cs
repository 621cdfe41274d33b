using System.Text.Json;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool;

/// <summary>Reads the parts of a state test (the format of ethereum/tests and execution-spec-tests).</summary>
/// <remarks>A file that does not follow the format gives a <see cref="StateTestFormatException"/> that says what is missing.</remarks>
internal static class StateTestCase
{
    /// <summary>The pre-state as changes to the empty state.</summary>
    public static StateDiff ReadState(JsonElement accounts)
    {
        var changes = new List<AccountChange>();
        var codes = new Dictionary<Hash256, byte[]>();
        foreach (JsonProperty entry in accounts.EnumerateObject())
        {
            byte[] code = Bytes(Member(entry.Value, "code"));
            Hash256 codeHash = Keccak256.Hash(code);
            if (code.Length > 0) codes[codeHash] = code;
            var slots = new List<(UInt256 Slot, UInt256 Value)>();
            foreach (JsonProperty slot in Member(entry.Value, "storage").EnumerateObject())
            {
                UInt256 value = Word(slot.Value);
                if (!value.IsZero) slots.Add((Word(slot.Name), value));
            }

            slots.Sort((a, b) => a.Slot.CompareTo(b.Slot));
            changes.Add(new AccountChange
            {
                Address = AddressOf(entry.Name),
                Exists = true,
                Account = new Account((ulong)Word(Member(entry.Value, "nonce")), Word(Member(entry.Value, "balance")), codeHash),
                Storage = slots,
            });
        }

        changes.Sort((a, b) => a.Address.CompareTo(b.Address));
        return new StateDiff { Accounts = changes, Codes = [.. codes.Select(c => (c.Key, c.Value)).OrderBy(c => c.Key)] };
    }

    /// <summary>The block's context.</summary>
    public static BlockContext ReadBlock(JsonElement env, UInt256 chainId, Rules rules)
    {
        UInt256 random = env.TryGetProperty("currentRandom", out JsonElement r) && !rules.IsProofOfWork ? Word(r) : Optional(env, "currentDifficulty");
        ulong excess = Optional(env, "currentExcessBlobGas").ToUInt64Saturated();
        return new BlockContext
        {
            ChainId = chainId,
            Number = (ulong)Word(Member(env, "currentNumber")),
            Timestamp = (ulong)Word(Member(env, "currentTimestamp")),
            GasLimit = Word(Member(env, "currentGasLimit")).ToUInt64Saturated(),
            BaseFee = env.TryGetProperty("currentBaseFee", out JsonElement fee) ? Word(fee) : 10u,
            BlobBaseFee = rules.BlobGas == BlobGasRule.Blobs ? BlobGas.BaseFee(excess, rules.Blobs) : default,
            PrevRandao = random,
            Coinbase = AddressOf(Member(env, "currentCoinbase").GetString()!),
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

        return rules with
        {
            Blobs = new BlobParameters((ulong)Word(Member(blobs, "target")), (ulong)Word(Member(blobs, "max")), (ulong)Word(Member(blobs, "baseFeeUpdateFraction"))),
        };
    }

    /// <summary>The chain id of the test's config; 1 when it names none.</summary>
    public static UInt256 ChainIdOf(JsonElement test) =>
        test.TryGetProperty("config", out JsonElement config) && config.TryGetProperty("chainid", out JsonElement id) ? Word(id) : 1u;

    /// <summary>The encoded transaction of a post entry: given as bytes, or made from the test's fields and signed with its key.</summary>
    public static byte[] ReadTransaction(JsonElement test, JsonElement post, UInt256 chainId)
    {
        if (post.TryGetProperty("txbytes", out JsonElement encoded)) return Bytes(encoded);
        JsonElement fields = Member(test, "transaction"), indexes = Member(post, "indexes");
        int data = Member(indexes, "data").GetInt32();
        Transaction unsigned = BuildTransaction(
            fields,
            chainId,
            Bytes(Member(fields, "data")[data]),
            Word(Member(fields, "value")[Member(indexes, "value").GetInt32()]),
            (ulong)Word(Member(fields, "gasLimit")[Member(indexes, "gas").GetInt32()]),
            fields.TryGetProperty("accessLists", out JsonElement lists) && lists.GetArrayLength() > data ? lists[data] : default);
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), Bytes(Member(fields, "secretKey")));
        return unsigned.WithSignature(signature.YParity, signature.R, signature.S).Encoded;
    }

    private static Transaction BuildTransaction(JsonElement fields, UInt256 chainId, byte[] data, UInt256 value, ulong gasLimit, JsonElement accessList)
    {
        bool hasFees = fields.TryGetProperty("maxFeePerGas", out JsonElement maxFee);
        bool hasList = accessList.ValueKind == JsonValueKind.Array;
        bool hasBlobs = fields.TryGetProperty("blobVersionedHashes", out JsonElement blobs);
        if (fields.TryGetProperty("authorizationList", out _)) throw new StateTestFormatException("a set-code transaction without \"txbytes\"");
        string to = Member(fields, "to").GetString()!;
        UInt256 price = hasFees ? Word(maxFee) : Word(Member(fields, "gasPrice"));
        return new Transaction
        {
            Type = hasBlobs ? TransactionType.Blob : hasFees ? TransactionType.DynamicFee : hasList ? TransactionType.AccessList : TransactionType.Legacy,
            ChainId = (ulong)chainId,
            Nonce = (ulong)Word(Member(fields, "nonce")),
            MaxFeePerGas = price,
            MaxPriorityFeePerGas = hasFees ? Word(Member(fields, "maxPriorityFeePerGas")) : price,
            GasLimit = gasLimit,
            To = to.Length == 0 ? null : AddressOf(to),
            Value = value,
            Data = data,
            AccessList = hasList ? [.. accessList.EnumerateArray().Select(ReadAccess)] : [],
            MaxFeePerBlobGas = hasBlobs ? Word(Member(fields, "maxFeePerBlobGas")) : default,
            BlobVersionedHashes = hasBlobs ? [.. blobs.EnumerateArray().Select(h => Hash256.FromUInt256(Word(h)))] : [],
        };
    }

    private static AccessListItem ReadAccess(JsonElement item) => new(
        AddressOf(Member(item, "address").GetString()!),
        [.. Member(item, "storageKeys").EnumerateArray().Select(k => Hash256.FromUInt256(Word(k)))]);

    /// <summary>A member that must be there.</summary>
    public static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : throw new StateTestFormatException($"no \"{name}\"");

    private static UInt256 Optional(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement value) ? Word(value) : default;

    private static UInt256 Word(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? new UInt256(value.GetUInt64()) : Word(value.GetString() ?? "");

    private static UInt256 Word(string text)
    {
        if (text is "0x" or "") return default;
        return UInt256.TryParse(text, out UInt256 value) ? value : throw new StateTestFormatException($"\"{text}\" is no number of 256 bits");
    }

    private static byte[] Bytes(JsonElement value) =>
        Hex.TryDecode(value.GetString(), out byte[] bytes) ? bytes : throw new StateTestFormatException($"\"{value.GetString()}\" is no hexadecimal");

    private static Address AddressOf(string text) =>
        Address.TryParse(text, out Address address) ? address : throw new StateTestFormatException($"\"{text}\" is no address");
}
