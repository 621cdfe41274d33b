using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <summary>An account as the journal holds it during a block. A stamp is the number of the transaction it was set in; another number means "no".</summary>
internal struct AccountEntry : IKeyed<AccountEntry, Address>
{
    public Address Address;
    public UInt256 Balance;
    public ulong Nonce;
    public Hash256 CodeHash;
    /// <summary>The code, when it has been asked for.</summary>
    public Bytecode? Code;
    /// <summary>The account as the block found it.</summary>
    public Account AtStart;
    /// <summary>First of the account's slots, or -1.</summary>
    public int FirstSlot;
    public int WarmStamp;
    public int TouchStamp;
    public int CreatedStamp;
    public int DestructStamp;
    /// <summary>The values were read from the state.</summary>
    public bool IsLoaded;
    public bool ExistedAtStart;
    /// <summary>In the state after the last finished transaction.</summary>
    public bool Exists;
    /// <summary>What the state stores for the account counts no more.</summary>
    public bool IsStorageCleared;
    /// <summary>Listed among those that may have changed in the block.</summary>
    public bool IsListed;
    public bool IsPrecompile;
    /// <summary>Warm from the start, as a fork's precompiles are.</summary>
    public bool IsAlwaysWarm;

    public readonly bool IsEmpty => Nonce == 0 && Balance.IsZero && CodeHash == Hash256.EmptyCode;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint HashOf(in Address key) => unchecked((uint)key.GetHashCode() * 0x9E3779B1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Matches(in AccountEntry entry, in Address key) => entry.Address.Equals(key);

    public static int Compare(in AccountEntry entry, in Address key) => entry.Address.CompareTo(key);

    public static Address KeyOf(in AccountEntry entry) => entry.Address;

    public static void Initialise(ref AccountEntry entry, in Address key)
    {
        entry = default;
        entry.Address = key;
        entry.CodeHash = Hash256.EmptyCode;
        entry.FirstSlot = -1;
    }
}
