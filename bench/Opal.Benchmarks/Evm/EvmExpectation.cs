using System.Text.Json;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>What a workload's call must give; what is null is not stated.</summary>
internal sealed record EvmExpectation
{
    /// <summary>Gas used without intrinsic gas, before refunds.</summary>
    public long? GasUsed { get; init; }

    public long? Refund { get; init; }

    public int? Logs { get; init; }

    /// <summary>The return data.</summary>
    public byte[]? Output { get; init; }

    /// <summary>keccak256 of the return data, where it is too long to be stated.</summary>
    public Hash256? OutputHash { get; init; }

    public static EvmExpectation Read(JsonElement expect) => new()
    {
        GasUsed = expect.TryGetProperty("gasUsed", out JsonElement e) ? e.GetInt64() : null,
        Refund = expect.TryGetProperty("refundCounter", out e) ? e.GetInt64() : null,
        Logs = expect.TryGetProperty("logs", out e) ? e.GetInt32() : null,
        Output = expect.TryGetProperty("output", out e) ? Hex.Decode(e.GetString()) : null,
        OutputHash = expect.TryGetProperty("outputKeccak", out e) ? Hash256.Parse(e.GetString()) : null,
    };

    /// <summary>What is wrong with a result; null when nothing is.</summary>
    public string? Check(long gas, long refund, int logs, ReadOnlySpan<byte> output)
    {
        if (GasUsed is { } g && g != gas) return $"gas {gas}, expected {g}";
        if (Refund is { } r && r != refund) return $"refund {refund}, expected {r}";
        if (Logs is { } l && l != logs) return $"{logs} logs, expected {l}";
        return CheckOutput(output);
    }

    /// <summary>What is wrong with return data; null when nothing is.</summary>
    public string? CheckOutput(ReadOnlySpan<byte> output)
    {
        if (Output is { } stated && !output.SequenceEqual(stated)) return $"output {Hex.Encode(output)}, expected {Hex.Encode(stated)}";
        return OutputHash is { } hash && Keccak256.Hash(output) != hash ? "output differs" : null;
    }
}
