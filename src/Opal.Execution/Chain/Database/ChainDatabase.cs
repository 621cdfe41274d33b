using System.Diagnostics.CodeAnalysis;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>The data directory of an execution client, while no client has it open: what <c>init</c>, <c>removedb</c> and <c>db</c> do.</summary>
/// <remarks>Everything is in <c>DATADIR/geth</c>: <c>genesis.json</c>, <c>database.json</c> (which chain, which layout), <c>state</c>, <c>journal</c>, <c>blocks</c>, <c>history</c>, <c>index</c>, and the lock.</remarks>
public static partial class ChainDatabase
{
    private const string GenesisName = "genesis.json";

    /// <summary>The client's own directory in a data directory: <c>DATADIR/geth</c>.</summary>
    public static string DirectoryOf(string dataDirectory) => Path.Combine(dataDirectory, "geth");

    /// <summary>Gives a directory its chain, as <c>geth init</c> does. Again with the same genesis block, it takes over the new schedule of upgrades that are still ahead.</summary>
    /// <param name="dataDirectory">DATADIR; created when absent.</param>
    /// <param name="genesisJson">genesis.json in geth's form; it is kept as it is.</param>
    /// <exception cref="ConfigFileException">The JSON is malformed, or schedules an upgrade that is not supported.</exception>
    /// <exception cref="ChainDatabaseException">The directory is in use or cannot be written.</exception>
    public static InitResult Initialize(string dataDirectory, ReadOnlyMemory<byte> genesisJson)
    {
        ChainGenesis given = GenesisFile.Parse(GenesisName, genesisJson);
        BlockHeader header = given.Genesis.MakeHeader(given.Spec);
        string directory = DirectoryOf(dataDirectory);
        using DirectoryLock held = DirectoryLock.Take(directory);
        string path = Path.Combine(directory, GenesisName);
        if (DatabaseIdentity.Read(directory) is not { } identity)
        {
            DurableFile.Write(path, genesisJson.Span);
            new DatabaseIdentity(DatabaseIdentity.CurrentSchema, given.Spec.ChainId, header.Hash).Write(directory);
            return new InitResult(InitStatus.Created, header.Hash, header.Number);
        }

        identity.RequireCurrentSchema(directory);
        if (identity.Genesis != header.Hash || identity.ChainId != given.Spec.ChainId)
        {
            return new InitResult(InitStatus.DiffersFrom, header.Hash, header.Number, identity.Genesis,
                $"the directory {directory} holds chain {identity.ChainId} with genesis {identity.Genesis}, not chain {given.Spec.ChainId} with genesis {header.Hash}; choose another --datadir, or remove the chain with `opal geth removedb`");
        }

        if (!File.Exists(path))
        {
            DurableFile.Write(path, genesisJson.Span);
            return new InitResult(InitStatus.AlreadyThere, header.Hash, header.Number, identity.Genesis);
        }

        byte[] storedJson = File.ReadAllBytes(path);
        ChainGenesis stored = GenesisFile.Parse(path, storedJson);
        (ulong number, ulong time) = HeadOf(directory, header);
        List<ForkChanges.Change> changes = ForkChanges.Between(stored.Spec, given.Spec, number, time);
        foreach (ForkChanges.Change change in changes)
        {
            if (!change.IsPassed) continue;
            return new InitResult(InitStatus.ForkPassed, header.Hash, header.Number, identity.Genesis,
                $"{change.Name} cannot move from {Describe(change.Stored)} to {Describe(change.Given)}: the chain is at block {number}, time {time}; give a genesis with the stored time, or rewind the chain below it first");
        }

        if (storedJson.AsSpan().SequenceEqual(genesisJson.Span)) return new InitResult(InitStatus.AlreadyThere, header.Hash, header.Number, identity.Genesis);
        DurableFile.Write(path, genesisJson.Span);
        return new InitResult(changes.Count == 0 ? InitStatus.AlreadyThere : InitStatus.Updated, header.Hash, header.Number, identity.Genesis);
    }

    private static string Describe(ulong? time) => time is { } known ? $"{known}" : "never";

    /// <summary>The genesis.json that <see cref="Initialize"/> kept; false when the directory was never initialised.</summary>
    public static bool TryReadGenesis(string dataDirectory, [NotNullWhen(true)] out byte[]? json)
    {
        string path = Path.Combine(DirectoryOf(dataDirectory), GenesisName);
        json = File.Exists(path) ? File.ReadAllBytes(path) : null;
        return json is not null;
    }

    /// <summary>Removes the chain from a data directory; false when there was none.</summary>
    /// <exception cref="ChainDatabaseException">The directory is in use or cannot be written.</exception>
    public static bool Remove(string dataDirectory)
    {
        string directory = DirectoryOf(dataDirectory);
        if (!Directory.Exists(directory)) return false;
        using (DirectoryLock.Take(directory))
        {
            try
            {
                foreach (string part in Directory.EnumerateDirectories(directory)) Directory.Delete(part, recursive: true);
                foreach (string file in Directory.EnumerateFiles(directory)) File.Delete(file);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new ChainDatabaseException($"the directory {directory} cannot be removed: {error.Message}; remove it by hand", error);
            }
        }

        if (!Directory.EnumerateFileSystemEntries(directory).Any()) Directory.Delete(directory);
        return true;
    }
}
