using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Fork ids (EIP-2124): a checksum of the genesis hash and all upgrades that are active.</summary>
internal static class ForkIds
{
    /// <summary>The times at which rules change, ascending, without those that genesis has.</summary>
    public static List<ulong> TimesOf(ChainSpec spec, ulong genesisTime)
    {
        List<ulong?> times = [];
        if (spec.Ethereum is { } ethereum)
        {
            times.AddRange([ethereum.Shanghai, ethereum.Cancun, ethereum.Prague, ethereum.Osaka]);
            foreach (BlobSchedule.Entry entry in spec.Blobs.Entries) times.Add(entry.Time);
        }
        else if (spec.Optimism is { } optimism)
        {
            // Delta changes derivation alone and is no upgrade of the execution client's
            for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
            {
                if (fork != OptimismFork.Delta) times.Add(optimism.Of(fork));
            }
        }

        return [.. times.OfType<ulong>().Where(time => time > genesisTime).Distinct().Order()];
    }

    /// <summary>The id at a time, when all upgrades by block are past.</summary>
    public static byte[] At(Hash256 genesis, IEnumerable<ulong> blocks, IEnumerable<ulong> times, ulong time)
    {
        uint crc = Append(uint.MaxValue, genesis.ToArray());
        Span<byte> bytes = stackalloc byte[8];
        foreach (ulong upgrade in blocks.Concat(times.Where(t => t <= time)))
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, upgrade);
            crc = Append(crc, bytes);
        }

        byte[] id = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(id, ~crc);
        return id;
    }

    /// <summary>CRC-32 (IEEE 802.3), which the framework does not offer without a package.</summary>
    private static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xedb88320 & (uint)-(int)(crc & 1));
        }

        return crc;
    }
}
