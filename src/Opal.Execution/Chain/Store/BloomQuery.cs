using Opal.Primitives;

namespace Opal.Execution;

/// <summary>A question about logs in terms of bits of filters: all clauses must hold, and a clause holds where one of its alternatives has its three bits.</summary>
internal sealed class BloomQuery
{
    private BloomQuery(List<int[]> clauses) => Clauses = clauses;

    /// <summary>A clause is three bit numbers (0 to 2047) an alternative; no clauses: everything may match.</summary>
    public IReadOnlyList<int[]> Clauses { get; }

    /// <summary>The question that <see cref="LogCriteria.MayMatch"/> asks.</summary>
    public static BloomQuery Of(LogCriteria criteria)
    {
        List<int[]> clauses = [];
        Span<byte> value = stackalloc byte[Hash256.Size];
        if (criteria.Addresses.Count > 0)
        {
            var bits = new List<int>();
            foreach (Address address in criteria.Addresses)
            {
                address.CopyTo(value);
                AddBits(bits, value[..Address.Size]);
            }

            clauses.Add([.. bits]);
        }

        foreach (IReadOnlyList<Hash256>? wanted in criteria.Topics)
        {
            if (wanted is not { Count: > 0 }) continue;
            var bits = new List<int>();
            foreach (Hash256 topic in wanted)
            {
                topic.CopyTo(value);
                AddBits(bits, value);
            }

            clauses.Add([.. bits]);
        }

        return new BloomQuery(clauses);
    }

    /// <summary>The low 11 bits of the first three 16-bit words of the value's hash (Yellow Paper, 4.3.1).</summary>
    private static void AddBits(List<int> bits, ReadOnlySpan<byte> value)
    {
        Span<byte> hash = stackalloc byte[32];
        Keccak256.Hash(value, hash);
        for (int i = 0; i < 3; i++) bits.Add(((hash[2 * i] << 8) | hash[(2 * i) + 1]) & 2047);
    }
}
