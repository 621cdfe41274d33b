namespace Opal.JsonRpc;

/// <summary>Methods that give the receipts of a block.</summary>
public enum ReceiptsMethod : byte
{
    /// <summary>alchemy_getTransactionReceipts.</summary>
    Alchemy,
    /// <summary>debug_getRawReceipts: consensus encodings.</summary>
    DebugRaw,
    /// <summary>erigon_getBlockReceiptsByBlockHash.</summary>
    Erigon,
    /// <summary>eth_getBlockReceipts.</summary>
    EthBlock,
    /// <summary>parity_getBlockReceipts.</summary>
    Parity,
    /// <summary>eth_getTransactionReceipt for each transaction, in batches.</summary>
    EachTransaction,
}
