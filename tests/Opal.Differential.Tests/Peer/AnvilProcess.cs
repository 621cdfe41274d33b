using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Differential.Tests;

/// <summary>One anvil with a genesis of its own, mining on demand; ends with this object.</summary>
internal sealed partial class AnvilProcess : IAsyncDisposable
{
    /// <summary>The gas limit of every block: no case is kept out for want of room.</summary>
    public const ulong GasLimit = 20_000_000_000;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly string _genesisFile;
    private readonly HttpClient _http;

    private AnvilProcess(Process process, string genesisFile, Uri address)
    {
        _process = process;
        _genesisFile = genesisFile;
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
    }

    /// <summary>The program: <c>OPAL_ANVIL</c>, else the one that the end-to-end tests' package.json pins; null when it was not fetched.</summary>
    public static string? Binary { get; } = FindBinary();

    private static string? FindBinary()
    {
        if (Environment.GetEnvironmentVariable("OPAL_ANVIL") is { Length: > 0 } named) return named;
        string pinned = Path.Combine(
            Testing.Vectors.RepositoryRoot, "tests", "Opal.EndToEnd.Tests", "js", "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil");
        return File.Exists(pinned) ? pinned : null;
    }

    /// <summary>What <c>anvil --version</c> says first.</summary>
    public static string Version()
    {
        using Process process = Process.Start(new ProcessStartInfo(RequireBinary(), ["--version"]) { RedirectStandardOutput = true })!;
        string first = process.StandardOutput.ReadLine() ?? "";
        process.WaitForExit();
        return first;
    }

    private static string RequireBinary() => Binary ?? throw new FileNotFoundException(
        "anvil is not there; 'npm ci' in tests/Opal.EndToEnd.Tests/js fetches it (./test does), or name one in OPAL_ANVIL");

    /// <summary>Starts anvil and waits until it listens.</summary>
    /// <param name="fork">The fork.</param>
    /// <param name="accounts">The genesis state.</param>
    /// <param name="tracesSteps">Whether it must be able to give struct logs.</param>
    public static async Task<AnvilProcess> StartAsync(FuzzFork fork, IReadOnlyList<GenesisAccount> accounts, bool tracesSteps = false)
    {
        string file = Path.Combine(Path.GetTempPath(), $"opal-fuzz-{Environment.ProcessId}-{Guid.NewGuid():n}.json");
        await File.WriteAllBytesAsync(file, GenesisJson(accounts)).ConfigureAwait(false);
        var start = new ProcessStartInfo(RequireBinary()) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in fork.AnvilArguments) start.ArgumentList.Add(argument);
        string[] more =
        [
            "--port", "0", "--init", file, "--no-mining", "--order", "fifo", "--chain-id", $"{FuzzProgram.ChainId}", "--gas-limit", $"{GasLimit}",
            "--accounts", "1", "--balance", "0", "--no-create2", "--no-request-size-limit", "--disable-console-log", "--no-priority-fee", "--enable-tx-gas-limit",
            "--threads", "2", "--color", "never",
        ];
        foreach (string argument in more) start.ArgumentList.Add(argument);
        if (tracesSteps) start.ArgumentList.Add("--steps-tracing");
        Process process = Process.Start(start) ?? throw new InvalidOperationException("anvil did not start");
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var errors = new StringBuilder();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) listening.TrySetException(new InvalidOperationException("anvil ended before it listened: " + errors));
            else if (ListeningLine().Match(line.Data) is { Success: true } match) listening.TrySetResult(new Uri("http://" + match.Groups[1].Value));
        };
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            return new AnvilProcess(process, file, await listening.Task.WaitAsync(StartTimeout).ConfigureAwait(false));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            File.Delete(file);
            throw;
        }
    }

    [GeneratedRegex(@"Listening on ([0-9.]+:\d+)")]
    private static partial Regex ListeningLine();

    private static byte[] GenesisJson(IReadOnlyList<GenesisAccount> accounts)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("config");
            json.WriteNumber("chainId", FuzzProgram.ChainId);
            json.WriteEndObject();
            json.WriteString("nonce", "0x0");
            json.WriteString("timestamp", Hex.Quantity(DevChain.GenesisTime));
            json.WriteString("extraData", "0x");
            json.WriteString("gasLimit", Hex.Quantity(GasLimit));
            json.WriteString("difficulty", "0x0");
            json.WriteString("mixHash", Hash256.Zero.ToString());
            json.WriteString("coinbase", DevChain.Coinbase.ToString());
            json.WriteString("baseFeePerGas", Hex.Quantity(DevChain.BaseFee));
            json.WriteStartObject("alloc");
            foreach (GenesisAccount account in accounts)
            {
                json.WriteStartObject(account.Address.ToString());
                json.WriteString("balance", account.Balance.ToQuantity());
                json.WriteString("nonce", Hex.Quantity(account.Nonce));
                if (account.Code.Length > 0) json.WriteString("code", Hex.Encode(account.Code));
                if (account.Storage.Count > 0)
                {
                    json.WriteStartObject("storage");
                    foreach ((UInt256 slot, UInt256 value) in account.Storage)
                    {
                        json.WriteString(Hash256.FromUInt256(slot).ToString(), Hash256.FromUInt256(value).ToString());
                    }

                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>One call.</summary>
    /// <exception cref="InvalidOperationException">anvil answered with an error.</exception>
    public async Task<JsonElement> CallAsync(string method, params object[] parameters)
    {
        JsonElement answer = (await BatchAsync([(method, parameters)]).ConfigureAwait(false))[0];
        return answer.TryGetProperty("result", out JsonElement result) ? result : throw new InvalidOperationException($"{method}: {answer.GetProperty("error")}");
    }

    /// <summary>A batch of calls; the answers stand in the calls' order, each with "result" or "error".</summary>
    public async Task<JsonElement[]> BatchAsync(IReadOnlyList<(string Method, object[] Parameters)> calls)
    {
        if (calls.Count == 0) return [];
        var request = calls.Select((call, i) => new { jsonrpc = "2.0", id = i, method = call.Method, @params = call.Parameters });
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _http.PostAsync((Uri?)null, content).ConfigureAwait(false);
        byte[] body = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
        using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4096 });
        var answers = new JsonElement[calls.Count];
        if (document.RootElement.ValueKind != JsonValueKind.Array) throw new InvalidOperationException($"anvil: {document.RootElement}");
        foreach (JsonElement answer in document.RootElement.EnumerateArray()) answers[answer.GetProperty("id").GetInt32()] = answer.Clone();
        return answers;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
        File.Delete(_genesisFile);
    }
}
