using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>Deposit requests from the beacon deposit contract's logs (EIP-6110).</summary>
internal static class BeaconDepositLogs
{
    private const int LogSize = 576;

    /// <summary>keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)").</summary>
    private static Hash256 Topic { get; } = Hash256.Parse("0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");

    /// <summary>Appends a request (public key 48 B ++ credentials 32 B ++ amount 8 B ++ signature 96 B ++ index 8 B) for every deposit among some logs.</summary>
    /// <returns>False when a deposit log has another layout than the contract's.</returns>
    internal static bool TryAppend(LogEntry[] logs, in Address contract, List<byte> requests)
    {
        foreach (LogEntry log in logs)
        {
            if (log.Address != contract || log.Topics.Length == 0 || log.Topics[0] != Topic) continue;
            ReadOnlySpan<byte> data = log.Data;
            if (data.Length != LogSize) return false;

            // five byte strings: offsets, then each with its length and padding
            if (!IsField(data, 0, 160, 48) || !IsField(data, 1, 256, 32) || !IsField(data, 2, 320, 8) || !IsField(data, 3, 384, 96) || !IsField(data, 4, 512, 8)) return false;
            requests.AddRange(data.Slice(192, 48));
            requests.AddRange(data.Slice(288, 32));
            requests.AddRange(data.Slice(352, 8));
            requests.AddRange(data.Slice(416, 96));
            requests.AddRange(data.Slice(544, 8));
        }

        return true;
    }

    private static bool IsField(ReadOnlySpan<byte> data, int index, ulong offset, ulong size) =>
        UInt256.FromBigEndian(data.Slice(index * 32, 32)) == offset && UInt256.FromBigEndian(data.Slice((int)offset, 32)) == size;
}
