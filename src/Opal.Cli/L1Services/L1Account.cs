using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Cli.L1Services;

/// <summary>What batcher and proposer begin with: the account that sends, the rollup, and an L1 that is the rollup's.</summary>
internal sealed class L1Account : IDisposable
{
    private readonly ISigner _signer;

    private L1Account(ServiceHost host, ServiceEndpoints endpoints, ISigner signer, RollupConfig rollup, ChainChecks checks, TxManagerOptions sending, string role)
    {
        (_signer, Rollup, Checks) = (signer, rollup, checks);
        L1 = new EthClient(new FirstAnswering([.. endpoints.L1.Select(static client => client.Rpc)]));
        Manager = new TransactionManager(endpoints.L1, signer, sending with { ChainId = rollup.L1ChainId }, TimeProvider.System, host.Loggers.CreateLogger("Opal.TxManager"), role);
    }

    public Address Address => _signer.Address;

    /// <summary>The rollup, as its node has it.</summary>
    public RollupConfig Rollup { get; }

    public ChainChecks Checks { get; }

    /// <summary>L1 for who only reads: whichever endpoint answers.</summary>
    public EthClient L1 { get; }

    /// <summary>Sends the account's transactions.</summary>
    public TransactionManager Manager { get; }

    /// <summary>Opens the key, waits for the rollup node, L1 and the execution clients, and compares their chains.</summary>
    /// <param name="host">The service's.</param>
    /// <param name="endpoints">Its servers.</param>
    /// <param name="key">Where the account's key comes from.</param>
    /// <param name="sending">How its transactions are sent.</param>
    /// <param name="role">batcher or proposer.</param>
    /// <param name="doing">What it does with the account, as the first word of a log line.</param>
    /// <exception cref="SignerException">The key cannot be had.</exception>
    /// <exception cref="ServiceException">A server is of another chain, or of another kind.</exception>
    public static async Task<L1Account> OpenAsync(ServiceHost host, ServiceEndpoints endpoints, SignerSettings key, TxManagerOptions sending, string role, string doing)
    {
        ISigner signer = await Signers.OpenAsync(key, host.Stop);
        try
        {
            host.Logger.LogInformation("{Doing} as {Account}, by its {Key}", doing, signer.Address.ToChecksumString(), key);
            RollupConfig rollup = await host.Wait.AskAsync("the rollup node", "rollup-rpc", endpoints.Nodes, static (node, stop) => node.RollupConfigAsync(stop), host.Stop);
            var checks = new ChainChecks(host.Wait, rollup);
            await checks.RequireChainsAsync(endpoints, host.Stop);
            return new L1Account(host, endpoints, signer, rollup, checks, sending, role);
        }
        catch
        {
            (signer as IDisposable)?.Dispose(); // forgets the key
            throw;
        }
    }

    /// <summary>Ends sending, and forgets the key.</summary>
    public void Dispose()
    {
        Manager.Dispose();
        (_signer as IDisposable)?.Dispose();
    }
}
