using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>A short chain to execute: a genesis as the peer made it, and the inputs of every block after it.</summary>
/// <param name="Fork">The rules.</param>
/// <param name="Genesis">The genesis header; its state root is not read. Blocks build on the headers given here, so that their hashes are what BLOCKHASH sees.</param>
/// <param name="Accounts">The genesis state.</param>
/// <param name="Blocks">The blocks.</param>
internal sealed record ChainScript(FuzzFork Fork, BlockHeader Genesis, IReadOnlyList<GenesisAccount> Accounts, IReadOnlyList<ScriptBlock> Blocks);

/// <summary>The inputs of a block: a header whose outcome is not read, and the transactions offered, in order.</summary>
internal sealed record ScriptBlock(BlockHeader Header, IReadOnlyList<Transaction> Transactions);

/// <summary>What became of a block.</summary>
/// <param name="Header">The header with its outcome; the state root in it is not compared, for anvil's is of another kind.</param>
/// <param name="Transactions">One for each transaction offered.</param>
/// <param name="StateRoot">The root of the state after the block; null where it was not asked for.</param>
internal sealed record BlockOutcome(BlockHeader Header, IReadOnlyList<TxOutcome> Transactions, Hash256? StateRoot = null);

/// <summary>What became of a transaction. Where it is not in the block only <see cref="Refusal"/> is set.</summary>
internal sealed record TxOutcome
{
    /// <summary>Why it is not in the block; null when it is.</summary>
    public string? Refusal { get; init; }

    public bool Succeeded { get; init; }

    public ulong GasUsed { get; init; }

    public Address? Created { get; init; }

    public IReadOnlyList<LogEntry> Logs { get; init; } = [];

    /// <summary>Return data, revert data or the deployed code; null where it was not asked for.</summary>
    public byte[]? Output { get; init; }

    /// <summary>Why execution ended, in our words; for people, not compared.</summary>
    public string Note { get; init; } = "";
}
