using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.JsonRpc;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>The machine the node runs on.</summary>
internal static class HostChecks
{
    private const long Gigabyte = 1_000_000_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public static IEnumerable<Check> All =>
    [
        new("host.rpc-port", "--rpc.port is free, or this rollup's node has it", CheckStatus.Failed, None, RpcPortAsync),
        new("host.metrics-port", "--metrics.port is free", CheckStatus.Failed, None, (x, stop) => ServicePortAsync(x, "metrics", x.Values.Bool("metrics.enabled"), stop)),
        new("host.archive-port", "--blob-archive.port is free", CheckStatus.Failed, None, (x, stop) => ServicePortAsync(x, "blob-archive", x.Given("blob-archive") is not null, stop)),
        new("host.data-directory", "the data directory can be written", CheckStatus.Failed, Rollup, DataDirectory),
        new("host.safe-heads", "--safedb.path can be written", CheckStatus.Failed, None, SafeHeads),
        new("host.disk", "the disk has room", CheckStatus.Failed, Rollup, Disk),
        new("host.memory", "there is memory", CheckStatus.Failed, None, Memory),
        new("host.open-files", "enough files may be open", CheckStatus.Failed, None, OpenFiles),
        new("host.processors", "there is more than one processor", CheckStatus.Warning, None, Processors),
        new("host.clock", "L1's head is not in this clock's future", CheckStatus.Failed, L1, ClockAsync),
        new("host.clock-servers", "this clock and the servers' agree", CheckStatus.Failed, None, ServerClocksAsync),
    ];

    private static async Task<string?> RunningNodeAsync(Examined x, CancellationToken cancellation)
    {
        try
        {
            return await x.NodeVersionAsync(cancellation);
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return null;
        }
    }

    private static async Task<CheckResult> RpcPortAsync(Examined x, CancellationToken cancellation)
    {
        int port = x.Values.Port("rpc.port");
        if (port == 0) return Ok("any free one");
        if (x.Host.ListenerOn(x.Values.Text("rpc.addr"), port) is not { } holder) return x.IsDevnet
            ? Failed($"nobody listens on port {port}, where devnet.json says the node is", "start the devnet: 'opal devnet --datadir DIR'")
            : Ok($"{port} is free");
        return await RunningNodeAsync(x, cancellation) is { } version ? Ok($"{port} is held by a rollup node that runs: {version}; node.rollup compares it")
            : Failed($"port {port} is held by {holder}, which does not answer as a rollup node", "stop that program, or choose another --rpc.port");
    }

    private static async Task<CheckResult> ServicePortAsync(Examined x, string service, bool isOn, CancellationToken cancellation)
    {
        if (x.Values.Table.Find($"{service}.port") is null || !isOn) return NotChecked(service == "metrics" ? "--metrics.enabled is not given" : $"--{service} is not given");
        int port = x.Values.Port($"{service}.port");
        if (port == 0) return Ok("any free one");
        if (x.Host.ListenerOn(x.Values.Text($"{service}.addr"), port) is not { } holder) return Ok($"{port} is free");
        return await RunningNodeAsync(x, cancellation) is not null ? Ok($"{port} is held by {holder}, while a rollup node runs")
            : Failed($"port {port} is held by {holder}", $"stop that program, or choose another --{service}.port");
    }

    private static CheckResult DataDirectory(Examined x) => x.Host.WriteFault(x.DataDirectory) is { } fault
        ? Failed(fault, "give this user the right to write there, or another folder with --datadir") : Ok(x.DataDirectory);

    private static CheckResult SafeHeads(Examined x)
    {
        if (x.Given("safedb.path") is not { } path) return NotChecked("--safedb.path is not given: they lie in the data directory");
        return x.Host.WriteFault(NodeSettings.Expand(path)) is { } fault
            ? Failed(fault, "give this user the right to write there, or another folder with --safedb.path")
            : Ok(path);
    }

    private static CheckResult Disk(Examined x)
    {
        long free = x.Host.FreeDisk(x.DataDirectory);
        string text = $"{DoctorText.Bytes(free)} free at {x.DataDirectory}", fix = "make room, or choose another --datadir; an execution client on the same disk needs far more";
        return free < Gigabyte ? Failed(text, fix) : free < 10 * Gigabyte ? Warning(text, fix) : Ok(text);
    }

    private static CheckResult Memory(Examined x)
    {
        long free = x.Host.FreeMemory;
        string text = $"{DoctorText.Bytes(free)} can be had", fix = "end other programs, or raise the container's memory limit";
        return free < Gigabyte / 4 ? Failed(text, fix) : free < Gigabyte ? Warning(text, fix) : Ok(text);
    }

    private static CheckResult OpenFiles(Examined x)
    {
        long limit = x.Host.OpenFileLimit;
        const string fix = "raise it: LimitNOFILE=65536 in the systemd unit, or ulimit -n 65536 in the start script";
        string text = limit == long.MaxValue ? "no limit" : $"{limit} files and sockets";
        return limit < 256 ? Failed(text, fix) : limit < 1_024 ? Warning(text, fix) : Ok(text);
    }

    private static CheckResult Processors(Examined x) => x.Host.Processors > 1 ? Ok($"{x.Host.Processors}")
        : Warning("1 processor: blocks and derivation share it with the execution client", "give the machine or container at least two (docker --cpus=2)");

    private static async Task<CheckResult> ClockAsync(Examined x, CancellationToken cancellation)
    {
        BlockHeader head = await x.L1HeadAsync(cancellation);
        ulong ahead = DoctorText.Since(x.Now, head.Timestamp);
        string text = $"L1's head is {ahead} s in the future: this machine's clock is slow", fix = "set the clock by NTP (chrony, systemd-timesyncd); a sequencer with a wrong clock makes blocks at wrong times";
        return ahead <= 2 ? Ok("L1's head is in its past") : ahead <= 15 ? Warning(text, fix) : Failed(text, fix);
    }

    private static async Task<DateTimeOffset?> TimeAtAsync(Examined x, Uri server, CancellationToken cancellation)
    {
        using CancellationTokenSource within = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        within.CancelAfter(s_patience);
        try
        {
            return await x.Host.TimeAtAsync(server, within.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null; // a silent one must not keep the others' answers
        }
    }

    private static async Task<CheckResult> ServerClocksAsync(Examined x, CancellationToken cancellation)
    {
        Uri[] servers = [.. new[] { "l1", "l1.beacon" }.SelectMany(x.Values.List).Select(static text => FlagText.TryUrl(text, out Uri? url) ? url! : null).OfType<Uri>().DistinctBy(static url => url.Authority)];
        DateTimeOffset?[] told = await Task.WhenAll(servers.Select(server => TimeAtAsync(x, server, cancellation)));
        double[] off = [.. told.OfType<DateTimeOffset>().Select(time => Math.Abs((time - x.Clock.GetUtcNow()).TotalSeconds)).Order()];
        if (off.Length == 0) return NotChecked("no server tells the time");
        double least = off[0]; // one server with a wrong clock is its own trouble
        string text = $"this clock and that of {(off.Length == 1 ? "the server asked" : $"each of {off.Length} servers")} differ by {least:0} s or more", fix = "set the clock by NTP (chrony, systemd-timesyncd), and look whether it keeps time: timedatectl";
        return least <= 3 ? Ok("within 3 s") : least <= 30 ? Warning(text, fix) : Failed(text, fix);
    }
}
