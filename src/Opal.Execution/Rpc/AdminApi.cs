using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>The <c>admin</c> namespace of a client without peers.</summary>
/// <param name="chain">The chain.</param>
/// <param name="clientName">The client's name and version.</param>
/// <param name="networkId">The network's id.</param>
/// <param name="dataDirectory">Where the chain is kept; null in memory.</param>
public sealed class AdminApi(Blockchain chain, string clientName, ulong networkId, string? dataDirectory)
{
    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("admin_peers", static _ => RpcResult.Raw("[]"u8.ToArray()));
        registry.Register("admin_nodeInfo", _ => NodeInfo());
        registry.Register("admin_datadir", _ => dataDirectory is null
            ? RpcResult.Fail(RpcErrorCode.ServerError, "there is no data directory: this client keeps its chain in memory")
            : RpcResult.String(dataDirectory));
        foreach (string method in new[] { "admin_addPeer", "admin_removePeer", "admin_addTrustedPeer", "admin_removeTrustedPeer" })
        {
            registry.Register(method, static _ => RpcResult.Fail(RpcErrorCode.ServerError, "this client has no peer-to-peer network: blocks come from the rollup node"));
        }
    }

    private RpcResult NodeInfo() => RpcResult.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("name"u8, clientName);
        json.WriteStartObject("ports"u8); // no peer-to-peer network, so neither is open
        json.WriteNumber("discovery"u8, 0);
        json.WriteNumber("listener"u8, 0);
        json.WriteEndObject();
        json.WriteStartObject("protocols"u8);
        json.WriteStartObject("eth"u8);
        json.WriteNumber("network"u8, networkId);
        json.WriteHash("genesis"u8, chain.Genesis.Hash);
        json.WriteHash("head"u8, chain.Head.Hash);
        json.WritePropertyName("config"u8);
        ChainConfigJson.Write(json, chain.Spec);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
