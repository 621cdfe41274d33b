using Opal.Cli.Doctor;
using Opal.JsonRpc;
using Opal.Primitives;
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

    /// <summary>The account that L1's SystemConfig takes batches from; the genesis one where the contract cannot be asked.</summary>
    /// <exception cref="ServiceException">The key is of another account; the message has both.</exception>
    public async Task RequireBatcherAsync(EthClient l1, Address account, CancellationToken stop)
    {
        UInt256? word = await wait.AskAsync("L1", "l1-eth-rpc", [l1], async (server, cancellation) =>
            (await L1Contract.ReadAsync(server.Rpc, rollup.L1SystemConfigAddress, cancellation, "batcherHash()"))["batcherHash()"], stop);
        if (word is null) throw new ServiceException($"L1 has no SystemConfig at {rollup.L1SystemConfigAddress.ToChecksumString()}, which the rollup node's configuration names: is this the right L1? (--doctor=false starts without asking it)");
        var wanted = Address.FromUInt256(word.Value);
        if (wanted == account) return;
        throw new ServiceException(
            $"the key is that of {account.ToChecksumString()}, and L1's SystemConfig takes batches from {wanted.ToChecksumString()} alone: start with that account's key, or have the owner call SystemConfig.setBatcherHash");
    }
}
