using Opal.Execution;

namespace Opal.Devnet;

/// <summary>Where the chains of a devnet are kept in its data directory.</summary>
internal static class DevnetStorage
{
    private const string L1 = "l1", Blobs = "blobs", Batcher = "batcher";

    /// <summary>The roles that have a chain.</summary>
    public const string Sequencer = "sequencer", Verifier = "verifier";

    /// <summary>The options of a role's chain; null keeps it in memory.</summary>
    public static StorageOptions? Of(DevnetOptions options, string role) => options.Ephemeral ? null : new StorageOptions
    {
        Directory = ChainDatabase.DirectoryOf(Path.Combine(options.DataDirectory, role)),
        MinFreeDisk = 256L << 20,
        LayerBudget = 32L << 20,
    };

    /// <summary>The folder of a role's rollup node; null keeps nothing.</summary>
    public static string? NodeOf(DevnetOptions options, string role) => options.Ephemeral ? null : Path.Combine(options.DataDirectory, role, "node");

    /// <summary>The proposer's journal; null keeps it in memory.</summary>
    public static string? ProposalOf(DevnetOptions options) => options.Ephemeral ? null : Path.Combine(options.DataDirectory, "proposal.json");

    /// <summary>The folder of the batcher's journal; null keeps it in memory.</summary>
    public static string? JournalOf(DevnetOptions options) => options.Ephemeral ? null : Path.Combine(options.DataDirectory, Batcher);

    /// <summary>The embedded L1's chain.</summary>
    public static StorageOptions? OfL1(DevnetOptions options) => Of(options, L1);

    /// <summary>The directory of the blobs that the embedded L1's Beacon API serves; null keeps them in memory.</summary>
    public static string? BlobsOf(DevnetOptions options) => options.Ephemeral ? null : Path.Combine(options.DataDirectory, L1, Blobs);

    /// <summary>Removes the chains of a devnet whose deployment was never finished.</summary>
    public static void Clear(DevnetOptions options)
    {
        foreach (string role in (string[])[L1, Sequencer, Verifier, Batcher])
        {
            string directory = Path.Combine(options.DataDirectory, role);
            if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        }

        if (ProposalOf(options) is { } proposal) File.Delete(proposal);
    }
}
