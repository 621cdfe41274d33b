using Opal.Deployer.Abi;
using Opal.Deployer.Contracts;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.L1;

/// <summary>Reads the rollup's parameters from the SystemConfig contract, as rollup.json's genesis must have them.</summary>
public static class SystemConfigGetters
{
    /// <summary>The values the contract holds; what its release has no getter for stays unset.</summary>
    /// <exception cref="DeployerException">There is no SystemConfig at this address.</exception>
    public static async Task<SystemConfig> ReadAsync(IL1Sender sender, ContractBundle bundle, Address systemConfigProxy, CancellationToken cancellation)
    {
        UInt256[] values = await Task.WhenAll(Get("batcherHash"), Get("overhead"), Get("scalar"), Get("gasLimit"));
        return new SystemConfig
        {
            BatcherAddress = Address.FromUInt256(values[0]),
            Overhead = values[1],
            Scalar = values[2],
            GasLimit = values[3].ToUInt64Saturated(),
        };

        async Task<UInt256> Get(string name)
        {
            AbiFunction function = bundle["SystemConfig"].Function(name);
            L1CallResult result = await sender.CallAsync(systemConfigProxy, function.Encode(), UInt256.Zero, null, cancellation);
            return result.Success && function.TryDecodeResult(result.Data, out AbiValue[] values)
                ? values[0].AsUInt256()
                : throw new DeployerException($"there is no SystemConfig at {systemConfigProxy.ToChecksumString()} on L1 ({name}() does not answer)");
        }
    }
}
