namespace Opal.JsonRpc;

/// <summary>A JSON-RPC error object.</summary>
/// <param name="Code">See <see cref="RpcErrorCode"/>.</param>
/// <param name="Message">One line for people.</param>
/// <param name="Data">More, for programs: revert data as 0x text, for one; null when there is none.</param>
public sealed record RpcError(int Code, string Message, string? Data = null)
{
    /// <inheritdoc/>
    public override string ToString() => Data is null ? $"{Message} (code {Code})" : $"{Message} (code {Code}, data {Data})";
}
