using Opal.Deployer.Config;
using Opal.Deployer.Keys;
using Opal.Deployer.L1;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.Commands;

/// <summary>What <c>opal deploy config</c> is told.</summary>
public sealed record NewConfigOptions
{
    /// <summary>The roles' keys, a file as <see cref="Wallets.Save"/> writes it.</summary>
    public required string Wallets { get; init; }

    /// <summary>JSON-RPC of L1: its chain id, and the finalized block to start from.</summary>
    public required Uri L1Rpc { get; init; }

    /// <summary>The new chain's id.</summary>
    public required ulong L2ChainId { get; init; }

    /// <summary>Seconds between L1 blocks.</summary>
    public ulong L1BlockTime { get; init; } = 12;

    /// <summary>Whether withdrawals are proven by dispute games instead of the output oracle.</summary>
    public bool UseFaultProofs { get; init; }

    /// <summary>With <see cref="UseFaultProofs"/>: the fault-proof program's absolute prestate; null takes <see cref="PlaceholderPrestate.Hash"/>.</summary>
    public Hash256? AbsolutePrestate { get; init; }

    /// <summary>The file to write.</summary>
    public required string OutputFile { get; init; }
}

/// <summary>Writes a deploy config to begin with: the tutorial's values, this L1, these accounts.</summary>
public static class NewConfigCommand
{
    /// <summary>Runs the command.</summary>
    /// <exception cref="DeployerException">The keys cannot be read, or the file exists.</exception>
    /// <exception cref="RpcTransportException">L1 cannot be reached.</exception>
    public static async Task<DeployConfig> RunAsync(NewConfigOptions options, CancellationToken cancellation)
    {
        if (File.Exists(options.OutputFile)) throw new DeployerException($"{options.OutputFile} exists already");
        Wallets wallets = Keys.Wallets.Load(options.Wallets);
        using var rpc = new HttpRpcClient(options.L1Rpc);
        var l1 = new RpcL1Sender(new EthClient(rpc), wallets.Admin);
        ulong chainId = await l1.GetChainIdAsync(cancellation);
        L1BlockRef finalized = await l1.GetBlockAsync("finalized", cancellation) ?? throw new DeployerException("L1 has no finalized block yet; try again in some minutes");
        DeployConfig config = DeployConfigTemplate.GettingStarted(wallets, chainId, options.L2ChainId, options.L1BlockTime, finalized.Hash);
        if (options.UseFaultProofs) config = DeployConfigTemplate.WithGames(config, options.AbsolutePrestate ?? PlaceholderPrestate.Hash);
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(options.OutputFile)) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            File.WriteAllBytes(options.OutputFile, DeployConfigWriter.ToJson(config));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DeployerException($"cannot write {options.OutputFile}: {error.Message}", error);
        }

        return config;
    }
}
