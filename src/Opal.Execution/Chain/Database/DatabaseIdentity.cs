using System.Globalization;
using System.Text.Json;
using Opal.Primitives;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>Which chain a directory holds, and in which layout: <c>database.json</c>.</summary>
/// <param name="Schema">The version of the layout.</param>
/// <param name="ChainId">The chain's id.</param>
/// <param name="Genesis">The hash of its first block.</param>
internal sealed record DatabaseIdentity(int Schema, ulong ChainId, Hash256 Genesis)
{
    /// <summary>The layout this program reads and writes.</summary>
    public const int CurrentSchema = 1;

    private const string FileName = "database.json";

    /// <summary>The identity of a directory; null when it holds no chain.</summary>
    /// <exception cref="ChainDatabaseException">The file is damaged.</exception>
    public static DatabaseIdentity? Read(string directory)
    {
        string path = Path.Combine(directory, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            return new DatabaseIdentity(
                json.RootElement.GetProperty("schema").GetInt32(), json.RootElement.GetProperty("chainId").GetUInt64(), Hash256.Parse(json.RootElement.GetProperty("genesis").GetString()));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new ChainDatabaseException($"{path} is damaged ({error.Message}); restore the data directory from a backup, or remove it with `opal geth removedb` and sync again", error);
        }
    }

    /// <summary>Writes the file, durable when it returns.</summary>
    public void Write(string directory)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{{\n \"schema\": {Schema},\n \"chainId\": {ChainId},\n \"genesis\": \"{Genesis}\"\n}}\n");
        DurableFile.Write(Path.Combine(directory, FileName), System.Text.Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Checks that a directory holds a chain, or nothing yet: then it is this chain's from now on.</summary>
    /// <exception cref="ChainDatabaseException">It holds another chain, or another layout.</exception>
    public static void Claim(string directory, ulong chainId, in Hash256 genesis)
    {
        if (Read(directory) is not { } stored)
        {
            new DatabaseIdentity(CurrentSchema, chainId, genesis).Write(directory);
            return;
        }

        stored.RequireCurrentSchema(directory);
        if (stored.Genesis == genesis && stored.ChainId == chainId) return;
        throw new ChainDatabaseException(
            $"the directory {directory} holds chain {stored.ChainId} with genesis {stored.Genesis}, not chain {chainId} with genesis {genesis}; choose another with --datadir, or remove it with `opal geth removedb`");
    }

    /// <exception cref="ChainDatabaseException">The layout is another one.</exception>
    public void RequireCurrentSchema(string directory)
    {
        if (Schema == CurrentSchema) return;
        throw new ChainDatabaseException(Schema > CurrentSchema
            ? $"the directory {directory} was written by a newer version of this program (layout {Schema}, this one knows {CurrentSchema}); use that version, or another directory"
            : $"the directory {directory} has the old layout {Schema}; remove it with `opal geth removedb` and sync again");
    }
}
