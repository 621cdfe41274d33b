using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A withdrawal from the beacon chain (EIP-4895). L2 blocks have none. The amount is in gwei.</summary>
public sealed record Withdrawal(ulong Index, ulong ValidatorIndex, Address Address, ulong AmountGwei)
{
    /// <summary>The amount in wei.</summary>
    public UInt256 AmountWei => new UInt256(AmountGwei) * 1_000_000_000UL;

    /// <summary>rlp([index, validator_index, address, amount]).</summary>
    public void WriteTo(RlpWriter writer)
    {
        int list = writer.BeginList();
        writer.WriteUInt64(Index);
        writer.WriteUInt64(ValidatorIndex);
        writer.WriteAddress(Address);
        writer.WriteUInt64(AmountGwei);
        writer.EndList(list);
    }

    /// <summary>The encoding alone: an item of the withdrawals trie.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(64);
        WriteTo(writer);
        return writer.ToArray();
    }

    /// <summary>Reads one withdrawal.</summary>
    public static bool TryRead(ref RlpReader items, out Withdrawal? withdrawal)
    {
        withdrawal = null;
        if (!items.TryReadList(out RlpReader fields)
            || !fields.TryReadUInt64(out ulong index)
            || !fields.TryReadUInt64(out ulong validator)
            || !fields.TryReadAddress(out Address address)
            || !fields.TryReadUInt64(out ulong amount)
            || !fields.TryEnd())
        {
            return false;
        }

        withdrawal = new Withdrawal(index, validator, address, amount);
        return true;
    }
}
