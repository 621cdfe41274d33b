using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The part of the <c>eth</c> namespace that reads transactions and their receipts.</summary>
public sealed class EthTransactionApi(Blockchain chain, BlockSelector blocks, TransactionPool pool)
{
    private readonly RpcJson _json = new(chain.Crypto);

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("eth_getTransactionByHash", ByHash);
        registry.Register("eth_getTransactionReceipt", Receipt);
        registry.Register("eth_getRawTransactionByHash", RawByHash);
        registry.Register("eth_getTransactionByBlockHashAndIndex", p => At(chain.Find(p.GetHash(0)), p, _json.TransactionResult));
        registry.Register("eth_getTransactionByBlockNumberAndIndex", p => At(blocks.Find(p.GetBlock(0)), p, _json.TransactionResult));
        registry.Register("eth_getRawTransactionByBlockHashAndIndex", p => At(chain.Find(p.GetHash(0)), p, Raw));
        registry.Register("eth_getRawTransactionByBlockNumberAndIndex", p => At(blocks.Find(p.GetBlock(0)), p, Raw));
        registry.Register("eth_pendingTransactions", static _ => RpcResult.Raw("[]"u8.ToArray()));
    }

    private RpcResult ByHash(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        if (chain.TryFindTransaction(hash, out TransactionLocation location)) return _json.TransactionResult(location);
        return pool.Find(hash) is { } pooled ? RpcResult.Json(json => _json.WritePending(json, pooled)) : RpcResult.Null;
    }

    private RpcResult Receipt(RpcParams parameters)
    {
        if (!chain.TryFindTransaction(parameters.GetHash(0), out TransactionLocation location)) return RpcResult.Null;
        return RpcResult.Json(json => _json.WriteReceipt(json, location));
    }

    private RpcResult RawByHash(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        if (chain.TryFindTransaction(hash, out TransactionLocation location)) return Raw(location);
        return pool.Find(hash) is { } pooled ? RpcResult.Data(pooled.Transaction.Encoded) : RpcResult.Null;
    }

    private static RpcResult Raw(TransactionLocation location) => RpcResult.Data(location.Transaction.Encoded);

    private static RpcResult At(ExecutedBlock? block, RpcParams parameters, Func<TransactionLocation, RpcResult> answer)
    {
        ulong index = parameters.GetQuantity(1);
        return block is null || index >= (ulong)block.Transactions.Count ? RpcResult.Null : answer(new TransactionLocation(block, (int)index));
    }
}
