using System.Text;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>The <c>miner</c> namespace: how the batcher throttles block building, and what an operator may change while it runs.</summary>
public sealed class MinerApi(PayloadBuilder builder)
{
    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("miner_setMaxDASize", parameters =>
        {
            builder.DALimits = new DALimits(LimitOf(parameters, 0), LimitOf(parameters, 1));
            return RpcResult.True;
        });
        registry.Register("miner_setGasLimit", parameters =>
        {
            ulong limit = parameters.GetQuantity(0);
            builder.Options = builder.Options with { GasLimitTarget = limit };
            return RpcResult.True;
        });
        registry.Register("miner_setGasPrice", parameters =>
        {
            UInt256 tip = parameters.GetUInt256(0);
            builder.Options = builder.Options with { MinTip = tip };
            return RpcResult.True;
        });
        registry.Register("miner_setExtra", parameters =>
        {
            byte[] extra = Encoding.UTF8.GetBytes(parameters[0].AsString());
            if (extra.Length > 32) return RpcResult.Fail(RpcErrorCode.ServerError, $"extra exceeds max length. {extra.Length} > 32");
            builder.Options = builder.Options with { ExtraData = extra };
            return RpcResult.True;
        });
    }

    /// <summary>Zero stands for no limit.</summary>
    private static ulong? LimitOf(RpcParams parameters, int index) => parameters.GetQuantity(index) is var limit and > 0 ? limit : null;
}
