using System.Globalization;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>`opal bench rpc`: part 4 of the workloads.</summary>
internal static class RpcCommand
{
    /// <param name="Filter">Part of a workload's name.</param>
    /// <param name="Fillers">Filler accounts.</param>
    /// <param name="WarmUp">Seconds before each measured time.</param>
    /// <param name="Seconds">The measured time.</param>
    private sealed record Options(string Filter, int Fillers, double WarmUp, double Seconds);

    private sealed record Figure(string Name, RpcLoadResult Ours, RpcLoadResult? Peer, long ResidentBytes);

    /// <returns>0; 1 when an answer was wrong; 2 when the options are wrong or there are no workloads.</returns>
    public static int Run(string filter, string accounts, double warmUp, double seconds, string? peer, bool isJson, BenchOutput output)
    {
        if (!(seconds > 0) || warmUp < 0) return Refuse("--seconds must be more than 0, and --warm-up at least 0", output);
        if (!BlocksCommand.TryReadAccounts(accounts, out int[] fillers, out string problem)) return Refuse(problem, output);
        if (fillers.Length != 1 || fillers[0] == 0) return Refuse("--accounts takes one number: 100k, 1M or 10M", output);
        if (!PeerChoice.TryFind(peer, out string? anvil, out problem)) return Refuse(problem, output);
        if (problem.Length > 0) output.Say(problem);
        if (!BenchFolder.TryFind(Path.Combine("blocks", "expect.json"), out string folder, out problem)) return Refuse(problem, output);
        try
        {
            List<Figure> figures = Measure(new Options(filter, fillers[0], warmUp, seconds), folder, anvil, output);
            if (figures.Count == 0) return Refuse($"no workload is called like '{filter}'", output);
            if (isJson) WriteJson(figures, output);
            else Write(figures, fillers[0], output);
            return figures.All(f => f.Ours.Problem is null) ? 0 : 1;
        }
        catch (Exception e) when (e is PeerException or InvalidDataException or FileNotFoundException)
        {
            return Refuse(e.Message, output);
        }
    }

    private static List<Figure> Measure(Options options, string folder, string? anvil, BenchOutput output)
    {
        BenchGenesis genesis = BenchGenesis.Load(folder);
        TransactionList mixed = TransactionList.Load(folder, "mixed", genesis.Expect), fresh = TransactionList.Load(folder, "transfers_fresh", genesis.Expect);
        RpcWorkload[] chosen = RpcWorkload.All(options.Fillers, mixed, fresh).Where(w => w.Name.Contains(options.Filter, StringComparison.OrdinalIgnoreCase)).ToArray();
        var figures = new List<Figure>();
        foreach (IGrouping<bool, RpcWorkload> group in chosen.GroupBy(w => w.IsWhole))
        {
            output.Say($"starting the nodes with {options.Fillers:N0} accounts");
            using RpcNode ours = RpcNode.Start(options.Fillers, import: !group.Key);
            using Anvil? peer = anvil is null ? null : StartPeer(anvil, genesis, options.Fillers, group.Key ? null : mixed);
            foreach (RpcWorkload workload in group)
            {
                output.Say(workload.Name);
                RpcLoadResult own = Load(workload, ours.Port, () => ours.CpuSeconds, options);
                RpcLoadResult? other = peer is null ? null : Load(workload, peer.Port, () => peer.CpuSeconds, options);
                figures.Add(new Figure(workload.Name, own, other, ours.ResidentBytes));
            }
        }

        return figures;
    }

    private static RpcLoadResult Load(RpcWorkload workload, int port, Func<double> serverCpu, Options options) => RpcLoad.Run(
        port, RpcWorkload.Connections, connection => workload.HttpRequests(connection, port), workload.IsWhole ? 0 : options.WarmUp, workload.IsWhole ? 600 : options.Seconds, serverCpu);

    /// <summary>Anvil with the workloads' state, and the blocks of a list when one is given.</summary>
    public static Anvil StartPeer(string program, BenchGenesis genesis, int fillers, TransactionList? import)
    {
        string file = Path.GetTempFileName();
        try
        {
            using (FileStream stream = File.Create(file)) WriteGenesis(stream, genesis.Accounts, fillers);
            Anvil anvil = Anvil.Start(program, "--hardfork", "prague", "--init", file);
            if (import is not null && AnvilBlocks.Run(anvil, import, []) is { } problem)
            {
                anvil.Dispose();
                throw new PeerException(problem);
            }

            return anvil;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void WriteGenesis(Stream stream, IReadOnlyList<WorkloadAccount> accounts, int fillers)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteStartObject("config");
        json.WriteNumber("chainId", 1);
        json.WriteEndObject();
        json.WriteString("nonce", "0x0");
        json.WriteString("timestamp", "0x6553f100");
        json.WriteString("extraData", "0x");
        json.WriteString("gasLimit", "0xe8d4a51000");
        json.WriteString("difficulty", "0x0");
        json.WriteString("mixHash", Hash256.Zero.ToString());
        json.WriteString("coinbase", Address.FromNumber(0).ToString());
        json.WriteStartObject("alloc");
        foreach (WorkloadAccount account in accounts)
        {
            json.WriteStartObject(account.Address.ToString());
            json.WriteString("balance", account.Balance.ToQuantity());
            json.WriteString("nonce", Hex.Quantity(account.Nonce));
            if (account.Code.Length > 0) json.WriteString("code", Hex.Encode(account.Code));
            json.WriteStartObject("storage");
            foreach ((UInt256 slot, UInt256 value) in account.Storage) json.WriteString(Hash256.FromUInt256(slot).ToString(), Hash256.FromUInt256(value).ToString());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        for (int i = 0; i < fillers; i++)
        {
            json.WriteStartObject(Fillers.AddressOf(i).ToString());
            json.WriteString("balance", Fillers.BalanceOf(i).ToQuantity());
            json.WriteEndObject();
            if (i % 10_000 == 0) json.Flush();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(List<Figure> figures, int fillers, BenchOutput output)
    {
        var table = new TextTable("rpc", "name", "requests/s", "p50, ms", "p99, ms", "R requests/s", "p50, ms", "p99, ms", "ratio", "CPU, us", "R CPU, us", "ratio", "load, us", "memory, MB");
        foreach (Figure f in figures)
        {
            table.Add(f.Name, Target.Text(f.Ours.PerSecond), Ms(f.Ours.P50), Ms(f.Ours.P99), Target.Text(f.Peer?.PerSecond), Ms(f.Peer?.P50), Ms(f.Peer?.P99),
                Target.Text(f.Peer is { } peer ? f.Ours.PerSecond / peer.PerSecond : null), Us(f.Ours.ServerCpuEach), Us(f.Peer?.ServerCpuEach),
                Target.Text(f.Peer?.ServerCpuEach / f.Ours.ServerCpuEach), Us(f.Ours.LoadCpuEach), Target.Text(f.ResidentBytes / 1e6));
        }

        table.Write(output);
        foreach (Figure f in figures)
        {
            if (f.Ours.Problem is not null) output.Text.WriteLine($"WRONG {f.Name}: {f.Ours.Problem}");
            if (f.Peer?.Problem is not null) output.Text.WriteLine($"the peer at {f.Name}: {f.Peer.Problem}");
        }

        Target.Write(Targets(figures), output);
        output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{fillers:N0} accounts, {RpcWorkload.Connections} connections, the load on the same {Environment.ProcessorCount} processors"));
    }

    private static string Ms(double? seconds) => Target.Text(seconds * 1e3);

    private static string Us(double? seconds) => Target.Text(seconds * 1e6);

    private static IEnumerable<Target> Targets(List<Figure> figures)
    {
        foreach (string name in (string[])["rpc_call", "rpc_balance", "rpc_receipt", "rpc_logs"])
        {
            if (figures.FirstOrDefault(f => f.Name == name) is not { Peer: { } peer } figure) continue;
            yield return new Target(name, figure.Ours.PerSecond, peer.PerSecond, figure.Ours.PerSecond / peer.PerSecond, 1, 3, TargetKind.Ratio);
        }
    }

    private static void WriteJson(List<Figure> figures, BenchOutput output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (Figure figure in figures)
            {
                json.WriteStartObject();
                json.WriteString("name", figure.Name);
                json.WriteString("group", "rpc");
                Write(json, "", figure.Ours);
                json.WriteNumber("resident_bytes", figure.ResidentBytes);
                if (figure.Peer is { } peer)
                {
                    json.WriteString("peer", Anvil.Name);
                    Write(json, "peer_", peer);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.Text.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static void Write(Utf8JsonWriter json, string prefix, RpcLoadResult result)
    {
        json.WriteNumber(prefix + "per_s", result.PerSecond);
        json.WriteNumber(prefix + "p50_s", result.P50);
        json.WriteNumber(prefix + "p99_s", result.P99);
        json.WriteNumber(prefix + "requests", result.Requests);
        json.WriteNumber(prefix + "cpu_s", result.ServerCpu);
        json.WriteNumber(prefix + "load_cpu_s", result.LoadCpu);
        if (result.Problem is not null) json.WriteString(prefix + "problem", result.Problem);
    }

    private static int Refuse(string problem, BenchOutput output)
    {
        output.Error.WriteLine($"opal bench rpc: {problem}");
        return 2;
    }
}
