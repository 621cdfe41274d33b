using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Block and transaction as the words that opcodes push.</summary>
internal sealed class EvmEnvironment
{
    public UInt256 ChainId, Coinbase, BaseFee, BlobBaseFee, PrevRandao, Origin, GasPrice;
    public ulong Number, Timestamp, GasLimit;
    private IBlockHashes? _blockHashes;
    private IReadOnlyList<Hash256>? _blobHashes;

    public void SetBlock(in BlockContext block, IBlockHashes blockHashes)
    {
        ChainId = block.ChainId;
        Coinbase = block.Coinbase.ToUInt256();
        BaseFee = block.BaseFee;
        BlobBaseFee = block.BlobBaseFee;
        PrevRandao = block.PrevRandao;
        Number = block.Number;
        Timestamp = block.Timestamp;
        GasLimit = block.GasLimit;
        _blockHashes = blockHashes;
    }

    public void SetTransaction(in TransactionContext transaction)
    {
        Origin = transaction.Origin.ToUInt256();
        GasPrice = transaction.GasPrice;
        _blobHashes = transaction.BlobHashes;
    }

    /// <summary>BLOCKHASH: the hashes of the 256 blocks before this one, else zero.</summary>
    public UInt256 BlockHash(in UInt256 number)
    {
        bool visible = number.IsUInt64 && number.U0 < Number && Number - number.U0 <= 256;
        return visible ? _blockHashes!.GetBlockHash(number.U0).ToUInt256() : default;
    }

    /// <summary>BLOBHASH: the transaction's versioned hash with this index, else zero.</summary>
    public UInt256 BlobHash(in UInt256 index)
    {
        bool present = _blobHashes is not null && index.IsUInt64 && index.U0 < (ulong)_blobHashes.Count;
        return present ? _blobHashes![(int)index.U0].ToUInt256() : default;
    }
}
