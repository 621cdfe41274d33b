using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Knows whose batches the rollup takes: the SystemConfig's batcher on L1, or the rollup configuration's where there is no such contract to ask.</summary>
/// <param name="l1">L1, and the account that sends.</param>
/// <param name="rollup">The rollup's configuration.</param>
public sealed class BatcherIdentity(IL1Facts l1, RollupConfig rollup)
{
    /// <summary>Why batches from our account would not count, with both addresses; null when they do.</summary>
    /// <exception cref="RpcTransportException">L1 gives no answer.</exception>
    /// <exception cref="RpcCallException">L1 refuses the question.</exception>
    public async Task<string?> FindFaultAsync(CancellationToken cancellation)
    {
        Address? onL1 = await ReadAsync(cancellation);
        Address batcher = onL1 ?? rollup.GenesisSystemConfig.BatcherAddress;
        if (batcher == l1.Sender) return null;
        string contract = rollup.L1SystemConfigAddress.ToChecksumString();
        string source = onL1 is not null ? $"the SystemConfig {contract} on L1" : $"the rollup configuration (the SystemConfig {contract} cannot be asked on L1)";
        return $"the batcher's key has the address {l1.Sender.ToChecksumString()}, but {source} names {batcher.ToChecksumString()} as the batcher: the rollup ignores what others post. " +
            $"Start with that address's key, or make {l1.Sender.ToChecksumString()} the batcher with the SystemConfig's setBatcherHash";
    }

    /// <summary>The contract's batcher; null when there is no such contract or it has no such function.</summary>
    private async Task<Address?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await l1.FindBatcherAsync(cancellation);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.ExecutionReverted || error.Error.Message.Contains("revert", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
    }
}
