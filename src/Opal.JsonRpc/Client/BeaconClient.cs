using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>The few things a rollup needs from a node of L1's consensus layer: the slots' clock, and blobs. Safe for many callers at once.</summary>
public sealed partial class BeaconClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly BeaconClientOptions _options;
    private volatile bool _sidecarsFirst; // the node gave sidecars where it gave no blobs

    /// <summary>A client of the node at <paramref name="url"/>; user and password in it are sent as Basic authentication.</summary>
    public BeaconClient(Uri url, BeaconClientOptions? options = null)
    {
        _options = options ?? new BeaconClientOptions();
        _url = new UriBuilder(url) { UserName = "", Password = "" }.Uri;
        Endpoint = HttpRpcClient.Describe(url);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            UseProxy = !url.IsLoopback,
        })
        {
            Timeout = _options.Timeout,
            MaxResponseContentBufferSize = 256 * 1024 * 1024,
        };
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        if (url.UserInfo.Length > 0) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        foreach ((string name, string value) in _options.Headers) _http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
    }

    /// <summary>The node, without what may be secret of its URL.</summary>
    public string Endpoint { get; }

    /// <summary>The node's version.</summary>
    public Task<string> VersionAsync(CancellationToken cancellation = default) =>
        GetAsync("eth/v1/node/version", static data => data["version"].AsString(), cancellation);

    /// <summary>The chain's clock, asked for anew each time.</summary>
    /// <exception cref="RpcTransportException">No usable answer.</exception>
    public async Task<BeaconClock> ClockAsync(CancellationToken cancellation = default)
    {
        ulong genesis = await GetAsync("eth/v1/beacon/genesis", static data => data["genesis_time"].AsLooseUInt64(), cancellation);
        ulong seconds = await GetAsync("eth/v1/config/spec", static data => data.TryGet("SECONDS_PER_SLOT", out JsonValue seconds) ? seconds.AsLooseUInt64() : data["SLOT_DURATION_MS"].AsLooseUInt64() / 1000, cancellation);
        return seconds > 0 ? new BeaconClock(genesis, seconds) : throw new RpcTransportException("eth/v1/config/spec", Endpoint, "the slot's length is zero", isTransient: false);
    }

    /// <summary>The id of the L1 chain by the node's configuration; null when it does not say.</summary>
    /// <exception cref="RpcTransportException">No usable answer.</exception>
    public Task<ulong?> ChainIdAsync(CancellationToken cancellation = default) =>
        GetAsync("eth/v1/config/spec", static data => data.TryGet("DEPOSIT_CHAIN_ID", out JsonValue id) ? id.AsLooseUInt64() : (ulong?)null, cancellation);

    /// <summary>
    /// Asks for blobs of a slot. <c>blobs/{slot}</c> is tried first and <c>blob_sidecars/{slot}</c> when that gives none, or the other way round once sidecars
    /// were what the node had.
    /// </summary>
    /// <param name="slot">The slot.</param>
    /// <param name="versionedHashes">The hashes wanted.</param>
    /// <param name="indices">Which of the block's blobs they are, for the older endpoint; empty when not known.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What the node gave. None, when it said that it has not got them: status 404, or a list without a blob.</returns>
    /// <exception cref="RpcTransportException">No usable answer: nobody there, a time-out, a refusal, malformed text.</exception>
    public async Task<BeaconBlobs> GetBlobsAsync(ulong slot, IReadOnlyList<Hash256> versionedHashes, IReadOnlyList<int> indices, CancellationToken cancellation = default)
    {
        bool sidecarsFirst = _sidecarsFirst;
        Reply first = await AskAsync(sidecarsFirst, slot, versionedHashes, indices, cancellation);
        if (first.Answer is { } given && (given.Blobs.Count > 0 || !sidecarsFirst)) return given;
        Reply second = await AskAsync(!sidecarsFirst, slot, versionedHashes, indices, cancellation);
        if (second.Answer is { Blobs.Count: > 0 } others)
        {
            _sidecarsFirst = !sidecarsFirst;
            return others;
        }

        // an endpoint that the node has not got is no answer, and takes nothing from the other's
        if (first.MayBeLack && second.MayBeLack && (first.Absence ?? second.Absence) is { } absence) return new BeaconBlobs([], Picked: true, absence);
        string said = string.Join("; ", new[] { first.Error?.Message, second.Error?.Message }.OfType<string>());
        throw new RpcTransportException($"blobs of slot {slot}", Endpoint, said, isTransient: true, first.Error ?? second.Error);
    }

    /// <summary>What one endpoint answered.</summary>
    private readonly record struct Reply(BeaconBlobs? Answer, RpcTransportException? Error)
    {
        private HttpStatusCode? Status => (Error?.InnerException as HttpRequestException)?.StatusCode;

        /// <summary>Whether it gave a list, or an error that unknown blocks and unknown endpoints alike are met with.</summary>
        public bool MayBeLack => Error is null || Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest or HttpStatusCode.Gone or HttpStatusCode.NotImplemented;

        /// <summary>What it said when it said that there is nothing.</summary>
        public string? Absence => Answer?.Absence ?? (Status is HttpStatusCode.NotFound ? Error!.Message : null);
    }

    /// <summary>Asks one endpoint. An error is given back where the other one may do better, and thrown where the node is away.</summary>
    private async Task<Reply> AskAsync(bool sidecars, ulong slot, IReadOnlyList<Hash256> hashes, IReadOnlyList<int> indices, CancellationToken cancellation)
    {
        try
        {
            bool all = _options.FetchAllBlobs || (sidecars && indices.Count == 0);
            string path = sidecars
                ? $"eth/v1/beacon/blob_sidecars/{slot}" + (all ? "" : "?" + string.Join("&", indices.Distinct().Select(index => $"indices={index.ToString(CultureInfo.InvariantCulture)}")))
                : $"eth/v1/beacon/blobs/{slot}" + (all ? "" : "?" + string.Join("&", hashes.Distinct().Select(hash => $"versioned_hashes={hash}")));
            BeaconBlob[] blobs = await GetAsync(path, data => data.AsArray<BeaconBlob>(sidecars ? ReadSidecar : ReadBlob), cancellation);
            return new Reply(new BeaconBlobs(blobs, !all && !sidecars, blobs.Length > 0 ? null : $"{path.Split('?')[0]} at {Endpoint}: an empty list"), null);
        }
        catch (RpcTransportException error) when (!error.IsTransient)
        {
            return new Reply(null, error);
        }
    }

    private static BeaconBlob ReadBlob(JsonValue item) => new(item.AsData(Protocol.BlobSidecar.BlobSize), null);

    private static BeaconBlob ReadSidecar(JsonValue item) => new(
        item["blob"].AsData(Protocol.BlobSidecar.BlobSize), item["kzg_commitment"].AsData(Protocol.BlobSidecar.CommitmentSize),
        item.TryGet("kzg_proof", out JsonValue proof) ? proof.AsData(Protocol.BlobSidecar.CommitmentSize) : null);

    private async Task<T> GetAsync<T>(string path, Func<JsonValue, T> read, CancellationToken cancellation)
    {
        string name = path.Split('?')[0];
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri($"{_url.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path}{JoinQuery(path)}"), cancellation);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation);
            if (!response.IsSuccessStatusCode)
            {
                string text = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(200, body.Length))).Trim();
                bool transient = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or (>= HttpStatusCode.InternalServerError and not HttpStatusCode.NotImplemented);
                throw new RpcTransportException(name, Endpoint, $"HTTP status {(int)response.StatusCode} ({text})", transient, new HttpRequestException(text, null, response.StatusCode));
            }

            using JsonDocument document = JsonDocument.Parse(body);
            return read(new JsonValue(document.RootElement, "answer")["data"]);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new RpcTransportException(name, Endpoint, $"no answer within {_options.Timeout.TotalSeconds:0.#} s", isTransient: true, error);
        }
        catch (HttpRequestException error)
        {
            throw new RpcTransportException(name, Endpoint, error.InnerException?.Message ?? error.Message, isTransient: true, error);
        }
        catch (IOException error)
        {
            throw new RpcTransportException(name, Endpoint, $"the connection broke: {error.Message}", isTransient: true, error);
        }
        catch (Exception error) when (error is JsonException or JsonFormatException)
        {
            throw new RpcTransportException(name, Endpoint, $"the answer is malformed: {error.Message}", isTransient: false, error);
        }
    }

    /// <summary>Providers put their keys in the URL's query: it goes along with every request.</summary>
    private string JoinQuery(string path) => _url.Query.Length <= 1 ? "" : (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + _url.Query[1..];

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();
}
