using System.Globalization;
using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>The <c>net</c> namespace. There are no peers: blocks come through the Engine API.</summary>
public static class NetApi
{
    /// <summary>Adds the methods.</summary>
    public static void Register(RpcRegistry registry, ulong networkId)
    {
        string version = networkId.ToString(CultureInfo.InvariantCulture);
        registry.Register("net_version", _ => RpcResult.String(version));
        registry.Register("net_listening", static _ => RpcResult.True);
        registry.Register("net_peerCount", static _ => RpcResult.Quantity(0));
    }
}
