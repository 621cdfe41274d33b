using Opal.Deployer.Contracts;
using Opal.Deployer.Keys;
using Opal.Deployer.L1;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Deployer.Commands;

/// <summary>What <c>opal deploy emit-config-update</c> is told.</summary>
public sealed record EmitConfigUpdateOptions
{
    /// <summary>JSON-RPC of L1.</summary>
    public required Uri L1Rpc { get; init; }

    /// <summary>deployments.json, or a folder of NAME.json.</summary>
    public required string Deployments { get; init; }

    /// <summary>The key of ProxyAdmin's owner.</summary>
    public required WalletKey PrivateKey { get; init; }

    /// <summary>Which parameter.</summary>
    public required ConfigUpdateKind Kind { get; init; }

    /// <summary>Its value as the event has it; see <see cref="ConfigUpdateKind"/>.</summary>
    public required UInt256 Value { get; init; }

    /// <summary>Where progress goes.</summary>
    public Action<string>? Progress { get; init; }
}

/// <summary>For devnets: announces a parameter that the SystemConfig of this release has no setter for.</summary>
public static class EmitConfigUpdateCommand
{
    /// <summary>Runs the command.</summary>
    /// <returns>The L1 block that holds the event.</returns>
    /// <exception cref="DeployerException">It failed.</exception>
    public static async Task<ulong> RunAsync(EmitConfigUpdateOptions options, CancellationToken cancellation)
    {
        using var rpc = new HttpRpcClient(options.L1Rpc);
        var sender = new RpcL1Sender(new EthClient(rpc), options.PrivateKey);
        return await ConfigUpdateEmitter.EmitAsync(
            sender, ContractBundle.Embedded, DeploymentAddresses.Load(options.Deployments), options.Kind, options.Value,
            new L1DeploymentOptions { Progress = options.Progress }, cancellation);
    }
}
