using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool.Transition;

/// <summary>The environment of a block, with the names of geth's env.json; null where it is not given.</summary>
internal sealed record TransitionEnv
{
    public required Address Coinbase { get; init; }
    public required ulong GasLimit { get; init; }
    public required ulong Number { get; init; }
    public required ulong Timestamp { get; init; }
    public UInt256? Difficulty { get; init; }
    public UInt256? Random { get; init; }
    public UInt256? BaseFee { get; init; }
    public ulong? ExcessBlobGas { get; init; }
    public UInt256? ParentDifficulty { get; init; }
    public UInt256? ParentBaseFee { get; init; }
    public ulong ParentGasUsed { get; init; }
    public ulong ParentGasLimit { get; init; }
    public ulong ParentTimestamp { get; init; }
    public ulong? ParentExcessBlobGas { get; init; }
    public ulong? ParentBlobGasUsed { get; init; }
    public Hash256 ParentUncleHash { get; init; }
    public Hash256? ParentBeaconBlockRoot { get; init; }
    public Dictionary<ulong, Hash256>? BlockHashes { get; init; }
    public Withdrawal[]? Withdrawals { get; init; }
    public int OmmerCount { get; init; }

    /// <summary>Reads the object.</summary>
    /// <exception cref="InputFormatException">A field is missing or malformed.</exception>
    public static TransitionEnv Read(JsonElement env) => new()
    {
        Coinbase = env.Member("currentCoinbase").Address(),
        GasLimit = env.Member("currentGasLimit").ULong(),
        Number = env.Member("currentNumber").ULong(),
        Timestamp = env.Member("currentTimestamp").ULong(),
        Difficulty = env.OptionalWord("currentDifficulty"),
        Random = env.OptionalWord("currentRandom"),
        BaseFee = env.OptionalWord("currentBaseFee"),
        ExcessBlobGas = env.OptionalULong("currentExcessBlobGas"),
        ParentDifficulty = env.OptionalWord("parentDifficulty"),
        ParentBaseFee = env.OptionalWord("parentBaseFee"),
        ParentGasUsed = env.OptionalULong("parentGasUsed") ?? 0,
        ParentGasLimit = env.OptionalULong("parentGasLimit") ?? 0,
        ParentTimestamp = env.OptionalULong("parentTimestamp") ?? 0,
        ParentExcessBlobGas = env.OptionalULong("parentExcessBlobGas"),
        ParentBlobGasUsed = env.OptionalULong("parentBlobGasUsed"),
        ParentUncleHash = env.OptionalHash("parentUncleHash") ?? Hash256.Zero,
        ParentBeaconBlockRoot = env.OptionalHash("parentBeaconBlockRoot"),
        BlockHashes = env.TryMember("blockHashes", out JsonElement hashes) ? ReadHashes(hashes) : null,
        Withdrawals = env.TryMember("withdrawals", out JsonElement list) ? [.. list.EnumerateArray().Select(ReadWithdrawal)] : null,
        OmmerCount = env.TryMember("ommers", out JsonElement ommers) ? ommers.GetArrayLength() : 0,
    };

    private static Dictionary<ulong, Hash256> ReadHashes(JsonElement hashes)
    {
        var read = new Dictionary<ulong, Hash256>();
        foreach (JsonProperty entry in hashes.EnumerateObject())
        {
            UInt256 number = ToolJson.ToWord(entry.Name);
            if (!number.IsUInt64) throw new InputFormatException($"\"{entry.Name}\" is no block number");
            read[number.U0] = entry.Value.Hash();
        }

        return read;
    }

    private static Withdrawal ReadWithdrawal(JsonElement item) =>
        new(item.Member("index").ULong(), item.Member("validatorIndex").ULong(), item.Member("address").Address(), item.Member("amount").ULong());

    /// <summary>The environment with everything set that the fork needs, computed from the parent's fields where they are given.</summary>
    /// <param name="rules">The block's rules.</param>
    /// <param name="fork">The fork's name, for the difficulty bomb of London.</param>
    /// <exception cref="TransitionException">A field that the fork needs is missing, or one is given that it does not have.</exception>
    public TransitionEnv Complete(Rules rules, string fork)
    {
        TransitionEnv env = this;
        if (env.BaseFee is null)
        {
            if (ParentBaseFee is not { } parentFee || Number == 0) throw Missing("EIP-1559 config but missing 'parentBaseFee' in env section");
            env = env with { BaseFee = Protocol.BaseFee.Next(parentFee, ParentGasLimit, ParentGasUsed, rules.Elasticity, rules.BaseFeeDenominator) };
        }

        if (rules.Withdrawals != WithdrawalsRule.None && Withdrawals is null) throw Missing("Shanghai config but missing 'withdrawals' in env section");
        if (rules.IsProofOfWork) env = env with { Difficulty = Difficulty ?? ComputeDifficulty(fork), Random = null };
        else if (Random is null) throw Missing("post-merge requires currentRandom to be defined in env");
        else if (Difficulty is { IsZero: false }) throw Missing("post-merge difficulty must be zero (or omitted) in env");
        else env = env with { Difficulty = null };
        if (!rules.HasBeaconRoot) env = env with { ParentBeaconBlockRoot = null };
        else if (ParentBeaconBlockRoot is null) throw Missing("post-cancun env requires parentBeaconBlockRoot to be set");
        if (rules.BlobGas == BlobGasRule.Blobs && ExcessBlobGas is null && ParentExcessBlobGas is not null && ParentBlobGasUsed is not null)
        {
            var parent = new BlockHeader { ExcessBlobGas = ParentExcessBlobGas, BlobGasUsed = ParentBlobGasUsed, BaseFeePerGas = ParentBaseFee ?? default };
            env = env with { ExcessBlobGas = BlobGas.NextExcess(parent, rules.Blobs, rules.HasBlobReservePrice) };
        }

        return env;
    }

    private UInt256 ComputeDifficulty(string fork)
    {
        if (ParentDifficulty is not { } parent) throw Missing("currentDifficulty was not provided, and cannot be calculated due to missing parentDifficulty");
        if (Number == 0) throw Missing("currentDifficulty needs to be provided for block number 0");
        if (Timestamp <= ParentTimestamp)
        {
            throw Missing($"currentDifficulty cannot be calculated -- currentTime ({Timestamp}) needs to be after parent time ({ParentTimestamp})");
        }

        bool parentHasUncles = ParentUncleHash != Hash256.Zero && ParentUncleHash != Hash256.EmptyList;
        return DifficultyRule.Next(fork, Number, Timestamp - ParentTimestamp, parent, parentHasUncles);
    }

    private static TransitionException Missing(string what) => new(TransitionException.Config, what);
}
