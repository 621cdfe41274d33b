using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>Young chains have no safe or finalized block yet; some clients answer null, others with one of these errors.</summary>
internal static class UnknownBlock
{
    private const int RethUnknownBlock = -39001;

    public static bool IsMeantBy(RpcCallException error) => error.Code is RpcErrorCode.ServerError or RpcErrorCode.ResourceNotFound or RethUnknownBlock;

    /// <summary>Whether an error says in so many words that there is no such block: a general error may be any trouble.</summary>
    public static bool IsSaidBy(RpcCallException error) => error.Code is RpcErrorCode.ResourceNotFound or RethUnknownBlock
        || (error.Code == RpcErrorCode.ServerError && (error.Error.Message.Contains("not found", StringComparison.OrdinalIgnoreCase) || error.Error.Message.Contains("unknown block", StringComparison.OrdinalIgnoreCase)));
}
