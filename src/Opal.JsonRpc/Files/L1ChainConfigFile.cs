using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>The chain configuration of an L1, as a rollup node needs it for the blob schedule: a genesis.json, or its <c>config</c> section alone.</summary>
public static class L1ChainConfigFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigFileException">The file is missing or malformed, or schedules an upgrade that is not supported.</exception>
    public static ChainSpec Read(string path) =>
        JsonConfigFile.Read(path, "L1 chain configuration", static value => ChainConfigJson.Read(value.TryGet("config", out JsonValue config) ? config : value));
}
