using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>
/// An engine that answers at random while <see cref="IsFaulty"/>: rightly, with any verdict, not at all (before or after doing what was asked), late, or with garbage.
/// Late answers come when the test lets them: <see cref="Release"/>, on the caller's thread, so that a run is the same every time.
/// </summary>
public sealed class UnreliableEngine(IEngine inner, Random random, TimeProvider time) : IEngine
{
    private static readonly EngineVerdict[] s_verdicts = Enum.GetValues<EngineVerdict>();
    private readonly List<(DateTimeOffset At, TaskCompletionSource Source)> _late = [];
    private readonly Dictionary<string, Queue<DateTimeOffset>> _calls = [];
    private readonly Dictionary<ulong, PayloadEnvelope> _lastBuilt = [];

    public bool IsFaulty { get; set; }

    /// <summary>The share of calls that go wrong.</summary>
    public double Share { get; set; } = 0.5;

    /// <summary>More than ten identical calls in a second, described.</summary>
    public string? TooOften { get; private set; }

    public int Calls { get; private set; }

    /// <summary>Whether somebody waits for a late answer.</summary>
    public bool HasLate => _late.Count > 0;

    /// <summary>Blocks that were called invalid at least once, rightly or not: another may be made in their place.</summary>
    public HashSet<Hash256> CalledInvalid { get; } = [];

    /// <summary>Gives the late answers that are due.</summary>
    public void Release()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((DateTimeOffset at, TaskCompletionSource source) in _late.ToArray())
        {
            if (at > now) continue;
            _late.Remove((at, source));
            source.SetResult();
        }
    }

    public async Task<ForkchoiceAnswer> ForkchoiceUpdatedAsync(ForkchoiceState state, PayloadAttributes? attributes, CancellationToken cancellation)
    {
        Count($"forkchoice {state.Head} {state.Safe} {state.Finalized} {attributes?.Timestamp}");
        switch (await NextAsync())
        {
            case Play.Verdict:
                return new ForkchoiceAnswer(s_verdicts[random.Next(s_verdicts.Length)], null, "made up");
            case Play.Garbage:
                return random.Next(2) == 0 ? new ForkchoiceAnswer(EngineVerdict.Valid) : new ForkchoiceAnswer(EngineVerdict.Valid, new PayloadId((ulong)random.Next(1, 1000)));
            case Play.Lost:
                await inner.ForkchoiceUpdatedAsync(state, attributes, cancellation);
                return new ForkchoiceAnswer(EngineVerdict.Unreachable, null, "lost");
            case Play.Lie:
                ForkchoiceAnswer real = await inner.ForkchoiceUpdatedAsync(state, attributes, cancellation);
                return real with { Verdict = s_verdicts[random.Next(s_verdicts.Length)] };
            default:
                return await inner.ForkchoiceUpdatedAsync(state, attributes, cancellation);
        }
    }

    public async Task<PayloadAnswer> GetPayloadAsync(PayloadId payload, ulong timestampSeconds, CancellationToken cancellation)
    {
        Count($"getPayload {payload}");
        switch (await NextAsync())
        {
            case Play.Verdict:
                return new PayloadAnswer(s_verdicts[random.Next(s_verdicts.Length)], null, "made up");
            case Play.Lost or Play.Lie:
                return new PayloadAnswer(EngineVerdict.Unreachable, null, "lost");
            case Play.Garbage when _lastBuilt.Count > 0:
                // a block of another time or parent, or one whose hash is wrong
                PayloadEnvelope other = _lastBuilt.Values.ElementAt(random.Next(_lastBuilt.Count));
                return new PayloadAnswer(EngineVerdict.Valid, other);
            default:
                PayloadAnswer answer = await inner.GetPayloadAsync(payload, timestampSeconds, cancellation);
                if (answer.Payload is { } built)
                {
                    _lastBuilt[built.Payload.BlockNumber % 8] = built;
                }

                return answer;
        }
    }

    public async Task<ImportAnswer> NewPayloadAsync(PayloadEnvelope payload, CancellationToken cancellation)
    {
        Count($"newPayload {payload.Payload.BlockHash}");
        ImportAnswer answer;
        switch (await NextAsync())
        {
            case Play.Verdict or Play.Garbage:
                answer = new ImportAnswer(s_verdicts[random.Next(s_verdicts.Length)], "made up");
                break;
            case Play.Lost:
                await inner.NewPayloadAsync(payload, cancellation);
                answer = new ImportAnswer(EngineVerdict.Unreachable, "lost");
                break;
            case Play.Lie:
                await inner.NewPayloadAsync(payload, cancellation);
                answer = new ImportAnswer(s_verdicts[random.Next(s_verdicts.Length)], "made up");
                break;
            default:
                answer = await inner.NewPayloadAsync(payload, cancellation);
                break;
        }

        if (answer.Verdict == EngineVerdict.Invalid) CalledInvalid.Add(payload.Payload.BlockHash);
        return answer;
    }

    public Task<Block?> BlockByLabelAsync(L2Label label, CancellationToken cancellation) => ReadAsync($"{label}", () => inner.BlockByLabelAsync(label, cancellation));

    public Task<Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation) => ReadAsync($"{number}", () => inner.BlockByNumberAsync(number, cancellation));

    public Task<Block?> BlockByHashAsync(Hash256 hash, CancellationToken cancellation) => ReadAsync($"{hash}", () => inner.BlockByHashAsync(hash, cancellation));

    public Task<Hash256?> WithdrawalStorageRootAsync(BlockHeader header, CancellationToken cancellation) => inner.WithdrawalStorageRootAsync(header, cancellation);

    private enum Play : byte
    {
        Right,
        Verdict,
        Garbage,
        Lost,
        Lie,
    }

    private async Task<Block?> ReadAsync(string what, Func<Task<Block?>> read)
    {
        Count($"read {what}");
        return await NextAsync() switch
        {
            Play.Verdict or Play.Lost or Play.Lie => throw new SourceException("the engine does not answer"),
            Play.Garbage => null,
            _ => await read(),
        };
    }

    private async Task<Play> NextAsync()
    {
        if (!IsFaulty) return Play.Right;
        if (random.NextDouble() < Share / 4)
        {
            var late = new TaskCompletionSource(); // continues inside Release
            _late.Add((time.GetUtcNow() + TimeSpan.FromMilliseconds(random.Next(50, 10_000)), late));
            await late.Task;
        }

        return random.NextDouble() < Share ? (Play)random.Next(1, 5) : Play.Right;
    }

    private void Count(string call)
    {
        Calls++;
        if (!_calls.TryGetValue(call, out Queue<DateTimeOffset>? times)) _calls[call] = times = [];
        DateTimeOffset now = time.GetUtcNow();
        while (times.TryPeek(out DateTimeOffset first) && now - first >= TimeSpan.FromSeconds(1)) times.Dequeue();
        times.Enqueue(now);
        if (times.Count > 10) TooOften ??= $"{times.Count} times within a second, at {now:O}: {call}";
    }
}
