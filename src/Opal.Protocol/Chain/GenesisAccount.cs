using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>An account of the genesis state. Slots may be in any order; zeros are left out.</summary>
public sealed record GenesisAccount(Address Address, UInt256 Balance, ulong Nonce, byte[] Code, IReadOnlyList<(UInt256 Slot, UInt256 Value)> Storage);
