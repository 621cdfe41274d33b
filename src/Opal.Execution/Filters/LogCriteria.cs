using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Which logs somebody asks for.</summary>
/// <param name="Addresses">Emitting contracts; empty means any.</param>
/// <param name="Topics">By position: null or empty means any; else one of these. A log with fewer topics than positions does not match.</param>
public sealed record LogCriteria(IReadOnlyList<Address> Addresses, IReadOnlyList<IReadOnlyList<Hash256>?> Topics)
{
    /// <summary>Every log.</summary>
    public static LogCriteria Any { get; } = new([], []);

    /// <summary>Whether the log is asked for.</summary>
    public bool Matches(LogEntry log)
    {
        if (Addresses.Count > 0 && !Addresses.Contains(log.Address)) return false;
        if (Topics.Count > log.Topics.Length) return false;
        for (int i = 0; i < Topics.Count; i++)
        {
            if (Topics[i] is { Count: > 0 } wanted && !wanted.Contains(log.Topics[i])) return false;
        }

        return true;
    }

    /// <summary>Whether a block with this bloom can hold such a log (no false negatives).</summary>
    public bool MayMatch(Bloom bloom)
    {
        if (Addresses.Count > 0 && !Addresses.Any(address => bloom.MayContain(address))) return false;
        foreach (IReadOnlyList<Hash256>? wanted in Topics)
        {
            if (wanted is { Count: > 0 } && !wanted.Any(topic => bloom.MayContain(topic))) return false;
        }

        return true;
    }
}
