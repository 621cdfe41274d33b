using System.Runtime.CompilerServices;

namespace Opal.Protocol;

/// <summary>The length that FastLZ level 1 would compress data to; the L1 cost and the DA footprint estimate a batch's growth with it.</summary>
/// <remarks>Spec: fjord/exec-engine.md#fastlz-implementation. Only the length is computed, nothing is written.</remarks>
public static class FastLz
{
    private const int HashBits = 13;
    private const int TableSize = 1 << HashBits;
    private const int MaxDistance = 8191;
    private const int MaxLiteralRun = 32;
    private const int MaxMatch = 262;

    /// <summary>The bytes at the end that no match may start in.</summary>
    private const int Tail = 13;

    /// <summary>The bytes at the end that no match may reach into.</summary>
    private const int Margin = 4;

    private static uint Read24(ReadOnlySpan<byte> data, int at) => data[at] | ((uint)data[at + 1] << 8) | ((uint)data[at + 2] << 16);

    private static int Slot(uint value) => (int)(unchecked(2654435769u * value) >> (32 - HashBits));

    /// <summary>Literals cost a byte each, and a byte for every run of up to 32.</summary>
    private static int LiteralCost(int count) => count + ((count + MaxLiteralRun - 1) / MaxLiteralRun);

    /// <summary>A match costs 2 bytes while its excess over 3 bytes is below 6, else 3; long ones are cut into pieces of 262.</summary>
    private static int MatchCost(int excess) => (3 * (excess / MaxMatch)) + (excess % MaxMatch >= 6 ? 3 : 2);

    /// <summary>The compressed length in bytes.</summary>
    [SkipLocalsInit]
    public static int CompressedLength(ReadOnlySpan<byte> data)
    {
        Span<int> lastSeen = stackalloc int[TableSize]; // three bytes' hash -> the latest place they stood at
        lastSeen.Clear();
        int limit = Math.Max(0, data.Length - Tail);
        int total = 0;
        int anchor = 0; // the first byte not yet accounted for
        int at = 2;
        while (at < limit)
        {
            uint sequence = Read24(data, at);
            int slot = Slot(sequence);
            int candidate = lastSeen[slot];
            lastSeen[slot] = at;
            if (at - candidate > MaxDistance || Read24(data, candidate) != sequence)
            {
                at++;
                continue;
            }

            // The last place before the limit is hashed, but a match found there is not taken.
            if (at + 1 >= limit) break;
            if (at > anchor) total += LiteralCost(at - anchor);

            int start = at + 3;
            int reach = data.Length - Margin - start;
            int equal = 0;
            while (equal < reach && data[candidate + 3 + equal] == data[start + equal]) equal++;
            int excess = equal < reach ? equal : reach - 1;
            total += MatchCost(excess);

            at += excess + 1;
            lastSeen[Slot(Read24(data, at))] = at;
            at++;
            lastSeen[Slot(Read24(data, at))] = at;
            at++;
            anchor = at;
        }

        return total + LiteralCost(data.Length - anchor);
    }
}
