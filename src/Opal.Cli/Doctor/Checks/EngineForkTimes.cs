using System.Globalization;
using Opal.JsonRpc;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>Compares the engine's fork times with rollup.json's: a chain splits at a fork that one side does not know.</summary>
/// <remarks>Told whole by admin_nodeInfo and debug_chainConfig, which are seldom open; eth_config (EIP-7910) tells the active fork, the next and the last.</remarks>
internal static class EngineForkTimes
{
    private const string Fix = "give the execution client the same fork times (its genesis.json, or --override.*), or correct rollup.json: both must agree before the fork";

    public static async Task<CheckResult> CheckAsync(Examined x, CancellationToken cancellation)
    {
        foreach (IRpcClient rpc in new[] { x.To.Eth, x.To.Engine }.OfType<IRpcClient>())
        {
            foreach (string method in new[] { "admin_nodeInfo", "debug_chainConfig", "eth_config" })
            {
                try
                {
                    return await rpc.CallAsync(method, null, value => method switch
                    {
                        "admin_nodeInfo" => CompareAll(x, value["protocols"]["eth"]["config"]),
                        "debug_chainConfig" => CompareAll(x, value),
                        _ => CompareActive(x, value),
                    }, cancellation);
                }
                catch (Exception error) when (error is RpcCallException or RpcTransportException)
                {
                    // not served there, or not in this form: the next way
                }
            }
        }

        return NotChecked("the engine tells them neither by eth_config nor by admin_nodeInfo; --l2.eth names a plain JSON-RPC that may");
    }

    private static CheckResult CompareAll(Examined x, JsonValue config)
    {
        var different = new List<string>();
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            if (fork == OptimismFork.Delta) continue; // derivation's alone
            ulong? there = config.OrNull($"{fork.ToString().ToLowerInvariant()}Time", static v => v.AsLooseUInt64()), here = x.Rollup.Forks.Of(fork);
            if (Normal(x, there) != Normal(x, here)) different.Add($"{fork} is {Text(there)} in the engine and {Text(here)} in rollup.json");
        }

        return different.Count == 0 ? Ok("the same in both") : Failed(string.Join("; ", different), Fix);
    }

    private static CheckResult CompareActive(Examined x, JsonValue value)
    {
        var own = new SortedSet<ulong> { 0, x.Rollup.GenesisL2Time };
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            if (fork != OptimismFork.Delta && x.Rollup.Forks.Of(fork) is { } time) own.Add(time);
        }

        foreach (string name in new[] { "current", "next", "last" })
        {
            if (value.OrNull(name, static v => v["activationTime"].AsNumber()) is not { } time || time <= x.Rollup.GenesisL2Time || own.Contains(time)) continue;
            return Failed($"the engine's {name} fork activates at {time} ({DoctorText.At(time)}), and rollup.json has none at that time", Fix);
        }

        ulong current = value["current"]["activationTime"].AsNumber();
        bool hasNext = value.TryGet("next", out _);
        if (!hasNext && own.Any(time => time > current && time > x.Now))
            return Warning($"rollup.json has a fork at {DoctorText.At(own.First(time => time > current && time > x.Now))}, and the engine names none to come",
                Fix);
        return Ok("those that eth_config names are rollup.json's");
    }

    /// <summary>A fork at or before genesis is active from the beginning, however that is written.</summary>
    private static ulong? Normal(Examined x, ulong? time) => time <= x.Rollup.GenesisL2Time ? 0 : time;

    private static string Text(ulong? time) => time is { } known ? known.ToString(CultureInfo.InvariantCulture) : "never";
}
