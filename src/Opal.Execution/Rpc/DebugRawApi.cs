using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The part of the <c>debug</c> namespace that answers encodings.</summary>
public sealed class DebugRawApi(BlockSelector blocks, Blockchain chain, TransactionPool pool)
{
    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("debug_getRawHeader", p => RpcResult.Data(blocks.Get(p.GetBlock(0)).Header.Encode()));
        registry.Register("debug_getRawBlock", p => RpcResult.Data(blocks.Get(p.GetBlock(0)).Block.Encode()));
        registry.Register("debug_getRawReceipts", RawReceipts);
        registry.Register("debug_getRawTransaction", RawTransaction);
        registry.Register("debug_chainConfig", _ => RpcResult.Json(json => ChainConfigJson.Write(json, chain.Spec)));
    }

    private RpcResult RawReceipts(RpcParams parameters)
    {
        ExecutedBlock block = blocks.Get(parameters.GetBlock(0));
        return RpcResult.Json(json =>
        {
            json.WriteStartArray();
            foreach (Receipt receipt in block.Receipts) json.WriteDataValue(receipt.Encode());
            json.WriteEndArray();
        });
    }

    private RpcResult RawTransaction(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        if (chain.TryFindTransaction(hash, out TransactionLocation location)) return RpcResult.Data(location.Transaction.Encoded);
        return pool.Find(hash) is { } pooled ? RpcResult.Data(pooled.Transaction.Encoded) : RpcResult.String("0x");
    }
}
