using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>Bounds the memory that the tracers of one request may fill together.</summary>
internal sealed class TraceBudget(long maxBytes = TraceBudget.DefaultBytes)
{
    /// <summary>Half a gigabyte: some hundred thousand instructions with their stacks.</summary>
    public const long DefaultBytes = 512L * 1024 * 1024;

    private long _left = maxBytes;

    /// <summary>Whether a tracer asked for more than there was. Its result is then incomplete.</summary>
    public bool IsExhausted => _left < 0;

    /// <summary>Takes some; false when there is not enough.</summary>
    public bool TryTake(long bytes)
    {
        if (_left >= 0) _left -= bytes;
        return _left >= 0;
    }

    /// <exception cref="RpcException">The budget was not enough.</exception>
    public void Check()
    {
        if (IsExhausted) throw RpcException.Refused("the trace is too large: ask for one transaction, leave out memory, stack or storage, set a limit, or use callTracer");
    }
}
