using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Differential.Tests;

/// <summary>An instruction about to be executed, as both sides report it.</summary>
/// <param name="Pc">Offset in the code.</param>
/// <param name="Op">The opcode's byte; -1 where it is not told.</param>
/// <param name="Gas">Gas left.</param>
/// <param name="Depth">1 for the top-level frame.</param>
/// <param name="Stack">The stack, bottom first.</param>
internal sealed record TraceLine(int Pc, int Op, long Gas, int Depth, string Stack)
{
    public override string ToString() => $"depth {Depth} pc {Pc}{(Op >= 0 ? $" op {Op:x2}" : "")} gas {Gas} stack [{Stack}]";
}

/// <summary>The steps of a transaction.</summary>
internal static class StepTrace
{
    /// <summary>Collects our steps.</summary>
    public sealed class Collector : ITracer
    {
        public List<TraceLine> Lines { get; } = [];

        public bool WantsSteps => true;

        public void EnterFrame(in FrameEntry frame)
        {
        }

        public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
        {
        }

        public void Step(in TraceStep step)
        {
            var words = new string[step.Stack.Length];
            for (int i = 0; i < words.Length; i++) words[i] = step.Stack[i].ToQuantity();
            Lines.Add(new TraceLine(step.Pc, step.Op, step.Gas, step.Depth + 1, string.Join(' ', words)));
        }

        public void StepEnd(long gasCost, Halt? halt)
        {
        }

        public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
        {
        }
    }

    /// <summary>anvil's steps of a transaction; anvil was started with step tracing.</summary>
    public static async Task<List<TraceLine>> FetchAsync(AnvilProcess anvil, Hash256 transaction)
    {
        JsonElement trace = await anvil.CallAsync("debug_traceTransaction", transaction.ToString(), new { disableStorage = true, enableMemory = false }).ConfigureAwait(false);
        var lines = new List<TraceLine>();
        foreach (JsonElement line in trace.GetProperty("structLogs").EnumerateArray())
        {
            IEnumerable<string> stack = line.TryGetProperty("stack", out JsonElement words) && words.ValueKind == JsonValueKind.Array
                ? words.EnumerateArray().Select(w => AnvilJson.Quantity(w).ToQuantity())
                : [];
            lines.Add(new TraceLine(line.GetProperty("pc").GetInt32(), -1, line.GetProperty("gas").GetInt64(), line.GetProperty("depth").GetInt32(), string.Join(' ', stack)));
        }

        return lines;
    }

    /// <summary>The first step where they part, with the step before; null when they are the same.</summary>
    public static string? FirstDifference(List<TraceLine> anvil, List<TraceLine> opal)
    {
        for (int i = 0; i < Math.Max(anvil.Count, opal.Count); i++)
        {
            TraceLine? theirs = i < anvil.Count ? anvil[i] : null, ours = i < opal.Count ? opal[i] : null;
            if (theirs is not null && ours is not null && theirs == ours with { Op = -1 }) continue;
            string before = i > 0 ? $"after step {i - 1}: {opal[i - 1]}\n" : "";
            return $"{before}  anvil: {theirs?.ToString() ?? "ended"}\n  opal:  {ours?.ToString() ?? "ended"}";
        }

        return null;
    }
}
