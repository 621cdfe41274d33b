using Opal.Primitives;

namespace Opal.Evm;

/// <summary>What became of a top-level message.</summary>
public readonly record struct CallResult
{
    /// <summary>Why execution ended.</summary>
    public Halt Halt { get; init; }

    /// <summary>Gas left, refunds not counted; 0 after an exceptional halt.</summary>
    public long GasLeft { get; init; }

    /// <summary>Return data, revert data, or the deployed code of a creation.</summary>
    public ReadOnlyMemory<byte> Output { get; init; }

    /// <summary>The address a creation aimed at, also when it failed; null for calls.</summary>
    public Address? Created { get; init; }

    /// <summary>Whether the message took effect.</summary>
    public bool IsSuccess => Halt.IsSuccess();

    /// <summary>Whether the code asked for the revert, so that gas is left and output explains.</summary>
    public bool IsRevert => Halt == Halt.Revert;
}
