using Opal.Batcher;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Cli.L1Services;

/// <summary>What would be wrong for good, found at the start: servers of another chain, a key that the contracts do not take.</summary>
internal sealed class ChainChecks(EndpointWait wait, RollupConfig rollup)
{
    /// <summary>Waits for L1 and for an execution client, and compares their chain ids with the rollup's.</summary>
    /// <exception cref="ServiceException">One is of another chain; the message has both ids.</exception>
    public async Task RequireChainsAsync(ServiceEndpoints endpoints, CancellationToken stop)
    {
        await RequireAsync("L1", "l1-eth-rpc", endpoints.L1, rollup.L1ChainId, stop);
        if (endpoints.L2.Count > 0) await RequireAsync("the L2 execution client", "l2-eth-rpc", endpoints.L2, rollup.L2ChainId, stop);
    }

    /// <summary>Compares the id of each that answers; one that does not is asked again when it is used.</summary>
    private async Task RequireAsync(string what, string flag, IReadOnlyList<EthClient> servers, ulong wanted, CancellationToken stop)
    {
        await wait.AskAsync(what, flag, [servers], async (all, cancellation) =>
        {
            RpcTransportException? silent = null;
            int answered = 0;
            foreach (EthClient server in all)
            {
                try
                {
                    ulong id = await server.ChainIdAsync(cancellation);
                    answered++;
                    if (id != wanted) throw new ServiceException($"{server.Rpc.Endpoint} is chain {id}, and the rollup node's configuration wants chain {wanted} there; correct --{flag}");
                }
                catch (RpcTransportException error)
                {
                    silent = error;
                }
            }

            return answered > 0 ? answered : throw silent!;
        }, stop);
    }

    /// <summary>Whether the rollup takes batches from our key.</summary>
    /// <exception cref="ServiceException">It takes them from another; the message has both addresses.</exception>
    public async Task RequireBatcherAsync(BatcherIdentity identity, CancellationToken stop)
    {
        string? fault = await wait.AskAsync("L1", "l1-eth-rpc", [identity], (asked, cancellation) => asked.FindFaultAsync(cancellation), stop);
        if (fault is not null) throw new ServiceException(fault);
    }
}
