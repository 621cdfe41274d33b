using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>The client cannot write, or what it reads back is damaged: it answers calls with this until it is started again.</summary>
public sealed class StorageUnavailableException(string message, Exception? inner = null) : RpcException(new RpcError(RpcErrorCode.ServerError, message, null), message)
{
    /// <summary>What the disk or the store said; null when room ran low.</summary>
    public Exception? Cause { get; } = inner;
}

/// <summary>Watches the disk that a chain is on, and stops the chain for good once it cannot be written any more. Nothing is damaged by that: a new start goes on from there.</summary>
/// <param name="directory">A directory on the disk; null watches nothing.</param>
/// <param name="minFree">Free bytes below which it stops.</param>
/// <param name="logger">Told once.</param>
public sealed class StorageGuard(string? directory, long minFree, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<StorageUnavailableException> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastLook;

    /// <summary>Ends when the chain has stopped, with the reason.</summary>
    public Task<StorageUnavailableException> Failed => _failed.Task;

    /// <summary>Checks, before a write, that writing goes on.</summary>
    /// <exception cref="StorageUnavailableException">It has stopped, or stops now for lack of room.</exception>
    public void RequireWritable()
    {
        if (_failed.Task.IsCompleted) throw new StorageUnavailableException(_failed.Task.Result.Message, _failed.Task.Result.Cause);
        if (directory is null || minFree <= 0 || (_lastLook != 0 && Stopwatch.GetElapsedTime(_lastLook) < Interval)) return;
        _lastLook = Stopwatch.GetTimestamp();
        long free = DiskSpace.Free(directory);
        if (free >= minFree) return;
        throw Fail($"only {free >> 20} MB are free on the disk of {directory}, and the client stops below {minFree >> 20} MB; free some space (or lower --datadir.minfreedisk) and start it again", null);
    }

    /// <summary>Whether an exception means that the store failed, rather than that the program has a bug.</summary>
    public static bool IsStorageFault(Exception error) => error is IOException or UnauthorizedAccessException or StoreCorruptException;

    /// <summary>Stops the chain. Answers what to throw.</summary>
    public StorageUnavailableException Fail(Exception cause) => Fail(
        cause is StoreCorruptException ? $"the store is damaged: {cause.Message}" : $"the store cannot be written: {cause.Message}; check the disk and free some space, then start the client again", cause);

    private StorageUnavailableException Fail(string message, Exception? cause)
    {
        var failure = new StorageUnavailableException(message, cause);
        if (_failed.TrySetResult(failure)) logger.LogCritical("Stopped importing: {Reason}", message);
        return failure;
    }
}
