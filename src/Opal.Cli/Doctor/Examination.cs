using Opal.JsonRpc;

namespace Opal.Cli.Doctor;

/// <summary>Runs checks, all at the same time, each within its own limit of time.</summary>
internal static class Examination
{
    /// <summary>Runs them.</summary>
    /// <param name="checks">The checks.</param>
    /// <param name="examined">The node.</param>
    /// <param name="limit">How long one may take.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The results in the order of the checks.</returns>
    public static async Task<IReadOnlyList<(Check Check, CheckResult Result)>> RunAsync(IReadOnlyList<Check> checks, Examined examined, TimeSpan limit, CancellationToken cancellation)
    {
        CheckResult[] results = await Task.WhenAll(checks.Select(check => RunAsync(check, examined, limit, cancellation)));
        return [.. checks.Zip(results)];
    }

    /// <summary>Runs one.</summary>
    public static async Task<CheckResult> RunAsync(Check check, Examined examined, TimeSpan limit, CancellationToken cancellation)
    {
        using CancellationTokenSource within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(limit);
        try
        {
            await RequireAsync(check.Needs, examined, within.Token);
            return await check.Run(examined, within.Token).WaitAsync(within.Token);
        }
        catch (NotCheckedException missing)
        {
            return CheckResult.NotChecked(missing.Message);
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return CheckResult.NotChecked(error.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return CheckResult.NotChecked($"no answer within {limit.TotalSeconds:0.#} s");
        }
    }

    private static async Task RequireAsync(CheckNeeds needs, Examined examined, CancellationToken cancellation)
    {
        if (needs.HasFlag(CheckNeeds.Rollup) || needs.HasFlag(CheckNeeds.Contracts)) _ = examined.Rollup;
        if (needs.HasFlag(CheckNeeds.L1) || needs.HasFlag(CheckNeeds.Contracts)) await examined.L1Async(cancellation);
        if (needs.HasFlag(CheckNeeds.Engine)) await RequireEngineAsync(examined, cancellation);
        if (needs.HasFlag(CheckNeeds.Beacon)) await RequireAsync(examined.BeaconSpecAsync(cancellation), "the Beacon API does not answer (beacon.reachable)");
        if (needs.HasFlag(CheckNeeds.Node)) await RequireAsync(examined.NodeVersionAsync(cancellation), $"no rollup node runs at {examined.To.Node.Endpoint}");
        if (!needs.HasFlag(CheckNeeds.Contracts)) return;
        if ((await examined.SystemConfigAsync(cancellation))["batcherHash()"] is null) throw new NotCheckedException("there is no SystemConfig to ask (contracts.system-config)");
    }

    private static async Task RequireEngineAsync(Examined examined, CancellationToken cancellation)
    {
        EngineContact contact = await examined.EngineAsync(cancellation);
        if (contact.Answer == EngineAnswer.ChainId) return;
        throw new NotCheckedException(contact.Answer switch
        {
            EngineAnswer.WrongToken => "the engine does not take the token (engine.jwt-accepted)",
            EngineAnswer.WrongHost => "the engine does not answer by this host name (engine.host)",
            _ => "the engine does not answer (engine.reachable)",
        });
    }

    private static async Task RequireAsync<T>(Task<T> fact, string otherwise)
    {
        try
        {
            await fact;
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            throw new NotCheckedException(otherwise);
        }
    }
}
