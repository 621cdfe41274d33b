using Opal.Primitives;

namespace Opal.Evm;

/// <summary>What opcodes can see of the block.</summary>
public readonly record struct BlockContext
{
    /// <summary>EIP-155 chain id.</summary>
    public UInt256 ChainId { get; init; }

    /// <summary>Block number.</summary>
    public ulong Number { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public ulong Timestamp { get; init; }

    /// <summary>Gas limit of the block.</summary>
    public ulong GasLimit { get; init; }

    /// <summary>Base fee per gas, wei.</summary>
    public UInt256 BaseFee { get; init; }

    /// <summary>Base fee per blob gas, wei (EIP-7516); 1 on OP Stack chains.</summary>
    public UInt256 BlobBaseFee { get; init; }

    /// <summary>PREVRANDAO (EIP-4399); the difficulty before Paris.</summary>
    public UInt256 PrevRandao { get; init; }

    /// <summary>The fee recipient.</summary>
    public Address Coinbase { get; init; }
}
