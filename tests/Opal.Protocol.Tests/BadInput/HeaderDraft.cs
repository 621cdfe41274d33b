using Opal.Primitives;

namespace Opal.Protocol.Tests.BadInput;

/// <summary>A header whose fields can be changed.</summary>
internal sealed class HeaderDraft(BlockHeader h)
{
    public Hash256 ParentHash = h.ParentHash, OmmersHash = h.OmmersHash, StateRoot = h.StateRoot, TransactionsRoot = h.TransactionsRoot,
        ReceiptsRoot = h.ReceiptsRoot, MixHash = h.MixHash;

    public Address Beneficiary = h.Beneficiary;
    public Bloom LogsBloom = h.LogsBloom;
    public UInt256 Difficulty = h.Difficulty;
    public ulong Number = h.Number, GasLimit = h.GasLimit, GasUsed = h.GasUsed, Timestamp = h.Timestamp, Nonce = h.Nonce;
    public byte[] ExtraData = h.ExtraData;
    public UInt256? BaseFee = h.BaseFeePerGas;
    public Hash256? WithdrawalsRoot = h.WithdrawalsRoot, BeaconRoot = h.ParentBeaconBlockRoot, RequestsHash = h.RequestsHash;
    public ulong? BlobGasUsed = h.BlobGasUsed, ExcessBlobGas = h.ExcessBlobGas;

    public static BlockHeader With(BlockHeader header, Action<HeaderDraft> change)
    {
        var draft = new HeaderDraft(header);
        change(draft);
        return draft.ToHeader();
    }

    public BlockHeader ToHeader() => new()
    {
        ParentHash = ParentHash, OmmersHash = OmmersHash, Beneficiary = Beneficiary, StateRoot = StateRoot, TransactionsRoot = TransactionsRoot,
        ReceiptsRoot = ReceiptsRoot, LogsBloom = LogsBloom, Difficulty = Difficulty, Number = Number, GasLimit = GasLimit, GasUsed = GasUsed,
        Timestamp = Timestamp, ExtraData = ExtraData, MixHash = MixHash, Nonce = Nonce, BaseFeePerGas = BaseFee, WithdrawalsRoot = WithdrawalsRoot,
        BlobGasUsed = BlobGasUsed, ExcessBlobGas = ExcessBlobGas, ParentBeaconBlockRoot = BeaconRoot, RequestsHash = RequestsHash,
    };
}
