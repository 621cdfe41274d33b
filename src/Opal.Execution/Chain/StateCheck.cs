using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Opal.State;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>
/// Goes over the state on disk round and round while a client runs, and checks that every row hashes to what its parent in the trie has. The database has no
/// checksums of its own: this is what finds a bit that a disk has flipped in a row that no block touches.
/// </summary>
/// <remarks>One thread, which rests many times as long as it works. A mismatch stops the chain (<see cref="StorageGuard.Fail(Exception)"/>); it names table and key.</remarks>
internal sealed class StateCheck : IDisposable
{
    private const int PartsBetweenNotes = 64;

    private readonly DurableStateStore _states;
    private readonly StorageGuard _guard;
    private readonly StateCheckOptions _options;
    private readonly string? _noteFile;
    private readonly ILogger _logger;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private long _parts, _rows, _passes, _mismatches, _workTicks, _stepBegin;

    /// <param name="states">What is checked.</param>
    /// <param name="guard">Told of a mismatch.</param>
    /// <param name="options">How fast.</param>
    /// <param name="noteFile">Where it notes how far it is, for the next start; null to begin anew each time.</param>
    /// <param name="logger">Told what the guard does not tell.</param>
    public StateCheck(DurableStateStore states, StorageGuard guard, StateCheckOptions options, string? noteFile, ILogger logger)
    {
        (_states, _guard, _options, _noteFile, _logger) = (states, guard, options, noteFile, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "state check", Priority = ThreadPriority.BelowNormal };
    }

    /// <summary>Parts of <see cref="DurableStateStore.VerifyParts"/> that were checked since the start.</summary>
    public long Parts => Volatile.Read(ref _parts);

    /// <summary>Rows that were checked.</summary>
    public long Rows => Volatile.Read(ref _rows);

    /// <summary>Times that the last part was reached.</summary>
    public long Passes => Volatile.Read(ref _passes);

    /// <summary>Parts that did not fit: after one there are no more checks.</summary>
    public long Mismatches => Volatile.Read(ref _mismatches);

    /// <summary>The time it worked.</summary>
    public TimeSpan WorkTime => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _workTicks));

    /// <summary>Begins.</summary>
    public void Start()
    {
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted)) _thread.Start();
    }

    private void Run()
    {
        int part = ReadNote();
        try
        {
            TimeSpan least = _options.ShortestPass / DurableStateStore.VerifyParts;
            while (!_stop.IsSet && !_guard.Failed.IsCompleted)
            {
                _stepBegin = Stopwatch.GetTimestamp();
                StateRowCount rows = _states.VerifyPart(part, () => Rest(TimeSpan.Zero));
                Interlocked.Add(ref _rows, rows.Total);
                Interlocked.Increment(ref _parts);
                part = (part + 1) % DurableStateStore.VerifyParts;
                if (part == 0) Interlocked.Increment(ref _passes);
                if (part % PartsBetweenNotes == 0) WriteNote(part);
                Rest(least);
            }

            WriteNote(part);
        }
        catch (OperationCanceledException)
        {
            WriteNote(part);
        }
        catch (Exception error)
        {
            // damage may show in any way once rows are taken apart; whatever it is, this state is not to be built on
            Interlocked.Increment(ref _mismatches);
            _guard.Fail(StorageGuard.IsStorageFault(error) ? error : new StoreCorruptException($"part {part} of the state could not be checked ({error.Message}); stop the node and run 'opal db verify'", error));
            if (!StorageGuard.IsStorageFault(error)) _logger.LogError(error, "The check of part {Part} of the state failed", part);
        }
    }

    /// <summary>Rests after a step, in proportion to how long it took.</summary>
    /// <exception cref="OperationCanceledException">The client stops.</exception>
    private void Rest(TimeSpan least)
    {
        TimeSpan worked = Stopwatch.GetElapsedTime(_stepBegin), rest = worked * _options.RestRatio;
        Interlocked.Add(ref _workTicks, Stopwatch.GetTimestamp() - _stepBegin);
        if (_stop.Wait(rest > least ? rest : least)) throw new OperationCanceledException();
        _stepBegin = Stopwatch.GetTimestamp();
    }

    private int ReadNote()
    {
        try
        {
            if (_noteFile is null || !File.Exists(_noteFile)) return 0;
            return int.TryParse(File.ReadAllText(_noteFile), NumberStyles.None, CultureInfo.InvariantCulture, out int part) && part < DurableStateStore.VerifyParts ? part : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("The state check begins with its first part: {Reason}", error.Message);
            return 0;
        }
    }

    /// <summary>Notes how far it is. Nothing depends on it, so it is not made durable, and a disk that does not take it is for others to tell.</summary>
    private void WriteNote(int part)
    {
        if (_noteFile is null) return;
        try
        {
            File.WriteAllText(_noteFile, part.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _logger.LogDebug("The state check could not note that it is at part {Part}: {Reason}", part, error.Message);
        }
    }

    /// <summary>Ends it; waits for the step under way, some 50 ms at most.</summary>
    public void Dispose()
    {
        _stop.Set();
        if (!_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted)) _thread.Join();
        _stop.Dispose();
    }
}
