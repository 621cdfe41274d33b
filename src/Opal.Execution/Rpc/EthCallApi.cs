using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The part of the <c>eth</c> namespace that runs transactions without including them.</summary>
public sealed class EthCallApi(Blockchain chain, BlockSelector blocks, CallSimulator simulator, ulong gasCap)
{
    private const int MaxAccessListRounds = 32;

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("eth_call", Call);
        registry.Register("eth_estimateGas", EstimateGas);
        registry.Register("eth_createAccessList", CreateAccessList);
    }

    private CallScene SceneOf(RpcParams parameters)
    {
        ChainState state = blocks.GetState(parameters.GetBlockOrLatest(1));
        Rules rules = chain.Spec.At(state.Block.Header);
        CallOverrides? overrides = null;
        if (parameters.Has(2) || parameters.Has(3))
        {
            int first = parameters.Has(2) ? 2 : 3;
            overrides = parameters.Get(first, _ => CallOverridesJson.Read(parameters.Has(2) ? parameters[2] : null, parameters.Has(3) ? parameters[3] : null, rules.Evm.Precompiles));
        }

        return new CallScene(state, rules, overrides);
    }

    private ulong Capped(ulong gas) => gasCap == 0 ? gas : Math.Min(gas, gasCap);

    private RpcResult Call(RpcParams parameters)
    {
        CallArguments arguments = parameters.Get(0, CallArguments.Read);
        CallScene scene = SceneOf(parameters);
        CallAttempt attempt = simulator.Run(scene, arguments, Capped(arguments.Gas ?? DefaultGas(scene)));
        if (attempt.IsRevert) return RpcResult.Fail(RevertReason.ToError(attempt.Output.Span));
        return attempt.Succeeded ? RpcResult.Data(attempt.Output.Span) : RpcResult.Fail(RpcErrorCode.ServerError, attempt.Error!);
    }

    /// <summary>Calls without a limit may use all the cap allows; without a cap, what fits the machine's counter.</summary>
    private ulong DefaultGas(CallScene scene) => gasCap != 0 ? gasCap : Math.Max(scene.GasLimit, long.MaxValue / 2);

    private RpcResult EstimateGas(RpcParams parameters)
    {
        CallArguments arguments = parameters.Get(0, CallArguments.Read);
        CallScene scene = SceneOf(parameters);
        (ulong gas, RpcError? error) = Estimate(scene, arguments);
        return error is null ? RpcResult.Quantity(gas) : RpcResult.Fail(error);
    }

    private (ulong Gas, RpcError? Error) Estimate(CallScene scene, CallArguments arguments)
    {
        ulong limit = arguments.Gas is { } given && given >= GasEstimator.TransferGas ? given : scene.GasLimit;
        limit = Math.Min(limit, scene.Rules.MaxTransactionGas);
        UInt256 feeCap = arguments.GasPrice ?? arguments.MaxFeePerGas ?? UInt256.Zero;
        if (!feeCap.IsZero)
        {
            if (!UInt256.TrySubtract(CallSimulator.BalanceOf(scene, arguments.From), arguments.Value, out UInt256 available)) return (0, new RpcError(RpcErrorCode.ServerError, "insufficient funds for transfer"));
            limit = Math.Min(limit, (available / feeCap).ToUInt64Saturated());
        }

        limit = Capped(limit);
        bool plain = arguments.Input.Length == 0 && arguments.AuthorizationList is null && arguments.AccessList is null or [] && arguments.To is { } to && !CallSimulator.HasCode(scene, to);
        return GasEstimator.Estimate(gas => simulator.Run(scene, arguments, gas), limit, plain);
    }

    /// <summary>Runs with the list found so far until running finds nothing new.</summary>
    private RpcResult CreateAccessList(RpcParams parameters)
    {
        CallArguments arguments = parameters.Get(0, CallArguments.Read);
        CallScene scene = SceneOf(parameters);
        ulong gas = Capped(arguments.Gas ?? DefaultGas(scene));
        HashSet<Address> excluded = [arguments.From, scene.Overrides?.Coinbase ?? scene.Header.Beneficiary];
        excluded.Add(arguments.To ?? ContractAddress.OfCreate(arguments.From, arguments.Nonce ?? CallSimulator.NonceOf(scene, arguments.From)));
        for (int round = 0; ; round++)
        {
            var tracer = new AccessListTracer(excluded, scene.Rules.Evm.Precompiles);
            tracer.Include(arguments.AccessList ?? []);
            AccessListItem[] before = tracer.ToAccessList();
            CallAttempt attempt = simulator.Run(scene, arguments with { AccessList = before }, gas, tracer);
            AccessListItem[] after = tracer.ToAccessList();
            if (attempt.Error is { } failed && attempt.PeakGas == 0) return RpcResult.Fail(RpcErrorCode.ServerError, failed);
            if (SizeOf(before) == SizeOf(after) || round >= MaxAccessListRounds) return Found(after, attempt);
            arguments = arguments with { AccessList = after };
        }
    }

    /// <summary>Lists only grow from round to round, so that equal sizes mean equal lists.</summary>
    private static int SizeOf(AccessListItem[] list) => list.Length + list.Sum(static item => item.StorageKeys.Length);

    private static RpcResult Found(AccessListItem[] list, CallAttempt attempt) => RpcResult.Json(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("accessList"u8);
        EthJson.WriteAccessList(json, list);
        if (attempt.Error is { } error) json.WriteString("error"u8, error);
        json.WriteQuantity("gasUsed"u8, attempt.GasUsed);
        json.WriteEndObject();
    });
}
