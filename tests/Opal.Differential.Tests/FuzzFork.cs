using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>A fork as both sides know it: anvil's arguments, and our rules with what a dev chain does differently.</summary>
/// <remarks>The differences are listed in docs/fuzzing.md; they concern the header's fields and requests, never the EVM or a transaction.</remarks>
internal sealed class FuzzFork
{
    private FuzzFork(string name, bool isOptimism, Rules rules)
    {
        Name = name;
        Rules = rules with
        {
            // anvil collects no requests and leaves the field what an empty list gives
            Requests = rules.Requests == RequestsRule.None ? RequestsRule.None : RequestsRule.AlwaysEmpty,
            // anvil runs no beacon root call, and has Ethereum's header fields on an L2 too
            Withdrawals = rules.Withdrawals == WithdrawalsRule.None ? WithdrawalsRule.None : WithdrawalsRule.EmptyList,
            ExtraData = ExtraDataRule.AtMost32Bytes,
            BlobGas = rules.BlobGas == BlobGasRule.DAFootprint ? BlobGasRule.Zero : rules.BlobGas,
            HasCreate2Deployer = false,
            MaxBlockSize = int.MaxValue,
        };
        Spec = ChainSpec.Fixed(FuzzProgram.ChainId, Rules);
        AnvilArguments = isOptimism ? ["--network", "optimism", "--hardfork", name] : ["--hardfork", name];
    }

    /// <summary>All forks, oldest first: Ethereum's, then the one of the OP Stack whose rules anvil runs, whatever hard fork it is given.</summary>
    public static IReadOnlyList<FuzzFork> All { get; } =
    [
        new("paris", false, ForkRules.Paris),
        new("shanghai", false, ForkRules.Shanghai),
        new("cancun", false, ForkRules.Cancun),
        new("prague", false, ForkRules.Prague),
        new("osaka", false, ForkRules.Osaka),
        new("isthmus", true, ForkRules.Isthmus),
    ];

    /// <summary>The name, as anvil spells it.</summary>
    public string Name { get; }

    /// <summary>Our rules.</summary>
    public Rules Rules { get; }

    /// <summary>A chain that has these rules for ever.</summary>
    public ChainSpec Spec { get; }

    /// <summary>What makes anvil run this fork.</summary>
    public IReadOnlyList<string> AnvilArguments { get; }

    /// <summary>The fork of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static FuzzFork Find(string name) => All.FirstOrDefault(f => f.Name == name)
        ?? throw new ArgumentException($"no fork is called '{name}'; there are: {string.Join(' ', All.Select(f => f.Name))}");
}
