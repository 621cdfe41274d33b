using Opal.Primitives;

namespace Opal.Cli.Batches;

/// <summary>What <c>opal batch decode</c> was asked for.</summary>
internal sealed record DecodeOptions
{
    /// <summary>Files, folders and archives; - is standard input. Empty when L1 is read.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>L1's JSON-RPC.</summary>
    public Uri? L1 { get; init; }

    /// <summary>L1's Beacon API.</summary>
    public Uri? Beacon { get; init; }

    /// <summary>The rollup's rollup.json.</summary>
    public string? RollupFile { get; init; }

    /// <summary>The name of a built-in network.</summary>
    public string? Network { get; init; }

    /// <summary>The batch inbox, where no rollup is given.</summary>
    public Address? Inbox { get; init; }

    /// <summary>The batcher's address; the rollup's where it is not given.</summary>
    public Address? Batcher { get; init; }

    /// <summary>The first L1 block.</summary>
    public ulong? From { get; init; }

    /// <summary>The last L1 block; L1's head where it is not given.</summary>
    public ulong? To { get; init; }

    /// <summary>Single L1 transactions in place of a range.</summary>
    public IReadOnlyList<Hash256> Transactions { get; init; } = [];

    /// <summary>Whether to print JSON.</summary>
    public bool Json { get; init; }

    /// <summary>How much the tables show.</summary>
    public ReportLevels Levels { get; init; } = new();
}

/// <summary>Which tables are printed.</summary>
/// <param name="Transactions">Transactions to the inbox.</param>
/// <param name="Frames">Frames.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Batches">Batches.</param>
/// <param name="Blocks">Every L2 block with the hashes of its transactions.</param>
/// <param name="Verbose">Whole hashes in place of their beginnings and ends.</param>
internal sealed record ReportLevels(bool Transactions = true, bool Frames = true, bool Channels = true, bool Batches = true, bool Blocks = false, bool Verbose = false);
