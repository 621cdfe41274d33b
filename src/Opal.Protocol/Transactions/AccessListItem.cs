using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>An address of an access list and the storage keys named with it (EIP-2930).</summary>
public sealed class AccessListItem(Address address, Hash256[] storageKeys)
{
    /// <summary>The account.</summary>
    public Address Address { get; } = address;

    /// <summary>The slots, in the order given; duplicates are allowed and charged.</summary>
    public Hash256[] StorageKeys { get; } = storageKeys;
}
