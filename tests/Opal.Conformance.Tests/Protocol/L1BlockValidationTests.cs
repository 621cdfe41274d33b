using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>Blocks as an L1 RPC gives them: the header hash, the transactions root and the withdrawals root tell whether they may be believed.</summary>
public class L1BlockValidationTests
{
    [VectorFact]
    public void Headers_and_bodies_are_believed_as_official()
    {
        int count = 0;
        foreach ((string file, byte[] data) in Vectors.ReadArchive("derivation/l1-block-validation.tar.gz"))
        {
            JsonElement test = JsonDocument.Parse(data).RootElement;
            JsonElement block = test.At("data");
            bool isBody = test.At("name").GetString()!.StartsWith("blocks/", StringComparison.Ordinal);
            bool expected = !(test.At("expect").Has("fail") && test.At("expect").At("fail").GetBoolean());
            bool believed = ReadHeader(block).Hash == block.At("hash").Hash() && (!isBody || IsBodyRight(block));
            Assert.True(expected == believed, file);
            count++;
        }

        Assert.Equal(12, count);
    }

    private static BlockHeader ReadHeader(JsonElement json) => new()
    {
        ParentHash = json.At("parentHash").Hash(),
        OmmersHash = json.At("sha3Uncles").Hash(),
        Beneficiary = json.At("miner").Address(),
        StateRoot = json.At("stateRoot").Hash(),
        TransactionsRoot = json.At("transactionsRoot").Hash(),
        ReceiptsRoot = json.At("receiptsRoot").Hash(),
        LogsBloom = Bloom.FromBytes(json.At("logsBloom").Bytes()),
        Difficulty = json.At("difficulty").Number(),
        Number = json.At("number").ULong(),
        GasLimit = json.At("gasLimit").ULong(),
        GasUsed = json.At("gasUsed").ULong(),
        Timestamp = json.At("timestamp").ULong(),
        ExtraData = json.At("extraData").Bytes(),
        MixHash = json.At("mixHash").Hash(),
        Nonce = json.At("nonce").ULong(),
        BaseFeePerGas = json.Has("baseFeePerGas") ? json.At("baseFeePerGas").Number() : null,
        WithdrawalsRoot = json.OptionalHash("withdrawalsRoot"),
    };

    private static bool IsBodyRight(JsonElement json)
    {
        if (!json.Has("transactions") || json.At("transactions").EnumerateArray().Any(t => t.ValueKind != JsonValueKind.Object)) return false;
        Transaction[] transactions = json.At("transactions").EnumerateArray().Select(ReadTransaction).ToArray();
        if (BodyRoots.OfTransactions(transactions) != json.At("transactionsRoot").Hash()) return false;
        if (json.OptionalHash("withdrawalsRoot") is not { } root) return !json.Has("withdrawals");
        if (!json.Has("withdrawals") || json.At("withdrawals").EnumerateArray().Any(w => w.ValueKind != JsonValueKind.Object)) return false;
        Withdrawal[] withdrawals = json.At("withdrawals").EnumerateArray()
            .Select(w => new Withdrawal(w.At("index").ULong(), w.At("validatorIndex").ULong(), w.At("address").Address(), w.At("amount").ULong())).ToArray();
        return BodyRoots.OfWithdrawals(withdrawals) == root;
    }

    private static Transaction ReadTransaction(JsonElement json)
    {
        var type = (TransactionType)json.At("type").ULong();
        UInt256 v = json.At("v").Number();
        bool isLegacy = type == TransactionType.Legacy;
        ulong? chainId = isLegacy ? (v.U0 >= 35 ? (v.U0 - 35) / 2 : null) : json.At("chainId").ULong();
        bool hasMaxFee = type is TransactionType.DynamicFee or TransactionType.Blob;
        return new Transaction
        {
            Type = type,
            ChainId = chainId,
            Nonce = json.At("nonce").ULong(),
            MaxFeePerGas = hasMaxFee ? json.At("maxFeePerGas").Number() : json.At("gasPrice").Number(),
            MaxPriorityFeePerGas = hasMaxFee ? json.At("maxPriorityFeePerGas").Number() : json.At("gasPrice").Number(),
            GasLimit = json.At("gas").ULong(),
            To = json.Has("to") ? json.At("to").Address() : null,
            Value = json.At("value").Number(),
            Data = json.At("input").Bytes(),
            AccessList = json.Has("accessList")
                ? json.At("accessList").EnumerateArray().Select(a => new AccessListItem(
                    a.At("address").Address(), a.At("storageKeys").EnumerateArray().Select(k => k.Hash()).ToArray())).ToArray()
                : [],
            YParity = (byte)(isLegacy ? (v.U0 >= 35 ? (v.U0 - 35) % 2 : v.U0 - 27) : v.U0),
            R = json.At("r").Number(),
            S = json.At("s").Number(),
        };
    }
}
