using System.Net;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>A blob as a beacon node gave it. Nothing of it is verified.</summary>
/// <param name="Blob">131,072 bytes.</param>
/// <param name="Commitment">The KZG commitment the node stated, 48 bytes; null where the node gives blobs alone.</param>
public sealed record BeaconBlob(byte[] Blob, byte[]? Commitment);

/// <summary>How a <see cref="BeaconClient"/> talks to its nodes.</summary>
public sealed record BeaconClientOptions
{
    /// <summary>Where to ask for blobs that the first node no longer has, in this order.</summary>
    public IReadOnlyList<Uri> Fallbacks { get; init; } = [];

    /// <summary>A header sent with every request, <c>name: value</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether to ask for all blobs of a slot at once, for nodes that cannot pick.</summary>
    public bool FetchAllBlobs { get; init; }
}

/// <summary>The few things a rollup needs from L1's consensus layer: the slots' clock, and blobs. Safe for many callers at once.</summary>
public sealed partial class BeaconClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri[] _nodes;
    private readonly BeaconClientOptions _options;
    private readonly bool[] _lacksBlobsEndpoint;
    private BeaconClock? _clock;

    /// <summary>A client of one node, and of fallbacks for blobs.</summary>
    public BeaconClient(Uri url, BeaconClientOptions? options = null)
    {
        _options = options ?? new BeaconClientOptions();
        _nodes = [url, .. _options.Fallbacks];
        _lacksBlobsEndpoint = new bool[_nodes.Length];
        _http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, PooledConnectionLifetime = TimeSpan.FromMinutes(5), UseProxy = !url.IsLoopback })
        {
            Timeout = _options.Timeout,
            MaxResponseContentBufferSize = 256 * 1024 * 1024,
        };
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        foreach ((string name, string value) in _options.Headers) _http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
    }

    private sealed record BeaconClock(ulong GenesisTime, ulong SecondsPerSlot);

    /// <summary>The node's version.</summary>
    public Task<string> VersionAsync(CancellationToken cancellation = default) =>
        GetAsync(_nodes[0], "eth/v1/node/version", static data => data["version"].AsString(), cancellation);

    /// <summary>The time of slot 0, seconds.</summary>
    public Task<ulong> GenesisTimeAsync(CancellationToken cancellation = default) =>
        GetAsync(_nodes[0], "eth/v1/beacon/genesis", static data => data["genesis_time"].AsLooseUInt64(), cancellation);

    /// <summary>The length of a slot, seconds.</summary>
    public Task<ulong> SecondsPerSlotAsync(CancellationToken cancellation = default) =>
        GetAsync(_nodes[0], "eth/v1/config/spec", static data => data.TryGet("SECONDS_PER_SLOT", out JsonValue seconds) ? seconds.AsLooseUInt64() : data["SLOT_DURATION_MS"].AsLooseUInt64() / 1000, cancellation);

    /// <summary>The slot of the L1 block with a timestamp in seconds.</summary>
    public async Task<ulong> SlotAtAsync(ulong l1Timestamp, CancellationToken cancellation = default)
    {
        BeaconClock clock = _clock ??= new BeaconClock(await GenesisTimeAsync(cancellation), await SecondsPerSlotAsync(cancellation));
        if (clock.SecondsPerSlot == 0) throw new RpcTransportException("eth/v1/config/spec", HttpRpcClient.Describe(_nodes[0]), "the slot's length is zero", isTransient: false);
        return l1Timestamp >= clock.GenesisTime
            ? (l1Timestamp - clock.GenesisTime) / clock.SecondsPerSlot
            : throw new RpcTransportException("eth/v1/beacon/genesis", HttpRpcClient.Describe(_nodes[0]), $"the L1 block's time {l1Timestamp} is before the beacon chain's genesis at {clock.GenesisTime}", isTransient: false);
    }

    /// <summary>Fetches the blobs with these versioned hashes of the L1 block with a timestamp.</summary>
    /// <returns>At least as many blobs as asked for, in no order that may be relied on: the caller computes each one's commitment and finds it by versioned hash.</returns>
    /// <exception cref="RpcTransportException">No node gave enough blobs; the message says what each of them answered.</exception>
    public async Task<IReadOnlyList<BeaconBlob>> GetBlobsAsync(ulong l1Timestamp, IReadOnlyList<Hash256> versionedHashes, CancellationToken cancellation = default)
    {
        ulong slot = await SlotAtAsync(l1Timestamp, cancellation);
        int wanted = versionedHashes.Distinct().Count();
        var problems = new List<string>();
        bool transient = false;
        for (int i = 0; i < _nodes.Length; i++)
        {
            try
            {
                IReadOnlyList<BeaconBlob> blobs = await GetBlobsFromAsync(i, slot, versionedHashes, cancellation);
                if (blobs.Count >= wanted) return blobs;
                problems.Add($"{HttpRpcClient.Describe(_nodes[i])} gave {blobs.Count} of {wanted} blobs");
            }
            catch (RpcTransportException error)
            {
                transient |= error.IsTransient;
                problems.Add(error.Message);
            }
        }

        throw new RpcTransportException($"blobs of slot {slot}", HttpRpcClient.Describe(_nodes[0]), string.Join("; ", problems), transient);
    }

    private async Task<IReadOnlyList<BeaconBlob>> GetBlobsFromAsync(int node, ulong slot, IReadOnlyList<Hash256> hashes, CancellationToken cancellation)
    {
        if (!_lacksBlobsEndpoint[node])
        {
            string query = _options.FetchAllBlobs ? "" : "?" + string.Join("&", hashes.Distinct().Select(h => $"versioned_hashes={h}"));
            try
            {
                return await GetAsync(_nodes[node], $"eth/v1/beacon/blobs/{slot}{query}", static data => data.AsArray(static item => new BeaconBlob(ReadBlob(item), null)), cancellation);
            }
            catch (RpcTransportException error) when (error.InnerException is HttpRequestException { StatusCode: HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest or HttpStatusCode.NotImplemented })
            {
                // An older node, or one without this slot's blobs: the older endpoint tells which.
            }
        }

        IReadOnlyList<BeaconBlob> sidecars = await GetAsync(_nodes[node], $"eth/v1/beacon/blob_sidecars/{slot}",
            static data => data.AsArray(static item => new BeaconBlob(ReadBlob(item["blob"]), item["kzg_commitment"].AsData(Protocol.BlobSidecar.CommitmentSize))), cancellation);
        if (sidecars.Count > 0) _lacksBlobsEndpoint[node] = true;
        return sidecars;
    }

    private static byte[] ReadBlob(JsonValue value) => value.AsData(Protocol.BlobSidecar.BlobSize);

    private async Task<T> GetAsync<T>(Uri node, string path, Func<JsonValue, T> read, CancellationToken cancellation)
    {
        string endpoint = HttpRpcClient.Describe(node);
        string name = path.Split('?')[0];
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri($"{node.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path}{JoinQuery(node, path)}"), cancellation);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation);
            if (!response.IsSuccessStatusCode)
            {
                string text = System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(200, body.Length))).Trim();
                bool transient = response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
                throw new RpcTransportException(name, endpoint, $"HTTP status {(int)response.StatusCode} ({text})", transient, new HttpRequestException(text, null, response.StatusCode));
            }

            using JsonDocument document = JsonDocument.Parse(body);
            return read(new JsonValue(document.RootElement, "answer")["data"]);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new RpcTransportException(name, endpoint, $"no answer within {_options.Timeout.TotalSeconds:0.#} s", isTransient: true, error);
        }
        catch (HttpRequestException error)
        {
            throw new RpcTransportException(name, endpoint, error.InnerException?.Message ?? error.Message, isTransient: true, error);
        }
        catch (Exception error) when (error is JsonException or JsonFormatException)
        {
            throw new RpcTransportException(name, endpoint, $"the answer is malformed: {error.Message}", isTransient: false, error);
        }
    }

    /// <summary>Providers put their keys in the URL's query: it goes along with every request.</summary>
    private static string JoinQuery(Uri node, string path) =>
        node.Query.Length <= 1 ? "" : (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + node.Query[1..];

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();
}
