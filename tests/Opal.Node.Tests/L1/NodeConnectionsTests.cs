using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node.Tests;

/// <summary>The node's connections as they are opened from URLs, over sockets.</summary>
public sealed class NodeConnectionsTests
{
    private static readonly byte[] s_secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Theory]
    [InlineData("http")]
    [InlineData("ws")]
    public async Task L1_and_engine_answer_over_http_and_websockets_and_requests_are_counted(string scheme)
    {
        var chain = new FakeChain();
        // a chain id of its own, so that the counter is not another test's
        RollupConfig rollup = chain.Config with { L1ChainId = 1, L2ChainId = scheme == "ws" ? 770001ul : 770002ul };
        await using RpcServer l1 = await ServeAsync(1, chain.Origin, null), l2 = await ServeAsync(rollup.L2ChainId, chain.Genesis.Header, s_secret);
        using var counted = new RequestCounter(rollup.L2ChainId);
        using var connections = new NodeConnections(OptionsOf(scheme, l1, l2), rollup, new NativeKzg(), TimeProvider.System, NullLoggerFactory.Instance);
        Assert.Null(await connections.FindWrongChainAsync(default));
        Assert.Equal(chain.Origin.Hash, (await connections.Ports.L1.HeaderByNumberAsync(50, default))!.Hash);
        Assert.Equal(chain.Origin.Hash, (await connections.Ports.L1.HeaderByLabelAsync(L1Label.Head, default))!.Hash);
        Assert.False(await connections.Ports.Engine.IsSyncingAsync(default));
        Assert.Equal(["eth_chainId 1", "eth_getBlockByNumber 2"], counted.Lines);

        using var wrong = new NodeConnections(OptionsOf(scheme, l1, l2), rollup with { L2ChainId = 5 }, new NativeKzg(), TimeProvider.System, NullLoggerFactory.Instance);
        Assert.Contains("chain 5", await wrong.FindWrongChainAsync(default), StringComparison.Ordinal);
    }

    private static NodeConnectionOptions OptionsOf(string scheme, RpcServer l1, RpcServer l2) => new()
    {
        L1 = [new Uri($"{scheme}://127.0.0.1:{l1.PortOf("rpc")}")],
        Engine = new Uri($"{scheme}://127.0.0.1:{l2.PortOf("rpc")}"),
        JwtSecret = s_secret,
    };

    private static Task<RpcServer> ServeAsync(ulong chainId, BlockHeader header, byte[]? secret)
    {
        RpcRegistry methods = new RpcRegistry()
            .Register("eth_chainId", _ => RpcResult.Quantity(chainId))
            .Register("eth_syncing", _ => RpcResult.Json(static writer => writer.WriteBooleanValue(false)))
            .Register("eth_getBlockByNumber", _ => RpcResult.Json(writer => EthJson.WriteHeader(writer, header)));
        return RpcServer.StartAsync(methods, [new RpcEndpoint { Name = "rpc", WebSocket = true, JwtSecret = secret }], NullLoggerFactory.Instance);
    }

    /// <summary>Sums up the counter of requests of one chain, by method.</summary>
    private sealed class RequestCounter : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly SortedDictionary<string, long> _sums = new(StringComparer.Ordinal);

        public RequestCounter(ulong chainId)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "opal.node.l1.requests" && instrument.Meter.Tags!.Any(tag => tag.Value is ulong id && id == chainId)) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, measured, tags, _) =>
            {
                string method = "";
                foreach ((string key, object? value) in tags)
                {
                    if (key == "method") method = (string)value!;
                }

                lock (_sums) _sums[method] = _sums.GetValueOrDefault(method) + measured;
            });
            _listener.Start();
        }

        public string[] Lines
        {
            get
            {
                lock (_sums) return [.. _sums.Select(pair => $"{pair.Key} {pair.Value}")];
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
