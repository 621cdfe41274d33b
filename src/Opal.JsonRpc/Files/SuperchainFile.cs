using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>Chain configurations of the superchain registry as JSON: an object of chains by name (<c>mainnet/op</c>).</summary>
public static class SuperchainFile
{
    private const string What = "superchain registry file";

    /// <summary>Reads all chains of a file; those that need what is not supported (alternative DA, interop) are left out.</summary>
    /// <exception cref="ConfigFileException">The file is missing or malformed.</exception>
    public static IReadOnlyDictionary<string, RollupConfig> Read(string path) => JsonConfigFile.Read(path, What, ReadAll);

    /// <summary>Reads text that came from <paramref name="name"/>.</summary>
    /// <exception cref="ConfigFileException">The text is malformed.</exception>
    public static IReadOnlyDictionary<string, RollupConfig> Parse(string name, ReadOnlyMemory<byte> utf8) => JsonConfigFile.Parse(name, What, utf8, ReadAll);

    private static Dictionary<string, RollupConfig> ReadAll(JsonValue value)
    {
        if (value.Element.ValueKind != JsonValueKind.Object) throw value.Fault("expected an object of chains by name");
        var chains = new Dictionary<string, RollupConfig>(StringComparer.Ordinal);
        foreach (JsonProperty property in value.Element.EnumerateObject())
        {
            string network = property.Name.Split('/')[0];
            var chain = new JsonValue(property.Value, property.Name);
            if (TryReadChain(chain, network, out RollupConfig? config)) chains.Add(property.Name, config!);
        }

        return chains;
    }

    private static ulong? L1ChainOf(string network) => network switch
    {
        "mainnet" => 1,
        _ when network.StartsWith("sepolia", StringComparison.Ordinal) => 11_155_111,
        _ => null,
    };

    private static bool TryReadChain(JsonValue chain, string network, out RollupConfig? config)
    {
        config = null;
        bool usesAlternativeDA = chain.TryGet("alt_da", out _) || chain.TryGet("data_availability_type", out JsonValue kind) && kind.AsString() != "eth-da";
        if (usesAlternativeDA || L1ChainOf(network) is not { } l1) return false;
        if (!chain.TryGet("addresses", out JsonValue addresses) || !addresses.TryGet("OptimismPortalProxy", out JsonValue portal) || !addresses.TryGet("SystemConfigProxy", out JsonValue systemConfig)) return false;
        JsonValue forks = chain["hardforks"], genesis = chain["genesis"], system = genesis["system_config"];
        if (forks.TryGet("interop_time", out _)) return false;
        config = new RollupConfig
        {
            GenesisL1 = RollupJson.ReadBlockId(genesis["l1"]),
            GenesisL2 = RollupJson.ReadBlockId(genesis["l2"]),
            GenesisL2Time = genesis["l2_time"].AsLooseUInt64(),
            GenesisSystemConfig = new SystemConfig
            {
                BatcherAddress = system["batcherAddress"].AsAddress(),
                Overhead = system["overhead"].AsHash().ToUInt256(),
                Scalar = system["scalar"].AsHash().ToUInt256(),
                GasLimit = system["gasLimit"].AsLooseUInt64(),
            },
            BlockTimeSeconds = chain["block_time"].AsLooseUInt64(),
            MaxSequencerDriftSeconds = chain["max_sequencer_drift"].AsLooseUInt64(),
            SequencingWindowSize = chain["seq_window_size"].AsLooseUInt64(),
            ChannelTimeoutBlocks = 300,
            L1ChainId = l1,
            L2ChainId = chain["chain_id"].AsLooseUInt64(),
            Forks = new OptimismForkTimes
            {
                Regolith = 0,
                Canyon = Time(forks, "canyon_time"),
                Delta = Time(forks, "delta_time"),
                Ecotone = Time(forks, "ecotone_time"),
                Fjord = Time(forks, "fjord_time"),
                Granite = Time(forks, "granite_time"),
                Holocene = Time(forks, "holocene_time"),
                Isthmus = Time(forks, "isthmus_time"),
                Jovian = Time(forks, "jovian_time"),
                Karst = Time(forks, "karst_time"),
            },
            KeepKarstUpgradeGas = forks.TryGet("keep_karst_upgrade_gas", out JsonValue keep) && keep.AsBool(),
            PectraBlobScheduleTime = Time(forks, "pectra_blob_schedule_time"),
            BatchInboxAddress = chain["batch_inbox_addr"].AsAddress(),
            DepositContractAddress = portal.AsAddress(),
            L1SystemConfigAddress = systemConfig.AsAddress(),
            FeeMarket = ReadFeeMarket(chain["optimism"]),
        };
        return true;
    }

    private static ulong? Time(JsonValue forks, string key) => forks.OrNull(key, static v => v.AsLooseUInt64());

    private static OptimismFeeMarket ReadFeeMarket(JsonValue section)
    {
        uint denominator = checked((uint)section["eip1559_denominator"].AsLooseUInt64());
        uint canyon = section.TryGet("eip1559_denominator_canyon", out JsonValue given) ? checked((uint)given.AsLooseUInt64()) : denominator;
        return new OptimismFeeMarket(checked((uint)section["eip1559_elasticity"].AsLooseUInt64()), denominator, canyon);
    }
}
