using Opal.Deployer.Abi;
using Opal.Deployer.Contracts;
using Opal.Deployer.L2;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Deployer.L1;

/// <summary>The kinds of ConfigUpdate that this release's SystemConfig has no setter for.</summary>
public enum ConfigUpdateKind : byte
{
    /// <summary>Holocene: denominator &lt;&lt; 32 | elasticity.</summary>
    Eip1559Params = 4,

    /// <summary>Isthmus: scalar &lt;&lt; 64 | constant.</summary>
    OperatorFee = 5,

    /// <summary>Jovian: wei.</summary>
    MinBaseFee = 6,

    /// <summary>Jovian: gas for a byte, 16 bits.</summary>
    DAFootprintGasScalar = 7,
}

/// <summary>
/// Makes the SystemConfig proxy log a ConfigUpdate that the contracts of this release cannot log by themselves: its
/// implementation is exchanged for a few bytes of code that do, and at once put back. For devnets and tests.
/// </summary>
public static class ConfigUpdateEmitter
{
    /// <summary>keccak256("ConfigUpdate(uint256,uint8,bytes)").</summary>
    private const string Topic = "1d2b0bda21d56b8bd12d4f94ebacffdfb35f5e226f84b461103bb8beab6353be";

    // init: return the 53 bytes behind these 11. runtime: LOG3(calldata from 32 on; topic, version 0, calldata word 0)
    private static readonly byte[] InitCode = Hex.Decode("0x603580600b6000396000f3" + "60203603806020600037600035" + "60007f" + Topic + "836000a300");

    /// <summary>Emits one update. The sender must own ProxyAdmin.</summary>
    /// <returns>The L1 block that holds the log.</returns>
    /// <exception cref="DeployerException">A transaction failed.</exception>
    public static async Task<ulong> EmitAsync(
        IL1Sender sender, ContractBundle bundle, DeploymentAddresses addresses, ConfigUpdateKind kind, UInt256 value, L1DeploymentOptions options,
        CancellationToken cancellation)
    {
        Address proxy = addresses["SystemConfigProxy"], admin = addresses["ProxyAdmin"];
        Address implementation = Address.FromUInt256(await sender.GetStorageAsync(proxy, L2Contracts.ImplementationSlot, cancellation));
        if (implementation.IsZero) throw new DeployerException($"there is no proxy with an implementation at {proxy.ToChecksumString()} on L1");
        ulong nonce = await sender.GetNonceAsync(cancellation);
        Address emitter = ContractAddress.OfCreate(sender.Address, nonce);
        ContractArtifact artifact = bundle["ProxyAdmin"];
        byte[] log = AbiCodec.Encode("(uint256,uint256,uint256,uint256)", (ulong)kind, 0x20UL, 0x20UL, value);
        DeploymentStep[] steps =
        [
            new() { Key = "ConfigUpdate.emitter", Data = InitCode, GasLimit = 150_000, Nonce = nonce, Creates = emitter },
            Call("ConfigUpdate.emit", artifact.CallData("upgradeAndCall", proxy, emitter, log), nonce + 1),
            Call("ConfigUpdate.restore", artifact.CallData("upgrade", proxy, implementation), nonce + 2),
        ];
        DeploymentJournal journal = DeploymentJournal.Open(null, 0, sender.Address, bundle.Version);
        await new StepExecutor(sender, journal, options, TimeProvider.System).RunAsync(steps, cancellation);
        return journal.Find("ConfigUpdate.emit")!.BlockNumber;

        DeploymentStep Call(string key, byte[] data, ulong at) => new() { Key = key, To = admin, Data = data, GasLimit = 200_000, Nonce = at, Artifact = artifact };
    }
}
