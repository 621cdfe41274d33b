using Opal.Cli.Flags;
using Opal.Execution;
using Opal.JsonRpc;

namespace Opal.Cli.Geth;

/// <summary>Finds the chain a command is about: what <c>init</c> stored, or the genesis file that <c>--chain</c> names.</summary>
internal static class GenesisSource
{
    /// <summary>The genesis of the data directory; a file that <c>--chain</c> (<c>--op-network</c>) names is stored first, as op-reth does.</summary>
    /// <exception cref="GethException">There is none, or another than asked for.</exception>
    /// <exception cref="ConfigFileException">It is malformed.</exception>
    public static ChainGenesis Read(FlagValues values)
    {
        string directory = DataDirectory.Of(values);
        if (values.TextOrNull("op-network") is { } network)
        {
            if (!File.Exists(network))
            {
                throw new GethException($"the network '{network}' is not built in; get its genesis.json, run 'opal geth init --datadir={directory} genesis.json', and leave the flag out");
            }

            InitResult result = Initialize(directory, network);
            if (!result.IsAccepted) throw new GethException(result.Error!);
        }

        if (!ChainDatabase.TryReadGenesis(directory, out byte[]? json))
        {
            throw new GethException($"there is no chain in {directory}; run 'opal geth init --datadir={directory} genesis.json' first");
        }

        return GenesisFile.Parse(Path.Combine(ChainDatabase.DirectoryOf(directory), "genesis.json"), json);
    }

    /// <summary>Stores a genesis file in a data directory.</summary>
    /// <exception cref="GethException">The file cannot be read, or the directory cannot be used.</exception>
    /// <exception cref="ConfigFileException">It is malformed.</exception>
    public static InitResult Initialize(string directory, string file)
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GethException($"the genesis file {file} cannot be read: {error.Message}", error);
        }

        try
        {
            return ChainDatabase.Initialize(directory, json);
        }
        catch (ChainDatabaseException error)
        {
            throw new GethException(error.Message, error);
        }
    }
}
