using Opal.Primitives;

namespace Opal.Evm;

/// <summary>The state at the start of a block, read-only. The journal asks for each account and slot once a block, and only when it is needed.</summary>
public interface IWorldState
{
    /// <summary>The account at <paramref name="address"/>; false when the state has none.</summary>
    bool TryGetAccount(in Address address, out Account account);

    /// <summary>The value of a storage slot; zero when absent.</summary>
    void GetStorage(in Address address, in UInt256 slot, out UInt256 value);

    /// <summary>The code with this hash, which an account of this state has. The memory must not change afterwards.</summary>
    ReadOnlyMemory<byte> GetCode(in Hash256 codeHash);

    /// <summary>Whether the account has any non-zero slot (EIP-7610: no contract may be created over storage).</summary>
    bool HasStorage(in Address address);
}
