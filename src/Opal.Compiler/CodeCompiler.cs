using System.Diagnostics;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler;

/// <summary>Compiles contracts that run much to machine code; one serves many machines on any threads.</summary>
/// <remarks>
/// Machines count gas by code and report code that has earned compilation. It waits in a bounded queue for one background
/// thread; the machine code is published with one reference write and used by frames that begin later. Nothing that goes wrong
/// here reaches execution: the interpreter goes on, <see cref="Statistics"/> and the observer tell.
/// </remarks>
public sealed class CodeCompiler : ICodeCompiler, IDisposable
{
    /// <summary>The largest code that block numbers and maps of 16 bits hold with room to spare.</summary>
    private const int LargestCode = 49_152;

    private readonly Lock _gate = new();
    private readonly RulesProfiles?[] _profiles = new RulesProfiles[64];
    private readonly Queue<CompilationJob> _queue = new();
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly ICodeCompilerObserver? _observer;
    private readonly LiveCode _live;
    private CodeCompilerStatistics _statistics;
    private Thread? _thread;
    private volatile bool _stopping;

    /// <summary>A compiler; its thread begins with the first code to compile.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is not positive, or allows code that is too large.</exception>
    public CodeCompiler(CodeCompilerOptions options, ICodeCompilerObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.GasPerKiB, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxCodeBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxCodeBytes, LargestCode);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxProfiles, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Rest);
        Options = options;
        _observer = observer;
        _live = new LiveCode(options.MaxTotalBytes);
    }

    /// <summary>When and how much.</summary>
    public CodeCompilerOptions Options { get; }

    /// <summary>What has been done.</summary>
    public CodeCompilerStatistics Statistics
    {
        get
        {
            lock (_gate) return _statistics with { LiveBytes = _live.Bytes };
        }
    }

    /// <summary>Codes that wait.</summary>
    public int QueuedCount
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    /// <summary>Makes the chunks; another one in tests.</summary>
    internal ChunkCompiler EmitChunk { get; init; } = ChunkEmitter.Emit;

    CodeProfiles ICodeCompiler.ProfilesFor(EvmRules rules)
    {
        OpcodeSet set = OpcodeSets.Of(rules);
        lock (_gate) return _profiles[(int)set] ??= new RulesProfiles(this, set);
    }

    /// <summary>Compiles the code that has waited longest, on the calling thread.</summary>
    /// <returns>False when none waits.</returns>
    public bool CompileNext()
    {
        CompilationJob? job;
        lock (_gate)
        {
            if (!_queue.TryDequeue(out job)) return false;
        }

        Compile(job, rest: 0);
        return true;
    }

    /// <summary>Stops the thread, after the chunk it is at. Machine code that is there goes on working.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
            _queue.Clear();
            thread = _thread;
        }

        _waiting.Release();
        thread?.Join();
        _waiting.Dispose();
    }

    /// <summary>Gas that code of a length has to earn; never for code that may not be compiled.</summary>
    internal long ThresholdOf(int length) => length > Options.MaxCodeBytes ? long.MaxValue : Math.Max(1, Options.GasPerKiB * length / 1024);

    /// <summary>Takes code that has earned it, if there is room; else it has to earn as much again.</summary>
    internal void Enqueue(CompilationJob job)
    {
        lock (_gate)
        {
            if (_stopping || job.Profile.ReportAt > job.Profile.Gas) return; // another machine was first
            if (_queue.Count >= Options.QueueLength)
            {
                job.Profile.ReportAt = job.Profile.Gas + ThresholdOf(job.Code.Length);
                _statistics = _statistics with { Refused = _statistics.Refused + 1 };
                return;
            }

            job.Profile.ReportAt = long.MaxValue;
            _queue.Enqueue(job);
            if (Options.Mode != CompilationMode.Background) return;
            if (_thread is null)
            {
                _thread = new Thread(Work) { Name = "Opal.Compiler", IsBackground = true, Priority = ThreadPriority.Lowest };
                _thread.Start();
            }

            _waiting.Release(); // inside the lock: after Dispose nobody comes here
        }
    }

    /// <summary>Compiles on the calling thread unless it is done, or has failed, already.</summary>
    internal void CompileNow(CompilationJob job)
    {
        if (job.Code.Length > Options.MaxCodeBytes) return;
        lock (job.Profile)
        {
            if (job.Profile.ReportAt == long.MaxValue) return;
            job.Profile.ReportAt = long.MaxValue;
            Compile(job, rest: 0);
        }
    }

    private void Work()
    {
        while (true)
        {
            _waiting.Wait();
            if (_stopping) return;
            CompilationJob? job;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out job)) continue;
            }

            Compile(job, Options.Rest);
        }
    }

    private void Compile(CompilationJob job, double rest)
    {
        Hash256 hash = job.Code.Hash;
        int ilBytes = 0, localReferences = 0;
        TimeSpan elapsed = default;
        try
        {
            CodeLayout layout = CodeLayout.Of(job.Code.Span, job.Profiles.Set);
            var code = new CompiledCode(layout, CompileChunk);
            Publish(job.Profile, hash, code, ilBytes, localReferences, elapsed);

            ChunkBody CompileChunk(int chunk)
            {
                if (_stopping) throw new OperationCanceledException("the compiler is being disposed");
                long begin = Stopwatch.GetTimestamp();
                ChunkBody body = EmitChunk(layout, chunk, out int size, out int references);
                CompiledCode.Prepare(body);
                TimeSpan took = Stopwatch.GetElapsedTime(begin);
                elapsed += took;
                ilBytes += size;
                localReferences = Math.Max(localReferences, references);
                if (rest > 0) Thread.Sleep(took * rest);
                return body;
            }
        }
        catch (OperationCanceledException) when (_stopping)
        {
            // nobody will run it
        }
        catch (Exception e) // whatever it is, execution goes on without
        {
            lock (_gate) _statistics = _statistics with { Failed = _statistics.Failed + 1 };
            _observer?.Failed(hash, e);
        }
    }

    private void Publish(CodeProfile profile, in Hash256 hash, CompiledCode code, int ilBytes, int localReferences, TimeSpan elapsed)
    {
        List<(Hash256 Hash, CodeProfile Profile, int Length)> evicted;
        lock (_gate)
        {
            evicted = _live.Add(profile, hash, code);
            foreach ((Hash256 _, CodeProfile victim, int length) in evicted) victim.ReportAt = victim.Gas + ThresholdOf(length);
            _statistics = _statistics with
            {
                Compiled = _statistics.Compiled + 1,
                Evicted = _statistics.Evicted + evicted.Count,
                CodeBytes = _statistics.CodeBytes + code.CodeLength,
                IlBytes = _statistics.IlBytes + ilBytes,
                Elapsed = _statistics.Elapsed + elapsed,
                MostLocalReferences = Math.Max(_statistics.MostLocalReferences, localReferences),
            };
        }

        if (_observer is null) return;
        _observer.Compiled(hash, code.CodeLength, elapsed);
        foreach ((Hash256 victim, _, _) in evicted) _observer.Evicted(victim);
    }
}
