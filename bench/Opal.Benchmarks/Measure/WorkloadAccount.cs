using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>An account of a workload's state.</summary>
internal sealed record WorkloadAccount(Address Address, ulong Nonce, UInt256 Balance, byte[] Code, IReadOnlyList<(UInt256 Slot, UInt256 Value)> Storage)
{
    public void AddTo(FlatState state)
    {
        state.Add(Address, Nonce, Balance, Code);
        foreach ((UInt256 slot, UInt256 value) in Storage) state.Store(Address, slot, value);
    }

    /// <summary>A number of the workload files, decimal or hexadecimal.</summary>
    public static UInt256 Word(string text) =>
        UInt256.TryParse(text, out UInt256 value) ? value : throw new FormatException($"not a number: {text}");
}
