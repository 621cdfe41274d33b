using Opal.Cli.Flags;
using Opal.Devnet;

namespace Opal.Cli.Doctor;

/// <summary>Fills in the flags of a devnet's sequencer from its devnet.json; what is given besides goes before.</summary>
internal static class DevnetSource
{
    /// <summary>Sets them.</summary>
    /// <exception cref="DevnetException">There is no devnet, or its file is damaged.</exception>
    public static void Fill(FlagValues values, string directory)
    {
        DevnetDescription devnet = DevnetDescription.Read(directory);
        Set("l1", Text(devnet.L1Rpc));
        if (devnet.L1Beacon is { } beacon) Set("l1.beacon", Text(beacon));
        else Set("l1.beacon.ignore", "true");
        Set("l2", Text(devnet.L2Engine));
        Set("l2.eth", Text(devnet.L2Rpc));
        Set("l2.jwt-secret", devnet.JwtFile);
        Set("rollup.config", devnet.RollupConfigFile);
        Set("rpc.addr", devnet.NodeRpc.Host);
        Set("rpc.port", $"{devnet.NodeRpc.Port}");
        Set("rpc.enable-admin", "true");
        Set("sequencer.enabled", "true");
        Set("p2p.disable", "true");
        Set("sequencer.l1-confs", "0");
        Set("datadir", directory);
        if (devnet.Roles.FirstOrDefault(static role => role.Key == "batcher") is { Key: not null } batcher) Set("batcher", batcher.Value.ToString());
        if (devnet.Roles.FirstOrDefault(static role => role.Key == "proposer") is { Key: not null } proposer) Set("proposer", proposer.Value.ToString());

        void Set(string flag, string text) => values.Set(values.Table[flag], text, FlagSource.ConfigFile, "devnet.json");
    }

    private static string Text(Uri url) => url.ToString().TrimEnd('/');
}
