using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

public sealed partial class Bloom
{
    /// <summary>The filter of some logs.</summary>
    public static Bloom Of(ReadOnlySpan<LogEntry> logs)
    {
        if (logs.IsEmpty) return Empty;
        var bits = new byte[Size];
        Span<byte> value = stackalloc byte[Hash256.Size];
        foreach (LogEntry log in logs)
        {
            log.Address.CopyTo(value);
            Set(bits, value[..Address.Size]);
            foreach (Hash256 topic in log.Topics)
            {
                topic.CopyTo(value);
                Set(bits, value);
            }
        }

        return new Bloom(bits);
    }

    /// <summary>The union of the receipts' filters.</summary>
    public static Bloom Of(ReadOnlySpan<Receipt> receipts)
    {
        byte[]? bits = null;
        foreach (Receipt receipt in receipts)
        {
            Bloom bloom = receipt.Bloom;
            if (ReferenceEquals(bloom, Empty)) continue;
            bits ??= new byte[Size];
            for (int i = 0; i < Size; i++) bits[i] |= bloom._bits[i];
        }

        return bits is null ? Empty : new Bloom(bits);
    }
}
