using System.Globalization;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Cli.EvmTool.Transition;

/// <summary>Applies transactions to a state, with the executor that the node uses.</summary>
internal static class TransitionRunner
{
    /// <summary>Makes the transition.</summary>
    /// <exception cref="TransitionException">There can be no such block, or a block hash that it needs is not given.</exception>
    public static TransitionResult Run(TransitionOptions options, TransitionInput input)
    {
        Rules rules = RulesOf(options, input.Env);
        TransitionEnv env = input.Env.Complete(rules, options.Fork);
        if (env.OmmerCount > 0 && !rules.BlockReward.IsZero) throw new TransitionException(TransitionException.Config, "rewards for ommers are not supported");
        bool hasBlobs = rules.BlobGas == BlobGasRule.Blobs && env.ExcessBlobGas is not null;
        if (rules.StoresParentHash && env.BlockHashes is null) rules = rules with { StoresParentHash = false }; // as geth: without hashes the history contract is not called
        var state = new TransitionState(OpenState(input.Accounts), env.BlockHashes);
        using var executor = new BlockExecutor(NativeCrypto.Instance, ChainSpec.Fixed(options.ChainId, rules));
        BlockBuilder builder = executor.BeginGiven(HeaderOf(env, rules), state, rules.Withdrawals == WithdrawalsRule.None ? null : env.Withdrawals);
        List<(int, string)> rejected = Offer(options, input.Transactions, builder, state, hasBlobs);
        BlockError error = builder.Seal(out BuiltBlock? built);
        if (error != BlockError.None) throw new TransitionException(TransitionException.Evm, $"failed to process post-execution: {Descriptions.Of(error)}");
        var after = new PostState(input.Accounts);
        after.Apply(built!.Diff);
        return new TransitionResult(env, built, rejected, after, hasBlobs, rules.Requests == RequestsRule.FromExecution);
    }

    private static Rules RulesOf(TransitionOptions options, TransitionEnv env)
    {
        if (!ToolForks.TrySpec(options.Fork, options.ChainId, _ => null, out ChainSpec? spec, out string refusal))
        {
            throw new TransitionException(TransitionException.Config, $"failed constructing chain configuration: {refusal}");
        }

        Rules rules = spec!.At(env.Number, env.Timestamp);
        return rules with { BlockReward = options.Reward > 0 ? new UInt256((ulong)options.Reward) : default };
    }

    private static IStateView OpenState(List<GenesisAccount> accounts)
    {
        try
        {
            return ToolAlloc.ToStore(accounts, out Hash256 root).Open(root)!;
        }
        catch (InputFormatException e)
        {
            throw new TransitionException(TransitionException.Json, $"alloc: {e.Message}", e);
        }
    }

    private static BlockHeader HeaderOf(TransitionEnv env, Rules rules) => new()
    {
        ParentHash = env.Number > 0 ? env.BlockHashes?.GetValueOrDefault(env.Number - 1) ?? Hash256.Zero : Hash256.Zero,
        Beneficiary = env.Coinbase,
        Difficulty = env.Difficulty ?? default,
        Number = env.Number,
        GasLimit = env.GasLimit,
        Timestamp = env.Timestamp,
        MixHash = Hash256.FromUInt256(env.Random ?? default),
        BaseFeePerGas = env.BaseFee,
        ExcessBlobGas = rules.BlobGas == BlobGasRule.Blobs ? env.ExcessBlobGas ?? 0 : null,
        ParentBeaconBlockRoot = env.ParentBeaconBlockRoot,
    };

    private static List<(int Index, string Reason)> Offer(
        TransitionOptions options, List<OfferedTransaction> offered, BlockBuilder builder, TransitionState state, bool hasBlobs)
    {
        var rejected = new List<(int, string)>();
        int traced = 0;
        for (int i = 0; i < offered.Count; i++)
        {
            if (offered[i].Transaction is not { } transaction)
            {
                rejected.Add((i, $"the transaction does not decode: {offered[i].Fault}"));
                continue;
            }

            if (transaction.Type == TransactionType.Blob && !hasBlobs)
            {
                rejected.Add((i, "blob tx used but field env.ExcessBlobGas missing"));
                continue;
            }

            AddResult result;
            TransactionVerdict verdict;
            if (options.Trace)
            {
                using StreamWriter file = OpenTrace(options.OutputBaseDir, traced++, transaction.Hash);
                builder.Tracer = new StepTracer(file, options.Steps);
                result = builder.TryAdd(transaction, out verdict);
                builder.Tracer = null;
            }
            else
            {
                result = builder.TryAdd(transaction, out verdict);
            }

            if (result == AddResult.NoGas) verdict = TransactionVerdict.BlockGasExceeded;
            if (result != AddResult.Included) rejected.Add((i, Descriptions.Of(verdict)));
            else if (state.Missing is { } number) throw new TransitionException(TransitionException.MissingBlockHash, MissingText(number, state));
        }

        return rejected;
    }

    private static string MissingText(ulong number, TransitionState state) => state.HasHashes
        ? $"getHash({number}) invoked, blockhash for that block not provided"
        : $"getHash({number}) invoked, no blockhashes provided";

    private static StreamWriter OpenTrace(string folder, int index, in Hash256 hash)
    {
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"trace-{index}-{hash}.jsonl"));
        try
        {
            return new StreamWriter(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TransitionException(TransitionException.Io, $"failed creating trace file {path}: {e.Message}", e);
        }
    }
}
