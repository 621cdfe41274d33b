using System.Net;
using System.Net.Sockets;
using Opal.Cli.Flags;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>What others could see or do, and flags that do nothing.</summary>
internal static class SecurityChecks
{
    public static IEnumerable<Check> All =>
    [
        new("security.admin", "the admin RPC is not open to everybody", CheckStatus.Warning, None, Admin),
        new("security.metrics", "metrics are not open to everybody", CheckStatus.Warning, None, Metrics),
        new("security.plain-http", "no URL leads over the internet without TLS", CheckStatus.Warning, None, PlainHttp),
        new("security.command-line", "no secret stands on the command line", CheckStatus.Warning, None, CommandLine),
        new("security.trusted-l1", "an L1 that is believed unchecked is one's own", CheckStatus.Warning, None, TrustedL1),
        new("flags.effect", "every flag and variable given has an effect", CheckStatus.Warning, None, Effect),
    ];

    private static bool IsOpen(string address) => address is "0.0.0.0" or "::" or "[::]" or "";

    private static CheckResult Admin(Examined x)
    {
        if (!x.Values.Bool("rpc.enable-admin")) return Ok("admin_* is off");
        return IsOpen(x.Values.Text("rpc.addr"))
            ? Warning($"admin_* is served on {x.Values.Text("rpc.addr")}, port {x.Values.Text("rpc.port")}: whoever reaches it can stop the sequencer", "set --rpc.addr=127.0.0.1, or have a firewall in front")
            : Ok($"admin_* is served on {x.Values.Text("rpc.addr")} only");
    }

    private static CheckResult Metrics(Examined x)
    {
        if (!x.Values.Bool("metrics.enabled")) return Ok("metrics are off");
        return IsOpen(x.Values.Text("metrics.addr"))
            ? Warning($"metrics are served on {x.Values.Text("metrics.addr")}, port {x.Values.Text("metrics.port")}", "set --metrics.addr=127.0.0.1, or have a firewall in front")
            : Ok($"served on {x.Values.Text("metrics.addr")} only");
    }

    private static CheckResult PlainHttp(Examined x)
    {
        var open = new List<string>();
        foreach (string flag in new[] { "l1", "l1.beacon", "l1.beacon-fallbacks", "l2", "l2.eth", "l2.follow.source", "rollup.sequencerhttp" })
        {
            if (x.Values.Table.Find(flag) is { } known && FlagText.Split(x.Values.Text(known.Name)).Any(static text => FlagText.TryUrl(text, out Uri? url) && url!.Scheme is "http" or "ws" && IsPublic(url!.Host))) open.Add($"--{flag}");
        }

        return open.Count == 0 ? Ok("no URL does")
            : Warning($"{string.Join(", ", open)}: unencrypted to a public address; others can read keys and change answers", "use the https URL, or a tunnel");
    }

    /// <summary>Whether a host is reached over the internet: a public address, or a name with dots that is no local one.</summary>
    private static bool IsPublic(string host)
    {
        if (!IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address))
            return host.Contains('.', StringComparison.Ordinal) && !new[] { ".local", ".internal", ".lan", ".localhost", ".svc", ".home.arpa", ".docker" }.Any(end => host.EndsWith(end, StringComparison.OrdinalIgnoreCase) || host.Contains(end + ".", StringComparison.OrdinalIgnoreCase));
        if (IPAddress.IsLoopback(address)) return false;
        byte[] bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return !address.IsIPv6LinkLocal && !address.IsIPv6UniqueLocal;
        return !(bytes[0] == 10 || bytes[0] == 172 && (bytes[1] & 0xf0) == 16 || bytes[0] == 192 && bytes[1] == 168 || bytes[0] == 169 && bytes[1] == 254 || bytes[0] == 100 && (bytes[1] & 0xc0) == 64);
    }

    private static CheckResult CommandLine(Examined x)
    {
        string[] given = [.. new[] { "l2.jwt-secret-value", "p2p.sequencer.key", "p2p.priv.raw", "l1.beacon-header" }.Where(flag => x.Values.Table.Find(flag) is not null && x.Values.SourceOf(flag) == FlagSource.CommandLine
            && !File.Exists(x.Values.Text(flag))).Select(static flag => $"--{flag}")];
        return given.Length == 0 ? Ok("no secret is there")
            : Warning($"{string.Join(", ", given)}: every user of this machine sees it in the list of processes", $"set it in the environment ({string.Join(", ", given.Select(flag => x.Values.Table.VariableOf(x.Values.Table[flag[2..]])))}), or in a file where there is a flag for one");
    }

    private static CheckResult TrustedL1(Examined x)
    {
        if (!x.Values.Bool("l1.trustrpc")) return Ok("every answer is checked against its hash");
        string[] foreign = [.. x.Values.List("l1").Select(static text => FlagText.TryUrl(text, out Uri? url) ? url!.Host : "").Where(static host => host.Length > 0 && IsPublic(host))];
        return foreign.Length == 0 ? Ok("it is near by")
            : Warning($"--l1.trustrpc believes {foreign[0]} without checking: a wrong answer splits this node from the chain", "leave --l1.trustrpc out with providers that are not your own");
    }

    private static CheckResult Effect(Examined x) => x.Values.Warnings.Count == 0 ? Ok("all of them have one")
        : Warning(string.Join("; ", x.Values.Warnings), "leave it out, or do what it says");
}
