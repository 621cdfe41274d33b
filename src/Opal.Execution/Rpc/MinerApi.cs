using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>The <c>miner</c> namespace: how the batcher throttles block building.</summary>
public static class MinerApi
{
    /// <summary>Adds the methods.</summary>
    public static void Register(RpcRegistry registry, PayloadBuilder builder)
    {
        registry.Register("miner_setMaxDASize", parameters =>
        {
            builder.DALimits = new DALimits(LimitOf(parameters, 0), LimitOf(parameters, 1));
            return RpcResult.True;
        });
    }

    /// <summary>Zero stands for no limit.</summary>
    private static ulong? LimitOf(RpcParams parameters, int index) => parameters.GetQuantity(index) is var limit and > 0 ? limit : null;
}
