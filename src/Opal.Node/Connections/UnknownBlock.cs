using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>Young chains have no safe or finalized block yet; some clients answer null, others with one of these errors.</summary>
internal static class UnknownBlock
{
    private const int RethUnknownBlock = -39001;

    public static bool IsMeantBy(RpcCallException error) => error.Code is RpcErrorCode.ServerError or RpcErrorCode.ResourceNotFound or RethUnknownBlock;
}
