namespace Opal.Conformance.Tests.Rpc;

/// <summary>The first block of each fork before the merge on the rpc-compat chain, and the prices that follow from a block's number.</summary>
internal readonly record struct OldForks(ulong Number)
{
    private const ulong TangerineWhistle = 3, SpuriousDragon = 6, Byzantium = 9, Constantinople = 12, Petersburg = 15, Istanbul = 18, Berlin = 24, London = 27;

    /// <summary>The last block that was mined; its child is the first of the merge.</summary>
    public const ulong LastMined = 35;

    public bool NewContractsHaveNonce => Number >= SpuriousDragon;

    public bool HasAccessLists => Number >= Berlin;

    public bool HasBaseFee => Number >= London;

    /// <summary>EIP-1283 and its return as EIP-2200.</summary>
    public bool HasNetStorageGas => Number is >= Constantinople and < Petersburg or >= Istanbul;

    public long CalldataByte => Number >= Istanbul ? 16 : 68;

    public long Load => Number >= Istanbul ? 800 : Number >= TangerineWhistle ? 200 : 50;

    /// <summary>Gas of a write that changes nothing, where that is cheaper.</summary>
    public long StoreNothing => Number >= Berlin ? 100 : Number >= Istanbul ? 800 : 200;

    /// <summary>Wei for mining a block.</summary>
    public ulong Reward => Number >= Constantinople ? 2_000_000_000_000_000_000UL : Number >= Byzantium ? 3_000_000_000_000_000_000UL : 5_000_000_000_000_000_000UL;

    /// <summary>Whether code that begins with 0xef is refused.</summary>
    public bool ReservesEf => Number >= London;

    /// <summary>Whether a store needs more than the call stipend left (EIP-2200).</summary>
    public bool HasStoreSentry => Number >= Istanbul;
}
