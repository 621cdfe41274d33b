using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>A running anvil (Foundry's node, whose EVM is revm), alone on a free port with nothing mined by itself.</summary>
internal sealed class Anvil : IDisposable
{
    public const string Name = "anvil";
    private const double StartPatienceSeconds = 30;
    private readonly Process _process;
    private readonly EventHandler _onExit;

    private Anvil(Process process, LoopbackHttp http, int port)
    {
        _process = process;
        Http = http;
        Port = port;
        _onExit = (_, _) => Kill();
        AppDomain.CurrentDomain.ProcessExit += _onExit;
    }

    public LoopbackHttp Http { get; }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Processor time taken so far, in seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="program">The executable.</param>
    /// <param name="arguments">More arguments: hard fork or network.</param>
    /// <exception cref="PeerException">It does not start or does not answer.</exception>
    public static Anvil Start(string program, params string[] arguments)
    {
        int port = FreePort();
        string[] all =
        [
            "--host", "127.0.0.1", "--port", $"{port}", "--chain-id", "1", "--timestamp", "1700000000", "--accounts", "1", "--no-mining", "--order", "fifo",
            "--gas-limit", "1000000000000", "--block-base-fee-per-gas", "1000000000", "--disable-code-size-limit", "--disable-console-log", "--no-request-size-limit", "--quiet", .. arguments,
        ];
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, all) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new PeerException($"{program} does not start: {e.Message}");
        }

        var complaint = new StringBuilder();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (complaint) complaint.Append(line.Data).Append(' ');
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        long begin = Clock.Now;
        while (Clock.Since(begin) < StartPatienceSeconds && !process.HasExited)
        {
            try
            {
                return new Anvil(process, new LoopbackHttp(port), port);
            }
            catch (SocketException)
            {
                Thread.Sleep(50); // not listening yet
            }
        }

        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        lock (complaint) throw new PeerException($"{program} does not answer: {complaint.ToString().Trim()}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The JSON of one request; <paramref name="parameters"/> is the inside of the array, as JSON.</summary>
    public static string Request(string method, string parameters) => $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":[{{parameters}}]}""";

    /// <summary>Asks and answers the result.</summary>
    /// <exception cref="PeerException">The peer refuses.</exception>
    public JsonElement Ask(string method, string parameters)
    {
        Http.Send(Http.MakeRequest(Request(method, parameters)));
        return Result(method, JsonDocument.Parse(Http.Body.ToArray()).RootElement);
    }

    /// <summary>Asks many things in one request; none may be refused.</summary>
    public void AskAll(IReadOnlyList<(string Method, string Parameters)> requests)
    {
        foreach ((string Method, string Parameters)[] part in requests.Chunk(5_000))
        {
            Http.Send(Http.MakeRequest("[" + string.Join(',', part.Select(r => Request(r.Method, r.Parameters))) + "]"));
            foreach (JsonElement answer in JsonDocument.Parse(Http.Body.ToArray()).RootElement.EnumerateArray()) Result(part[0].Method, answer);
        }
    }

    private static JsonElement Result(string method, JsonElement answer) => answer.TryGetProperty("result", out JsonElement result)
        ? result
        : throw new PeerException($"{Name} refuses {method}: {(answer.TryGetProperty("error", out JsonElement error) ? error.ToString() : answer.ToString())}");

    /// <summary>Puts accounts into its state.</summary>
    public void Load(IEnumerable<WorkloadAccount> accounts)
    {
        var requests = new List<(string, string)>();
        foreach (WorkloadAccount account in accounts)
        {
            string at = $"\"{account.Address}\"";
            requests.Add(("anvil_setBalance", $"{at},\"{account.Balance.ToQuantity()}\""));
            requests.Add(("anvil_setNonce", $"{at},\"{Hex.Quantity(account.Nonce)}\""));
            if (account.Code.Length > 0) requests.Add(("anvil_setCode", $"{at},\"{Hex.Encode(account.Code)}\""));
            foreach ((UInt256 slot, UInt256 value) in account.Storage)
            {
                requests.Add(("anvil_setStorageAt", $"{at},\"{Hash256.FromUInt256(slot)}\",\"{Hash256.FromUInt256(value)}\""));
            }
        }

        AskAll(requests);
    }

    private void Kill()
    {
        try
        {
            if (!_process.HasExited) _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // ended between the two lines
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= _onExit;
        Http.Dispose();
        Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
