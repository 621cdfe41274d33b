using System.Globalization;

namespace Opal.Derivation.Tests;

/// <summary>How many random inputs a test tries: its usual count, or what OPAL_SOAK_DERIVATION says.</summary>
internal static class Soak
{
    private const string Variable = "OPAL_SOAK_DERIVATION";

    public static int Count(int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : otherwise;

    /// <summary>The first seed: fixed, but for long runs, which take it from OPAL_SOAK_SEED or the clock; failures say it.</summary>
    public static int Seed(int otherwise)
    {
        if (Environment.GetEnvironmentVariable(Variable) is null) return otherwise;
        return int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int seed) ? seed : Environment.TickCount & 0xffffff;
    }
}

/// <summary>Random changes to bytes, of the kinds that find decoders' edges.</summary>
internal static class Mutation
{
    private static readonly byte[] s_edges = [0, 1, 0x7f, 0x80, 0x81, 0xb7, 0xb8, 0xbf, 0xc0, 0xf7, 0xf8, 0xfe, 0xff];

    public static byte[] Of(Random random, byte[] bytes)
    {
        if (bytes.Length == 0 || random.Next(50) == 0) return Noise(random, random.Next(200));
        byte[] changed = [.. bytes];
        for (int n = random.Next(1, 5); n > 0 && changed.Length > 0; n--)
        {
            // the begin is changed more often: counts and lengths are there
            int at = random.Next(random.Next(2) == 0 ? Math.Min(changed.Length, 80) : changed.Length);
            switch (random.Next(7))
            {
                case 0: changed[at] = (byte)random.Next(256); break;
                case 1: changed[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: changed[at] = s_edges[random.Next(s_edges.Length)]; break;
                case 3: changed = changed[..at]; break;
                case 4: changed = [.. changed[..at], .. changed[Math.Min(changed.Length, at + random.Next(1, 40))..]]; break;
                case 5: changed = [.. changed[..at], .. Noise(random, random.Next(1, 12)), .. changed[at..]]; break;
                default: changed[at] = unchecked((byte)(changed[at] + (random.Next(2) == 0 ? 1 : -1))); break;
            }
        }

        return changed;
    }

    public static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
