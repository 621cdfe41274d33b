using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>The chain that the blocks belong to: its rules, its genesis header, and what each block is built from.</summary>
/// <remarks>
/// Base fee: fixed at 1 gwei, by a change denominator so large that the computed one never moves. Requests are off, since the system
/// contracts that make them are absent from the state, without which no Prague block is valid.
/// </remarks>
internal sealed class BenchChain
{
    private const ulong GenesisTime = 1_700_000_000;
    private const ulong BlockTime = 2;
    private const ulong GasLimit = 10_000_000_000_000;
    private const uint Never = uint.MaxValue;

    private static readonly Address Coinbase = Address.FromNumber(0xc014ba5e);

    private BenchChain(Rules rules, byte[] extraData)
    {
        Rules = rules;
        Spec = ChainSpec.Fixed(1, rules);
        ExtraData = extraData;
    }

    /// <summary>Ethereum, Prague.</summary>
    public static BenchChain Ethereum { get; } = new(ForkRules.Prague with { BaseFeeDenominator = Never, Requests = RequestsRule.None }, []);

    /// <summary>The OP Stack, Jovian: L1 attributes, L1 and operator fees, vaults.</summary>
    public static BenchChain Optimism { get; } = new(ForkRules.Jovian, new Eip1559ExtraData(Never, 2, 0).Encode());

    public Rules Rules { get; }

    public ChainSpec Spec { get; }

    private byte[] ExtraData { get; }

    /// <summary>The genesis accounts that these rules need beside the workloads' own.</summary>
    public IReadOnlyList<WorkloadAccount> Accounts => Rules.IsOptimism ? [L1Attributes.Contract] : [];

    public BlockHeader GenesisHeader(in Hash256 stateRoot)
    {
        var genesis = new Genesis { StateRoot = stateRoot, Timestamp = GenesisTime, GasLimit = GasLimit, BaseFeePerGas = 1_000_000_000u, ExtraData = ExtraData };
        return genesis.MakeHeader(Spec);
    }

    /// <summary>What block <paramref name="number"/> is built from.</summary>
    public PayloadAttributes AttributesOf(ulong number) => new()
    {
        Timestamp = GenesisTime + (BlockTime * number),
        SuggestedFeeRecipient = Rules.IsOptimism ? Predeploys.SequencerFeeVault : Coinbase,
        Withdrawals = [],
        ParentBeaconBlockRoot = Hash256.Zero,
        Transactions = Rules.IsOptimism ? [L1Attributes.Of(number).Encoded] : [],
        GasLimit = Rules.IsOptimism ? GasLimit : null,
        Eip1559Params = Rules.IsOptimism ? [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2] : null,
        MinBaseFee = Rules.IsOptimism ? 0 : null,
    };

    /// <summary>What opcodes see of block <paramref name="number"/>.</summary>
    public static BlockContext ContextOf(ulong number) => new()
    {
        ChainId = 1u,
        Number = number,
        Timestamp = GenesisTime + (BlockTime * number),
        GasLimit = GasLimit,
        BaseFee = 1_000_000_000u,
        BlobBaseFee = UInt256.One,
        Coinbase = Coinbase,
    };
}
