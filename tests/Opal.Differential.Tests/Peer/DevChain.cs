using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>What every chain of a run has, whatever the cases: values of the genesis, and the accounts that anvil adds by itself.</summary>
internal static class DevChain
{
    /// <summary>The fee recipient of every block.</summary>
    public static Address Coinbase { get; } = Address.Parse("0xc01bba5e00000000000000000000000000c01bba");

    /// <summary>The base fee of every block in wei: so small that it does not fall. (anvil gives the first block its parent's base fee as it is.)</summary>
    public const ulong BaseFee = 7;

    /// <summary>The genesis block's time in seconds; blocks follow every 12.</summary>
    public const ulong GenesisTime = 1_700_000_000;

    /// <summary>The empty blocks between genesis and the block with the cases, so that BLOCKHASH has ancestors to tell apart.</summary>
    public const int EmptyBlocks = 2;

    /// <summary>EIP-2935's contract.</summary>
    private const string HistoryCode =
        "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

    /// <summary>The accounts that anvil's genesis has beside the given ones.</summary>
    public static IEnumerable<GenesisAccount> Implicit(FuzzFork fork)
    {
        if (fork.Rules.StoresParentHash) yield return new GenesisAccount(SystemContracts.BlockHashes, UInt256.Zero, 0, Hex.Decode(HistoryCode), []);
    }

    /// <summary>The accounts that a run adds for everybody: on an L2 the L1 prices, where the fees for L1 data and the operator come from.</summary>
    /// <remarks>L1Block without code: L1 base fee 10 gwei, blob base fee 3, scalars 1368 and 810949, operator fee 2000 and 7; before Ecotone overhead 188 and scalar 684000.</remarks>
    public static IEnumerable<GenesisAccount> Shared(FuzzFork fork)
    {
        yield return new GenesisAccount(Coinbase, 1, 0, [], []);
        if (!fork.Rules.IsOptimism) yield break;
        yield return new GenesisAccount(Predeploys.L1Block, UInt256.Zero, 1, [0],
        [
            (1, 10_000_000_000),
            (3, new UInt256(0, (1368UL << 32) | 810_949)),
            (5, 188),
            (6, 684_000),
            (7, 3),
            (8, new UInt256(7, (400UL << 32) | 2000)),
        ]);
    }
}
