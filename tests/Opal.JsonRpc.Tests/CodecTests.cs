using System.Buffers;
using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc.Tests;

public class CodecTests
{
    internal static JsonValue Written(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) write(writer);
        return new JsonValue(JsonElement.Parse(buffer.WrittenSpan), "test");
    }

    internal static JsonValue Parsed(string json) => new(JsonElement.Parse(json), "test");

    [Theory]
    [InlineData("0x0", 0UL)]
    [InlineData("0x1", 1UL)]
    [InlineData("0xffffffffffffffff", ulong.MaxValue)]
    public void Quantities_read_back(string text, ulong number)
    {
        Assert.Equal(number, Parsed($"\"{text}\"").AsQuantity());
        Assert.Equal(text, Written(w => w.WriteQuantityValue(number)).AsString());
        Assert.Equal(text, Written(w => w.WriteQuantityValue(new UInt256(number))).AsString());
    }

    [Theory]
    [InlineData("\"0x\"")]
    [InlineData("\"0x00\"")]
    [InlineData("\"0x01\"")]
    [InlineData("\"1\"")]
    [InlineData("\"0xg\"")]
    [InlineData("\"-0x1\"")]
    [InlineData("\"0x10000000000000000\"")]
    [InlineData("1")]
    [InlineData("null")]
    public void Malformed_quantities_are_refused_with_their_text(string json)
    {
        JsonFormatException error = Assert.Throws<JsonFormatException>(() => Parsed(json).AsQuantity());
        Assert.StartsWith("test: ", error.Message);
        Assert.EndsWith(json, error.Message);
    }

    [Theory]
    [InlineData("\"0x1\"")]
    [InlineData("\"0xzz\"")]
    [InlineData("\"12\"")]
    [InlineData("7")]
    public void Malformed_data_is_refused(string json) => Assert.Throws<JsonFormatException>(() => Parsed(json).AsData());

    [Fact]
    public void Loose_numbers_take_the_forms_of_configuration_files()
    {
        foreach (string json in new[] { "16", "\"16\"", "\"0x10\"", "\"0x0010\"", "1.6e1", "16.0" }) Assert.Equal(16UL, Parsed(json).AsLooseUInt64());
        Assert.Equal(UInt256.MaxValue, Parsed($"\"{UInt256.MaxValue}\"").AsLooseNumber());
        foreach (string json in new[] { "-1", "1.5", "\"x\"", "true", "\"\"" }) Assert.Throws<JsonFormatException>(() => Parsed(json).AsLooseNumber());
    }

    [Fact]
    public void Blocks_are_named_in_all_ways()
    {
        string hash = "0x" + new string('a', 64);
        Assert.Equal(BlockParameter.At(16), BlockParameter.Read(Parsed("\"0x10\"")));
        Assert.Equal(BlockParameter.Finalized, BlockParameter.Read(Parsed("\"finalized\"")));
        Assert.Equal(BlockParameter.At(Hash256.Parse(hash)), BlockParameter.Read(Parsed($"\"{hash}\"")));
        Assert.Equal(new BlockParameter(BlockParameterKind.Hash, 0, Hash256.Parse(hash), true), BlockParameter.Read(Parsed($$"""{"blockHash":"{{hash}}","requireCanonical":true}""")));
        Assert.Equal(BlockParameter.At(1), BlockParameter.Read(Parsed("""{"blockNumber":"0x1"}""")));
        foreach (string wrong in new[] { "\"newest\"", "\"0x01\"", "{}", "1", $$"""{"blockHash":"{{hash}}","blockNumber":"0x1"}""" })
        {
            Assert.Throws<JsonFormatException>(() => BlockParameter.Read(Parsed(wrong)));
        }
    }

    private static readonly Transaction Deposit = new()
    {
        Type = TransactionType.Deposit,
        SourceHash = Hash256.Parse("0x" + new string('7', 64)),
        From = Address.FromNumber(0xdead),
        To = null,
        Mint = new UInt256(5),
        Value = new UInt256(6),
        GasLimit = 1_000_000,
        IsSystemTransaction = true,
        Data = new byte[] { 1, 2, 3 },
    };

    [Fact]
    public void Deposits_read_back_to_the_same_hash()
    {
        var receipt = new Receipt { Type = TransactionType.Deposit, DepositNonce = 17, DepositReceiptVersion = 1 };
        JsonValue json = Written(w => EthJson.WriteTransaction(w, Deposit, NoCrypto.Instance, new TransactionPlace(Hash256.Zero, 1, 2, 0, new UInt256(7)), receipt));
        Assert.Equal("0x7e", json["type"].AsString());
        Assert.Equal(17UL, json["nonce"].AsQuantity());
        Assert.Equal(1UL, json["depositReceiptVersion"].AsQuantity());
        Assert.Equal(UInt256.Zero, json["gasPrice"].AsUInt256());
        Assert.False(json.TryGet("chainId", out _));
        Assert.False(json.TryGet("yParity", out _));
        Assert.Equal(Deposit.Hash, EthJson.ReadTransaction(json).Hash);
    }

    [Fact]
    public void Signed_transactions_of_every_type_read_back_to_the_same_hash()
    {
        AccessListItem[] access = [new(Address.FromNumber(9), [Hash256.Zero, Hash256.EmptyCode])];
        foreach (Transaction transaction in new Transaction[]
        {
            new() { Type = TransactionType.Legacy, ChainId = 901, Nonce = 1, GasPrice = 10, GasLimit = 21000, To = Address.FromNumber(5), Value = 1, R = 2, S = 3, YParity = 1 },
            new() { Type = TransactionType.Legacy, Nonce = 1, GasPrice = 10, GasLimit = 21000, Data = new byte[] { 1 }, R = 2, S = 3 },
            new() { Type = TransactionType.AccessList, ChainId = 1, GasPrice = 10, GasLimit = 21000, To = Address.FromNumber(5), AccessList = access, R = 2, S = 3 },
            new() { Type = TransactionType.DynamicFee, ChainId = 1, MaxFeePerGas = 10, MaxPriorityFeePerGas = 2, GasLimit = 21000, AccessList = access, R = 2, S = 3, YParity = 1 },
            new() { Type = TransactionType.Blob, ChainId = 1, MaxFeePerGas = 10, MaxPriorityFeePerGas = 2, GasLimit = 21000, To = Address.Zero, MaxFeePerBlobGas = 9, BlobVersionedHashes = [Hash256.EmptyCode], R = 2, S = 3 },
            new() { Type = TransactionType.SetCode, ChainId = 1, MaxFeePerGas = 10, MaxPriorityFeePerGas = 2, GasLimit = 21000, To = Address.Zero, AuthorizationList = [new Authorization(1, Address.FromNumber(3), 4, 1, 5, 6)], R = 2, S = 3 },
        })
        {
            transaction.SetSender(Address.FromNumber(77));
            JsonValue json = Written(w => EthJson.WriteTransaction(w, transaction, NoCrypto.Instance, new TransactionPlace(Hash256.Zero, 1, 2, 3, new UInt256(7))));
            Assert.Equal(transaction.Hash, EthJson.ReadTransaction(json).Hash);
            Assert.Equal(transaction.Hash, json["hash"].AsHash());
            Assert.Equal(transaction.EffectiveGasPrice(7), json["gasPrice"].AsUInt256());
            JsonValue pending = Written(w => EthJson.WriteTransaction(w, transaction, NoCrypto.Instance));
            Assert.False(pending.TryGet("blockHash", out _));
            Assert.Equal(transaction.Hash, EthJson.ReadTransaction(pending).Hash);
        }
    }

    [Fact]
    public void Receipts_read_back_with_all_OP_Stack_fields()
    {
        Transaction transaction = new() { Type = TransactionType.DynamicFee, ChainId = 1, GasLimit = 1, R = 1, S = 1 };
        transaction.SetSender(Address.FromNumber(4));
        var receipt = new Receipt
        {
            Type = TransactionType.DynamicFee,
            Succeeded = true,
            CumulativeGasUsed = 50_000,
            GasUsed = 30_000,
            EffectiveGasPrice = 8,
            Logs = [new LogEntry(Address.FromNumber(1), [Hash256.EmptyCode], [1, 2])],
            ContractAddress = Address.FromNumber(12),
            BlobGasUsed = 400,
            L1Fee = new L1FeeInfo
            {
                Fee = 1, GasUsed = 2, BaseFee = 3, BlobBaseFee = 4, FeeScalar = 684_000, BaseFeeScalar = 5, BlobBaseFeeScalar = 6, OperatorFeeScalar = 7, OperatorFeeConstant = 8, DAFootprintGasScalar = 400,
            },
        };
        JsonValue json = Written(w => EthJson.WriteReceipt(w, receipt, transaction, NoCrypto.Instance, new TransactionPlace(Hash256.EmptyList, 1, 2, 3, 7), 5));
        Assert.Equal("0.684", json["l1FeeScalar"].AsString());
        Assert.Equal(5UL, json["logs"].AsArray(EthJson.ReadLogPlace)[0].LogIndex);
        TxReceiptInfo read = EthJson.ReadReceipt(json);
        Assert.Equal(receipt.Encode(), read.Receipt.Encode());
        Assert.Equal(transaction.Hash, read.TransactionHash);
        Assert.Equal(Address.FromNumber(4), read.From);
        Assert.Equal(receipt.ContractAddress, read.Receipt.ContractAddress);
        L1FeeInfo fee = read.Receipt.L1Fee!;
        Assert.Equal(receipt.L1Fee.FeeScalar, fee.FeeScalar);
        Assert.Equal((receipt.L1Fee.BaseFee, receipt.L1Fee.BlobBaseFee, receipt.L1Fee.BaseFeeScalar, receipt.L1Fee.BlobBaseFeeScalar), (fee.BaseFee, fee.BlobBaseFee, fee.BaseFeeScalar, fee.BlobBaseFeeScalar));
        Assert.Equal((receipt.L1Fee.OperatorFeeScalar, receipt.L1Fee.OperatorFeeConstant, receipt.L1Fee.DAFootprintGasScalar), (fee.OperatorFeeScalar, fee.OperatorFeeConstant, fee.DAFootprintGasScalar));
    }

    [Fact]
    public void Payloads_attributes_and_statuses_read_back()
    {
        var payload = new ExecutionPayload
        {
            ParentHash = Hash256.EmptyCode, BlockNumber = 7, GasLimit = 8, Timestamp = 9, ExtraData = [1, 2], BaseFeePerGas = 10, BlockHash = Hash256.EmptyList,
            Transactions = [Deposit.Encoded], Withdrawals = [], BlobGasUsed = 0, ExcessBlobGas = 0, WithdrawalsRoot = Hash256.EmptyTrie,
        };
        PayloadEnvelope envelope = EngineJson.ReadEnvelope(Written(w => EngineJson.WriteEnvelope(w, new PayloadEnvelope { Payload = payload, BlockValue = 3, ParentBeaconBlockRoot = Hash256.EmptyList }, 4)), 4);
        Assert.Equal(payload.Transactions[0], envelope.Payload.Transactions[0]);
        Assert.Equal((payload.BlockHash, payload.WithdrawalsRoot, payload.BlobGasUsed, (UInt256)3), (envelope.Payload.BlockHash, envelope.Payload.WithdrawalsRoot, envelope.Payload.BlobGasUsed, envelope.BlockValue));
        Assert.Equal(Hash256.EmptyList, envelope.ParentBeaconBlockRoot);
        Assert.Empty(envelope.Payload.Withdrawals!);
        Assert.Null(EngineJson.ReadPayload(Written(w => EngineJson.WritePayload(w, new ExecutionPayload()))).Withdrawals);

        var attributes = new PayloadAttributes
        {
            Timestamp = 1, PrevRandao = Hash256.EmptyCode, Withdrawals = [], ParentBeaconBlockRoot = Hash256.Zero, Transactions = [Deposit.Encoded], NoTxPool = true,
            GasLimit = 30_000_000, Eip1559Params = [0, 0, 0, 250, 0, 0, 0, 6], MinBaseFee = 12,
        };
        PayloadAttributes read = EngineJson.ReadAttributes(Written(w => EngineJson.WriteAttributes(w, attributes)));
        Assert.Equal((attributes.Timestamp, attributes.NoTxPool, attributes.GasLimit, attributes.MinBaseFee), (read.Timestamp, read.NoTxPool, read.GasLimit, read.MinBaseFee));
        Assert.Equal(attributes.Eip1559Params, read.Eip1559Params);
        Assert.Equal(Deposit.Encoded, read.Transactions[0]);

        foreach (PayloadVerdict verdict in Enum.GetValues<PayloadVerdict>())
        {
            var status = new PayloadStatus(verdict, Hash256.EmptyCode, verdict == PayloadVerdict.Invalid ? "bad" : null);
            Assert.Equal(new ForkchoiceResult(status, new PayloadId(5)), EngineJson.ReadForkchoiceResult(Written(w => EngineJson.WriteForkchoiceResult(w, new ForkchoiceResult(status, new PayloadId(5))))));
        }
    }

    [Fact]
    public void Sync_status_and_outputs_read_back()
    {
        var l1 = new L1BlockRef(Hash256.EmptyCode, 5, Hash256.EmptyList, 6);
        var l2 = new L2BlockRef(Hash256.EmptyTrie, 9, Hash256.EmptyCode, 10, l1.Id, 3);
        var status = new SyncStatus { CurrentL1 = l1, HeadL1 = l1, SafeL1 = l1, FinalizedL1 = l1, UnsafeL2 = l2, SafeL2 = l2, FinalizedL2 = l2, PendingSafeL2 = l2 };
        var output = new OutputAtBlock { OutputRoot = Hash256.EmptyCode, Block = l2, WithdrawalStorageRoot = Hash256.EmptyList, StateRoot = Hash256.EmptyTrie, Status = status };
        Assert.Equal(output, RollupJson.ReadOutput(Written(w => RollupJson.WriteOutput(w, output))));
    }
}
