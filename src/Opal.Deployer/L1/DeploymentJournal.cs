using System.Text.Json;
using System.Text.Json.Serialization;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.L1;

/// <summary>
/// What a deployment has done so far, kept in a file so that it can be resumed. A transaction is written down before it is
/// broadcast: after a crash at any point its hash is known, and its receipt decides whether it counts.
/// </summary>
public sealed class DeploymentJournal
{
    private readonly string? _path;
    private readonly Document _document;

    private DeploymentJournal(string? path, Document document)
    {
        _path = path;
        _document = document;
    }

    /// <summary>Whether the journal was there before: the deployment is resumed.</summary>
    public bool IsResumed { get; private init; }

    /// <summary>The L1 block that the L2 chain starts from, once it is chosen.</summary>
    public L1BlockRef? StartBlock
    {
        get => _document.StartBlock is { } block ? new L1BlockRef(Hash256.Parse(block.Hash), block.Number, Hash256.Parse(block.ParentHash), block.Timestamp) : null;
        set => _document.StartBlock = value is { } block ? new StartBlockEntry(block.Hash.ToString(), block.Number, block.ParentHash.ToString(), block.Timestamp) : null;
    }

    /// <summary>Opens the journal at <paramref name="path"/>, or begins one; without a path it lives in memory.</summary>
    /// <exception cref="DeployerException">The file is damaged, or belongs to another deployment.</exception>
    public static DeploymentJournal Open(string? path, ulong chainId, Address deployer, string contracts)
    {
        if (path is null || !File.Exists(path))
        {
            return new DeploymentJournal(path, new Document { ChainId = chainId, Deployer = deployer.ToChecksumString(), Contracts = contracts });
        }

        Document? document;
        try
        {
            document = JsonSerializer.Deserialize(File.ReadAllBytes(path), JournalJson.Default.Document);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DeployerException($"cannot read the deployment journal {path}: {error.Message}", error);
        }

        if (document is null) throw new DeployerException($"the deployment journal {path} is empty");
        Compare("chain id", document.ChainId.ToString(), chainId.ToString());
        Compare("deployer", document.Deployer, deployer.ToChecksumString());
        Compare("contracts", document.Contracts, contracts);
        return new DeploymentJournal(path, document) { IsResumed = true };

        void Compare(string what, string then, string now)
        {
            if (then != now)
            {
                throw new DeployerException($"the deployment journal {path} belongs to another deployment ({what} {then}, now {now}); use another output folder, or remove it");
            }
        }
    }

    /// <summary>The entry of a step, or null.</summary>
    public JournalEntry? Find(string key) => _document.Steps.GetValueOrDefault(key);

    /// <summary>The entries of all steps.</summary>
    public IEnumerable<JournalEntry> Entries => _document.Steps.Values;

    /// <summary>The file; null when the journal lives in memory.</summary>
    public string? Path => _path;

    /// <summary>Gas of all steps that are in a block.</summary>
    public ulong TotalGasUsed => (ulong)_document.Steps.Values.Sum(entry => (long)entry.GasUsed);

    /// <summary>Writes down that a step is about to be sent; keeps the hashes of former attempts with the same content and nonce.</summary>
    public JournalEntry Plan(DeploymentStep step, Hash256 transactionHash)
    {
        string input = step.Input.ToString();
        if (_document.Steps.TryGetValue(step.Key, out JournalEntry? entry) && entry.Input == input && entry.Nonce == step.Nonce)
        {
            if (!entry.Hashes.Contains(transactionHash.ToString())) entry.Hashes.Add(transactionHash.ToString());
            return entry;
        }

        entry = new JournalEntry { Nonce = step.Nonce, Address = step.Creates?.ToChecksumString(), Input = input, Hashes = [transactionHash.ToString()] };
        _document.Steps[step.Key] = entry;
        return entry;
    }

    /// <summary>Brings the file up to date; whoever reads it sees either the old or the new whole.</summary>
    public void Save()
    {
        if (_path is null) return;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(_path))!);
        string part = _path + ".part";
        using (FileStream file = File.Create(part))
        {
            JsonSerializer.Serialize(file, _document, JournalJson.Default.Document);
            file.Flush(flushToDisk: true);
        }

        File.Move(part, _path, overwrite: true);
    }

    /// <summary>The file's content.</summary>
    internal sealed class Document
    {
        public int Format { get; set; } = 1;
        public ulong ChainId { get; set; }
        public string Deployer { get; set; } = "";
        public string Contracts { get; set; } = "";
        public StartBlockEntry? StartBlock { get; set; }
        public Dictionary<string, JournalEntry> Steps { get; set; } = new(StringComparer.Ordinal);
    }

    /// <summary>The start block's fields.</summary>
    internal sealed record StartBlockEntry(string Hash, ulong Number, string ParentHash, ulong Timestamp);
}

/// <summary>A step in the journal.</summary>
public sealed class JournalEntry
{
    /// <summary>The nonce it was sent with.</summary>
    public ulong Nonce { get; set; }

    /// <summary>The contract it creates.</summary>
    public string? Address { get; set; }

    /// <summary><see cref="DeploymentStep.Input"/>.</summary>
    public string Input { get; set; } = "";

    /// <summary>Hashes of the attempts (the same transaction at different fees); at most one of them is in a block.</summary>
    public List<string> Hashes { get; set; } = [];

    /// <summary>Whether it is in a block, and succeeded.</summary>
    public bool Done { get; set; }

    /// <summary>The block.</summary>
    public ulong BlockNumber { get; set; }

    /// <summary>Gas it used.</summary>
    public ulong GasUsed { get; set; }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DeploymentJournal.Document))]
internal sealed partial class JournalJson : JsonSerializerContext;
