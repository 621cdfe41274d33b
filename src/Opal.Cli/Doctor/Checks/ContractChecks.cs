using System.Globalization;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>The rollup's contracts on L1 against rollup.json.</summary>
internal static class ContractChecks
{
    private const string OtherFile = "rollup.json is of another deployment, or was written by hand: take the one made with these contracts (--rollup.config)";

    public static IEnumerable<Check> All =>
    [
        new("contracts.system-config", "l1_system_config_address is a SystemConfig", CheckStatus.Failed, Rollup | L1, SystemConfigAsync),
        new("contracts.portal", "deposit_contract_address has code", CheckStatus.Failed, Rollup | L1, PortalAsync),
        new("contracts.portal-link", "the SystemConfig names the same portal", CheckStatus.Failed, Contracts, (x, stop) => SameAddressAsync(x, "optimismPortal()", x.Rollup.DepositContractAddress, "deposit_contract_address", stop)),
        new("contracts.batch-inbox", "the SystemConfig names the same batch inbox", CheckStatus.Failed, Contracts, (x, stop) => SameAddressAsync(x, "batchInbox()", x.Rollup.BatchInboxAddress, "batch_inbox_address", stop)),
        new("contracts.inbox-code", "the batch inbox has no code", CheckStatus.Warning, Rollup | L1, InboxCodeAsync),
        new("contracts.l2-chain-id", "the SystemConfig is this L2's", CheckStatus.Failed, Contracts, L2ChainIdAsync),
        new("contracts.start-block", "the SystemConfig is as old as the rollup", CheckStatus.Failed, Contracts, StartBlockAsync),
        new("contracts.batcher", "somebody may post batches", CheckStatus.Failed, Contracts, BatcherAsync),
        new("contracts.gas-limit", "the gas limit can be met", CheckStatus.Failed, Contracts, GasLimitAsync),
        new("contracts.fee-scalar", "the L1 fee's scalars can be read", CheckStatus.Failed, Contracts, FeeScalarAsync),
        new("contracts.eip1559", "the fee market's two parameters are both set, or neither", CheckStatus.Failed, Contracts, Eip1559Async),
        new("contracts.changes", "what the owner has changed since genesis (for information)", CheckStatus.Ok, Contracts, ChangesAsync),
        new("contracts.paused", "the portal is not paused", CheckStatus.Warning, Rollup | L1, PausedAsync),
        new("contracts.protocol-versions", "protocol_versions_address has code, where it is set", CheckStatus.Warning, Rollup | L1, ProtocolVersionsAsync),
    ];

    private static async Task<bool> HasCodeAsync(Examined x, Address address, CancellationToken cancellation) =>
        (await (await x.L1Async(cancellation)).GetCodeAsync(address, BlockParameter.Latest, cancellation)).Length > 0;

    private static async Task<CheckResult> SystemConfigAsync(Examined x, CancellationToken cancellation)
    {
        string address = x.Rollup.L1SystemConfigAddress.ToChecksumString();
        if (!await HasCodeAsync(x, x.Rollup.L1SystemConfigAddress, cancellation))
            return Failed($"there is no contract at {address}, l1_system_config_address",
                OtherFile);
        return (await x.SystemConfigAsync(cancellation))["batcherHash()"] is not null ? Ok(address)
            : Failed($"the contract at {address} is no SystemConfig: batcherHash() does not answer", OtherFile);
    }

    private static async Task<CheckResult> PortalAsync(Examined x, CancellationToken cancellation)
    {
        string address = x.Rollup.DepositContractAddress.ToChecksumString();
        return await HasCodeAsync(x, x.Rollup.DepositContractAddress, cancellation) ? Ok(address)
            : Failed($"there is no contract at {address}, deposit_contract_address: no deposit would be seen", OtherFile);
    }

    private static async Task<CheckResult> SameAddressAsync(Examined x, string getter, Address wanted, string field, CancellationToken cancellation)
    {
        if ((await x.SystemConfigAsync(cancellation))[getter] is not { } word) return NotChecked($"this SystemConfig has no {getter}");
        Address told = Address.FromUInt256(word);
        return told == wanted ? Ok(wanted.ToChecksumString())
            : Failed($"{getter} of the SystemConfig is {told.ToChecksumString()}, and {field} is {wanted.ToChecksumString()}", OtherFile);
    }

    private static async Task<CheckResult> InboxCodeAsync(Examined x, CancellationToken cancellation) => await HasCodeAsync(x, x.Rollup.BatchInboxAddress, cancellation)
        ? Warning($"there is a contract at the batch inbox {x.Rollup.BatchInboxAddress.ToChecksumString()}: batches pay for running it, and fail with it", "make sure that this is meant; the custom is an address without code, 0xff00… and the chain id")
        : Ok("no code there");

    private static async Task<CheckResult> L2ChainIdAsync(Examined x, CancellationToken cancellation)
    {
        if ((await x.SystemConfigAsync(cancellation))["l2ChainId()"] is not { } told) return NotChecked("this SystemConfig has no l2ChainId()");
        return told == x.Rollup.L2ChainId ? Ok($"chain {x.Rollup.L2ChainId}")
            : Failed($"the SystemConfig belongs to L2 chain {told.ToUInt64Saturated()}, and rollup.json is of chain {x.Rollup.L2ChainId}", OtherFile);
    }

    private static async Task<CheckResult> StartBlockAsync(Examined x, CancellationToken cancellation)
    {
        if ((await x.SystemConfigAsync(cancellation))["startBlock()"] is not { } word) return NotChecked("this SystemConfig has no startBlock()");
        ulong start = word.ToUInt64Saturated(), genesis = x.Rollup.GenesisL1.Number, head = (await x.L1HeadAsync(cancellation)).Number;
        if (start > head) return Failed($"startBlock() is {start}, and L1 is at {head}", OtherFile);
        return start <= genesis + x.Rollup.SequencingWindowSize ? Ok($"L1 block {start}; the rollup begins at {genesis}")
            : Warning($"the SystemConfig was set up at L1 block {start}, long after the rollup's first, {genesis}", "see that no older SystemConfig governed the chain before; rollup.json must name the one whose updates count");
    }

    private static async Task<CheckResult> BatcherAsync(Examined x, CancellationToken cancellation)
    {
        var batcher = Address.FromUInt256((await x.SystemConfigAsync(cancellation))["batcherHash()"]!.Value);
        return batcher.IsZero
            ? Failed("the SystemConfig's batcher is zero: no batch counts, and the safe head stands still", "the owner sets it with SystemConfig.setBatcherHash")
            : Ok(batcher.ToChecksumString());
    }

    private static async Task<CheckResult> GasLimitAsync(Examined x, CancellationToken cancellation)
    {
        Dictionary<string, UInt256?> now = await x.SystemConfigAsync(cancellation);
        if (now["gasLimit()"] is not { } word) return NotChecked("this SystemConfig has no gasLimit()");
        ulong limit = word.ToUInt64Saturated(), least = now["minimumGasLimit()"]?.ToUInt64Saturated() ?? L1BlockInfo.RegolithGasLimit;
        if (limit < least)
            return Failed($"the gas limit is {limit}, and deposits may need {least}: blocks with them could not be made",
                "the owner raises it with SystemConfig.setGasLimit");
        return limit <= 500_000_000 ? Ok(limit.ToString("N0", CultureInfo.InvariantCulture))
            : Warning($"the gas limit is {limit:N0}: every node must execute that in {x.Rollup.BlockTimeSeconds} s", "measure it on the slowest node ('opal bench'), or have the owner lower it with SystemConfig.setGasLimit");
    }

    private static async Task<CheckResult> FeeScalarAsync(Examined x, CancellationToken cancellation)
    {
        if ((await x.SystemConfigAsync(cancellation))["scalar()"] is not { } scalar) return NotChecked("this SystemConfig has no scalar()");
        if (!x.Rollup.Forks.IsActive(OptimismFork.Ecotone, x.Now)) return Ok("before Ecotone any will do");
        if (!EcotoneScalar.TryDecode(scalar, out EcotoneScalar scalars))
            return Failed($"scalar() is {scalar.ToQuantity()}, which is no encoding of Ecotone's: the update is passed over, and fees stay as before",
                "the owner sets it with SystemConfig.setGasConfigEcotone");
        return scalars is { BaseFeeScalar: 0, BlobBaseFeeScalar: 0 } && !x.IsDevnet
            ? Warning("both scalars are 0: users pay nothing for L1 data, and the batcher does", "the owner sets them with SystemConfig.setGasConfigEcotone")
            : Ok($"base fee {scalars.BaseFeeScalar}, blob base fee {scalars.BlobBaseFeeScalar} millionths");
    }

    private static async Task<CheckResult> Eip1559Async(Examined x, CancellationToken cancellation)
    {
        Dictionary<string, UInt256?> now = await x.SystemConfigAsync(cancellation);
        if (now["eip1559Denominator()"] is not { } denominator || now["eip1559Elasticity()"] is not { } elasticity) return NotChecked("this SystemConfig is older than Holocene");
        if (denominator.IsZero != elasticity.IsZero)
            return Failed($"denominator is {denominator.ToUInt64Saturated()} and elasticity {elasticity.ToUInt64Saturated()}: an update with one of them 0 is passed over",
                "the owner sets both with SystemConfig.setEIP1559Params");
        return Ok(denominator.IsZero ? "not set: those of the genesis hold" : $"denominator {denominator.ToUInt64Saturated()}, elasticity {elasticity.ToUInt64Saturated()}");
    }

    private static async Task<CheckResult> ChangesAsync(Examined x, CancellationToken cancellation)
    {
        Dictionary<string, UInt256?> now = await x.SystemConfigAsync(cancellation);
        SystemConfig then = x.Rollup.GenesisSystemConfig;
        var changes = new List<string>();
        Compare("batcherHash()", "batcher", then.BatcherAddress.ToUInt256(), word => Address.FromUInt256(word).ToChecksumString());
        Compare("gasLimit()", "gas limit", then.GasLimit);
        Compare("scalar()", "fee scalar", then.Scalar, static word => word.ToQuantity());
        Compare("eip1559Denominator()", "EIP-1559 denominator", then.Eip1559Denominator);
        Compare("eip1559Elasticity()", "EIP-1559 elasticity", then.Eip1559Elasticity);
        Compare("operatorFeeScalar()", "operator fee scalar", then.OperatorFeeScalar);
        Compare("operatorFeeConstant()", "operator fee constant", then.OperatorFeeConstant);
        Compare("minBaseFee()", "least base fee", then.MinBaseFee);
        Compare("daFootprintGasScalar()", "DA footprint scalar", then.DAFootprintGasScalar);
        return Ok(changes.Count == 0 ? "nothing was changed" : string.Join(", ", changes));

        void Compare(string getter, string name, UInt256 before, Func<UInt256, string>? text = null)
        {
            text ??= static word => word.ToUInt64Saturated().ToString(CultureInfo.InvariantCulture);
            if (now[getter] is { } value && value != before) changes.Add($"{name} {text(before)} → {text(value)}");
        }
    }

    private static async Task<CheckResult> PausedAsync(Examined x, CancellationToken cancellation)
    {
        if ((await x.PortalAsync(cancellation))["paused()"] is not { } paused) return NotChecked("this portal has no paused()");
        return paused.IsZero ? Ok("the portal is open")
            : Warning("the portal is paused: withdrawals cannot be proven or finalized", "only the guardian can end that; deposits and the chain itself go on");
    }

    private static async Task<CheckResult> ProtocolVersionsAsync(Examined x, CancellationToken cancellation)
    {
        if (x.Rollup.ProtocolVersionsAddress.IsZero) return NotChecked("rollup.json has none");
        return await HasCodeAsync(x, x.Rollup.ProtocolVersionsAddress, cancellation) ? Ok(x.Rollup.ProtocolVersionsAddress.ToChecksumString())
            : Warning($"there is no contract at {x.Rollup.ProtocolVersionsAddress.ToChecksumString()}, protocol_versions_address", "correct it or leave it out of rollup.json: it only tells of recommended releases");
    }
}
