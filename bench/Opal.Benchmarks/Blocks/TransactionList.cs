using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Transactions in order, cut into blocks, and what must come of them.</summary>
internal sealed class TransactionList
{
    public const int BlockCount = 10;

    public static readonly string[] Names = ["transfers_fresh", "transfers_existing", "erc20", "swaps", "storage", "mixed"];

    public required string Name { get; init; }

    /// <summary>The raw transactions of each block.</summary>
    public required byte[][][] Blocks { get; init; }

    /// <summary>Gas used by each block.</summary>
    public required ulong[] GasUsed { get; init; }

    /// <summary>The state root after each block without fillers.</summary>
    public required Hash256[] Roots { get; init; }

    /// <summary>The state root after the last block, by number of fillers.</summary>
    public required IReadOnlyDictionary<int, Hash256> LastRoots { get; init; }

    public int TransactionCount => Blocks.Sum(block => block.Length);

    /// <summary>Reads blocks/txs/NAME.txt, checked against the digest in expect.json.</summary>
    /// <exception cref="InvalidDataException">The file is not the one that the expectations are for.</exception>
    public static TransactionList Load(string folder, string name, JsonElement expect)
    {
        byte[][] raw = File.ReadLines(Path.Combine(folder, "blocks", "txs", name + ".txt")).Where(line => line.Length > 0).Select(line => Hex.Decode(line.AsSpan().Trim())).ToArray();
        JsonElement list = expect.GetProperty("lists").GetProperty(name);
        if (Keccak256.Hash(raw.SelectMany(t => t).ToArray()).ToString() != list.GetProperty("keccakOfConcatenation").GetString())
        {
            throw new InvalidDataException($"{name}.txt is not the list that expect.json speaks of");
        }

        JsonElement[] blocks = list.GetProperty("perBlock").EnumerateArray().ToArray();
        return new TransactionList
        {
            Name = name,
            Blocks = raw.Chunk(list.GetProperty("txsPerBlock").GetInt32()).ToArray(),
            GasUsed = blocks.Select(b => b.GetProperty("gasUsed").GetUInt64()).ToArray(),
            Roots = blocks.Select(b => Hash256.Parse(b.GetProperty("stateRoot").GetString())).ToArray(),
            LastRoots = BenchGenesis.RootsByFillers(list.GetProperty("lastRootByFillers")),
        };
    }

    /// <summary>What is wrong with a block's outcome; null when nothing is, as far as it is known.</summary>
    /// <param name="fillers">The number of filler accounts in the state.</param>
    /// <param name="block">The block's index from 0.</param>
    /// <param name="gasUsed">The gas it used.</param>
    /// <param name="root">The state root after it; null when there is none.</param>
    public string? Check(int fillers, int block, ulong gasUsed, Hash256? root)
    {
        if (gasUsed != GasUsed[block]) return $"block {block + 1}: gas {gasUsed}, expected {GasUsed[block]}";
        Hash256? expected = fillers == 0 ? Roots[block] : block == Blocks.Length - 1 && LastRoots.TryGetValue(fillers, out Hash256 last) ? last : null;
        return root is not null && expected is not null && root != expected ? $"block {block + 1}: state root {root}, expected {expected}" : null;
    }

    /// <summary>Decodes a block's transactions.</summary>
    public Transaction[] Decode(int block) => Blocks[block].Select(raw =>
        Transaction.TryDecode(raw, out Transaction? transaction, out TransactionError error) ? transaction! : throw new InvalidDataException($"{Name}: a transaction does not decode: {error}")).ToArray();
}
