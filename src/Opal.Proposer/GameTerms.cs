using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>What the games of a type are made with. Older implementations tell it themselves; newer ones are shared, and the factory keeps it for them (<c>gameArgs</c>).</summary>
/// <param name="Implementation">The contract that games are cloned from.</param>
/// <param name="L2ChainId">The L2 chain; null when it is not told.</param>
/// <param name="Proposer">The only account that may make them; null when anybody may, or it is not told.</param>
/// <param name="AnchorRegistry">Where their starting point is; null when it is not told.</param>
internal readonly record struct GameTerms(Address Implementation, UInt256? L2ChainId, Address? Proposer, Address? AnchorRegistry)
{
    /// <summary>
    /// Bytes of the arguments: prestate (32), virtual machine (20), anchor registry (20), WETH (20), L2 chain id (32); of a permissioned game also proposer (20) and
    /// challenger (20). Other lengths are of other games.
    /// </summary>
    private const int Permissionless = 124, Permissioned = 164, RegistryAt = 52, ChainAt = 92, ProposerAt = 124;

    public static async Task<GameTerms> ReadAsync(ContractView factory, uint gameType, ContractView implementation, CancellationToken cancellation)
    {
        if (await factory.FindAsync(CallData.Encode("gameArgs(uint32)", gameType), 2, cancellation) is { } kept && (kept[1] == Permissionless || kept[1] == Permissioned)
            && kept.Length - 2 >= ((int)kept[1].U0 + 31) / 32)
        {
            byte[] arguments = [.. kept.Skip(2).SelectMany(static word => word.ToBigEndianArray())];
            return new GameTerms(
                implementation.Address, UInt256.FromBigEndian(arguments.AsSpan(ChainAt, 32)), kept[1] == Permissioned ? AddressAt(ProposerAt) : null, AddressAt(RegistryAt));

            Address AddressAt(int offset) => new(arguments.AsSpan(offset, 20));
        }

        return new GameTerms(
            implementation.Address, await FindAsync("l2ChainId()"), await FindAsync("proposer()") is { } proposer ? Address.FromUInt256(proposer) : null,
            await FindAsync("anchorStateRegistry()") is { } registry ? Address.FromUInt256(registry) : null);

        async Task<UInt256?> FindAsync(string getter) => await implementation.FindWordAsync(getter, cancellation) is { IsZero: false } word ? word : null;
    }
}
