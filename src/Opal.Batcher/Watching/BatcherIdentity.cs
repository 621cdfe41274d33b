using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Knows whose batches the rollup takes: the SystemConfig's batcher hash on L1, or the rollup configuration's where the contract cannot be read.</summary>
/// <param name="l1">L1.</param>
/// <param name="signer">The address of the batcher's key.</param>
public sealed class BatcherIdentity(EthClient l1, Address signer)
{
    private static readonly byte[] s_batcherHash = Keccak256.Hash("batcherHash()"u8).ToArray()[..4];

    /// <summary>Why batches from the signer would not count, with both addresses; null when they do.</summary>
    /// <param name="rollup">The rollup's configuration.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RpcTransportException">L1 gives no answer.</exception>
    public async Task<string?> FindFaultAsync(RollupConfig rollup, CancellationToken cancellation)
    {
        Hash256? onL1 = await ReadAsync(rollup.L1SystemConfigAddress, cancellation);
        Hash256 batcher = onL1 ?? rollup.GenesisSystemConfig.BatcherHash();
        if (batcher == Hash256.FromUInt256(signer.ToUInt256())) return null;
        string source = onL1 is not null ? $"the SystemConfig {rollup.L1SystemConfigAddress.ToChecksumString()} on L1"
            : $"the rollup configuration (the SystemConfig {rollup.L1SystemConfigAddress.ToChecksumString()} cannot be read on L1)";
        return $"the batcher's key has the address {signer.ToChecksumString()}, but {source} names {Named(batcher)} as the batcher: the rollup ignores what others post. " +
            $"Start with that address's key, or make {signer.ToChecksumString()} the batcher with the SystemConfig's setBatcherHash";
    }

    /// <summary>The contract's batcher hash; null when there is no such contract or it has no such function.</summary>
    private async Task<Hash256?> ReadAsync(Address systemConfig, CancellationToken cancellation)
    {
        if (systemConfig.IsZero) return null;
        try
        {
            byte[] word = await l1.CallAsync(systemConfig, s_batcherHash, BlockParameter.Latest, cancellation);
            return word.Length == 32 ? new Hash256(word) : null;
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.ExecutionReverted || error.Error.Message.Contains("revert", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
    }

    /// <summary>A batcher hash of version 0 is an address behind twelve zero bytes.</summary>
    private static string Named(Hash256 batcher)
    {
        byte[] bytes = batcher.ToArray();
        return bytes.AsSpan(0, 12).ContainsAnyExcept((byte)0) ? $"{batcher} (no plain address)" : new Address(bytes.AsSpan(12)).ToChecksumString();
    }
}
