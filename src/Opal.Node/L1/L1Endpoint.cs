using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>An L1 provider and how it is doing.</summary>
/// <param name="Client">Reads from it.</param>
/// <param name="Health">What its answers were like.</param>
public sealed record L1Endpoint(L1Client Client, EndpointHealth Health)
{
    /// <summary>The provider as messages name it, without keys.</summary>
    public string Name => Client.Endpoint;
}
