using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Looks at start-up whether the sequencer endpoint is what it should be. Pointing it at the rollup node is a frequent mistake.</summary>
internal static class SequencerProbe
{
    public static async Task RunAsync(IRpcClient sequencer, ulong chainId, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            RpcReply reply = (await sequencer.SendAsync([new RpcRequest("eth_chainId")], limit.Token))[0];
            if (reply.Error is { } error)
            {
                logger.LogWarning("The sequencer endpoint {Endpoint} does not answer eth_chainId ({Error}): is it the rollup node's instead of the execution client's?", sequencer.Endpoint, error);
            }
            else if (!UInt256.TryParse(reply.Result.GetString() ?? "", out UInt256 id) || id != chainId)
            {
                logger.LogWarning("The sequencer endpoint {Endpoint} is of chain {Other}, not {Own}", sequencer.Endpoint, reply.Result, chainId);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning("The sequencer endpoint {Endpoint} does not answer", sequencer.Endpoint);
        }
        catch (RpcTransportException error)
        {
            logger.LogWarning("The sequencer endpoint {Endpoint} does not answer: {Error}", sequencer.Endpoint, error.Message);
        }
    }
}
