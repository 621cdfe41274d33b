using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>Copies with one thing changed.</summary>
internal static class Variants
{
    public static Block Of(Block block, Hash256? parentHash = null, Hash256? stateRoot = null, Hash256? receiptsRoot = null, ulong? number = null, ulong? gasUsed = null, ulong? timestamp = null)
    {
        BlockHeader h = block.Header;
        return new Block
        {
            Header = new BlockHeader
            {
                ParentHash = parentHash ?? h.ParentHash, Beneficiary = h.Beneficiary, StateRoot = stateRoot ?? h.StateRoot, TransactionsRoot = h.TransactionsRoot,
                ReceiptsRoot = receiptsRoot ?? h.ReceiptsRoot, LogsBloom = h.LogsBloom, Number = number ?? h.Number, GasLimit = h.GasLimit, GasUsed = gasUsed ?? h.GasUsed,
                Timestamp = timestamp ?? h.Timestamp, ExtraData = h.ExtraData, MixHash = h.MixHash, BaseFeePerGas = h.BaseFeePerGas, WithdrawalsRoot = h.WithdrawalsRoot,
                BlobGasUsed = h.BlobGasUsed, ExcessBlobGas = h.ExcessBlobGas, ParentBeaconBlockRoot = h.ParentBeaconBlockRoot, RequestsHash = h.RequestsHash,
            },
            Transactions = block.Transactions,
            Withdrawals = block.Withdrawals,
        };
    }

    public static ExecutionPayload WithHash(ExecutionPayload p, in Hash256 hash) => new()
    {
        ParentHash = p.ParentHash, FeeRecipient = p.FeeRecipient, StateRoot = p.StateRoot, ReceiptsRoot = p.ReceiptsRoot, LogsBloom = p.LogsBloom, PrevRandao = p.PrevRandao,
        BlockNumber = p.BlockNumber, GasLimit = p.GasLimit, GasUsed = p.GasUsed, Timestamp = p.Timestamp, ExtraData = p.ExtraData, BaseFeePerGas = p.BaseFeePerGas, BlockHash = hash,
        Transactions = p.Transactions, Withdrawals = p.Withdrawals, BlobGasUsed = p.BlobGasUsed, ExcessBlobGas = p.ExcessBlobGas, WithdrawalsRoot = p.WithdrawalsRoot,
    };

    public static PayloadAttributes Of(PayloadAttributes a, ulong? timestamp = null, bool hasGasLimit = true, IReadOnlyList<byte[]>? transactions = null, byte[]? fees = null, ulong? gasLimit = null) => new()
    {
        Timestamp = timestamp ?? a.Timestamp, PrevRandao = a.PrevRandao, SuggestedFeeRecipient = a.SuggestedFeeRecipient, Withdrawals = a.Withdrawals,
        ParentBeaconBlockRoot = a.ParentBeaconBlockRoot, Transactions = transactions ?? a.Transactions, NoTxPool = a.NoTxPool, GasLimit = hasGasLimit ? gasLimit ?? a.GasLimit : null,
        Eip1559Params = fees ?? a.Eip1559Params, MinBaseFee = a.MinBaseFee,
    };
}
