using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>The <c>web3</c> namespace.</summary>
public static class Web3Api
{
    /// <summary>Adds the methods.</summary>
    public static void Register(RpcRegistry registry, string clientVersion)
    {
        registry.Register("web3_clientVersion", _ => RpcResult.String(clientVersion));
        registry.Register("web3_sha3", static parameters => RpcResult.Hash(Keccak256.Hash(parameters.GetData(0))));
    }
}
