using System.IO.Compression;
using System.Text.Json;
using Opal.Cli.Flags;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Geth;

/// <summary>Finds the chain a command is about: what <c>init</c> stored, checked against the network that <c>--op-network</c> names; or the genesis file that <c>--chain</c> names.</summary>
internal static class GenesisSource
{
    /// <summary>The genesis of the data directory; a file that <c>--chain</c> (<c>--op-network</c>) names is stored first, as op-reth does. A well-known network has its own schedule.</summary>
    /// <exception cref="GethException">There is none, or another than asked for.</exception>
    /// <exception cref="FlagException">The network is not known.</exception>
    /// <exception cref="ConfigFileException">The genesis is malformed.</exception>
    public static ChainGenesis Read(FlagValues values)
    {
        string directory = DataDirectory.Of(values);
        Network? network = NetworkOf(values, out string? file);
        if (file is not null)
        {
            InitResult result = Initialize(values, file, null);
            if (!result.IsAccepted) throw new GethException(result.Error!);
        }

        if (!ChainDatabase.TryReadGenesis(directory, out byte[]? json))
        {
            throw new GethException(network is null ? $"there is no chain in {directory}; run 'opal geth init --datadir={directory} genesis.json' first" : GenesisNeeded(network, directory));
        }

        ChainGenesis genesis = GenesisFile.Parse(Path.Combine(ChainDatabase.DirectoryOf(directory), "genesis.json"), json);
        if (network is null && !Networks.HasChain(genesis.Spec.ChainId)) return genesis;
        Hash256 hash = genesis.Genesis.MakeHeader(genesis.Spec).Hash;
        if (network is null && !Networks.TryFind(genesis.Spec.ChainId, hash, out network)) return genesis;
        if (Mismatch(network!, genesis.Spec.ChainId, hash) is { } mismatch) throw new GethException($"{directory} holds another chain: {mismatch}; choose another --datadir or --op-network");
        if (!values.Bool("rollup.superchain-upgrades")) return genesis;
        ChainGenesis scheduled = genesis with { Spec = network!.Spec };
        if (!TakesSchedule(values, genesis.Spec, network)) return scheduled;
        InitResult updated = Store(directory, Written(scheduled)); // refuses what the chain has passed by already
        return updated.IsAccepted ? scheduled : throw new GethException($"{network.Title}: {updated.Error}; or start with --rollup.superchain-upgrades=false");
    }

    /// <summary>Whether the network's schedule is wanted and differs from the one there is.</summary>
    private static bool TakesSchedule(FlagValues values, ChainSpec spec, Network network)
    {
        if (!values.Bool("rollup.superchain-upgrades")) return false;
        OptimismForkTimes own = network.Rollup.Forks; // genesis files do not state Delta, which execution has no use for
        return spec.FeeMarket != network.Rollup.FeeMarket || spec.Optimism is not { } forks || forks with { Delta = null } != own with { Delta = null };
    }

    /// <summary>The network that <c>--op-network</c> names; null where it names none, or a file.</summary>
    /// <param name="values">The flags.</param>
    /// <param name="file">The genesis file it names; null for none.</param>
    /// <exception cref="FlagException">It names neither a network nor a file.</exception>
    public static Network? NetworkOf(FlagValues values, out string? file)
    {
        file = null;
        if (values.TextOrNull("op-network") is not { } name) return null;
        if (Networks.TryFind(name, out Network? network)) return network;
        if (File.Exists(name))
        {
            file = name;
            return null;
        }

        string? nearest = UsageErrors.Nearest(name, Networks.All.SelectMany(known => new[] { known.Name, known.RegistryName }));
        throw new FlagException($"--op-network: '{name}' is neither a built-in network nor a genesis file{(nearest is null ? "" : $"; did you mean '{nearest}'?")} ('opal geth networks' lists them)");
    }

    /// <summary>What to do where a network's genesis state is needed and is not there.</summary>
    public static string GenesisNeeded(Network network, string directory) => network.BeginsWithMigration
        ? $"{network.Title} begins with block {network.Genesis.Number}, whose state was migrated from the chain before Bedrock: no genesis file describes it, and importing a migrated database is not built; "
            + "follow that network with another client, or choose another network"
        : $"there is no chain in {directory}, and the genesis state of {network.Title} is not part of this program: get its genesis.json from the network's documentation or from the superchain registry "
            + $"(superchain/extra/genesis/{network.RegistryName}.json.zst, unpacked), and run 'opal geth init --datadir={directory} --op-network={network.Name} genesis.json'; its hash is checked";

    /// <summary>Stores a genesis file, plain or gzipped, in the data directory; that of a well-known network with the network's schedule.</summary>
    /// <param name="values">The flags.</param>
    /// <param name="file">The file.</param>
    /// <param name="network">The network it must be the genesis of; null takes any.</param>
    /// <exception cref="GethException">The file cannot be read, is another network's, or the directory cannot be used.</exception>
    /// <exception cref="ConfigFileException">It is malformed.</exception>
    public static InitResult Initialize(FlagValues values, string file, Network? network)
    {
        byte[] json = ReadFile(file);
        ChainGenesis given = GenesisFile.Parse(file, json, network?.Spec);
        RequireState(file, given.Genesis);
        if (network is not null || Networks.HasChain(given.Spec.ChainId))
        {
            Hash256 hash = given.Genesis.MakeHeader(given.Spec).Hash;
            if (network is not null && Mismatch(network, given.Spec.ChainId, hash) is { } mismatch) throw new GethException($"{file} is another chain's genesis: {mismatch}");
            if (network is not null || Networks.TryFind(given.Spec.ChainId, hash, out network))
            {
                bool takes = TakesSchedule(values, given.Spec, network!);
                if (takes || !HasSchedule(json)) json = Written(takes ? given with { Spec = network!.Spec } : given);
            }
        }

        return Store(DataDirectory.Of(values), json);
    }

    private static InitResult Store(string directory, byte[] json)
    {
        try
        {
            return ChainDatabase.Initialize(directory, json);
        }
        catch (ChainDatabaseException error)
        {
            throw new GethException(error.Message, error);
        }
    }

    private static string? Mismatch(Network network, ulong chainId, in Hash256 hash) =>
        chainId == network.Rollup.L2ChainId && hash == network.Genesis.Hash ? null
            : $"chain {chainId} with genesis {hash}, and {network.Title} is chain {network.Rollup.L2ChainId} with genesis {network.Genesis.Hash}";

    /// <summary>A state root alone, without the accounts, is no state to begin with; with them, it must be theirs.</summary>
    private static void RequireState(string file, Genesis genesis)
    {
        if (genesis.StateRoot is not { } stated) return;
        if (genesis.Accounts.Count == 0)
        {
            throw new GethException($"{file} states the root of the genesis state ({stated}) and has no accounts: a chain that was migrated from before Bedrock cannot be begun here; give a genesis with its 'alloc'");
        }

        Hash256 actual = (genesis with { StateRoot = null }).ComputeRoots().StateRoot;
        if (actual != stated) throw new GethException($"{file}: the accounts of 'alloc' have the state root {actual}, and 'stateHash' is {stated}");
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(file);
            if (bytes is not [0x1f, 0x8b, ..]) return bytes;
            using var unpacked = new MemoryStream();
            using (var packed = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)) packed.CopyTo(unpacked);
            return unpacked.ToArray();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new GethException($"the genesis file {file} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Whether the file says when upgrades activate; the registry's files leave it out.</summary>
    private static bool HasSchedule(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        while (reader.Read())
        {
            if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.ValueTextEquals("config"u8)) return reader.Read() && reader.TokenType != JsonTokenType.Null;
            reader.Skip();
        }

        return false;
    }

    private static byte[] Written(ChainGenesis chain)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) GenesisFile.Write(writer, chain);
        return stream.ToArray();
    }
}
