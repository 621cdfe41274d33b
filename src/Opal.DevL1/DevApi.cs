using Opal.JsonRpc;

namespace Opal.DevL1;

/// <summary>What a test may do to an embedded L1 over JSON-RPC.</summary>
internal sealed class DevApi(DevL1Node node)
{
    private const ulong MostBlocks = 1000;

    public void Register(RpcRegistry registry)
    {
        // dev_reorg(depth): the newest blocks are replaced by empty ones, and their transactions are lost, as in an L1 reorg that orphans a batch
        registry.Register("dev_reorg", parameters => Answer(parameters, count => node.Reorg(count, returnTransactions: false).Number));

        // dev_mine(count): blocks now, whatever the clock says
        registry.Register("dev_mine", parameters => Answer(parameters, count => node.Mine(count).Number));
    }

    private static RpcResult Answer(RpcParams parameters, Func<int, ulong> act)
    {
        ulong count = parameters.GetQuantity(0);
        if (count is 0 or > MostBlocks) return RpcResult.Fail(RpcErrorCode.InvalidParams, $"between 1 and {MostBlocks} blocks");
        try
        {
            return RpcResult.Quantity(act((int)count));
        }
        catch (ArgumentOutOfRangeException error)
        {
            return RpcResult.Fail(RpcErrorCode.InvalidParams, error.Message);
        }
    }
}
