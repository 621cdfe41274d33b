using System.Buffers.Binary;
using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>rollup.json, both ways.</summary>
/// <remarks>An unknown key is an error that names it, unless the reader is told to be tolerant: a typing error in a fork's name would otherwise split the chain.</remarks>
public static class RollupConfigFile
{
    private const string What = "rollup configuration (rollup.json)";

    private static readonly string[] Keys =
    [
        "genesis", "block_time", "max_sequencer_drift", "seq_window_size", "channel_timeout", "granite_channel_timeout", "l1_chain_id", "l2_chain_id",
        "regolith_time", "canyon_time", "delta_time", "ecotone_time", "fjord_time", "granite_time", "holocene_time", "isthmus_time", "jovian_time", "karst_time",
        "keep_karst_upgrade_gas", "interop_time", "pectra_blob_schedule_time", "batch_inbox_address", "deposit_contract_address", "l1_system_config_address", "protocol_versions_address",
        "chain_op_config", "alt_da", "da_challenge_address", "da_challenge_contract_address", "da_challenge_window", "da_resolve_window", "use_plasma",
    ];

    private static readonly string[] SystemConfigKeys =
        ["batcherAddr", "overhead", "scalar", "gasLimit", "eip1559Params", "operatorFeeParams", "minBaseFee", "daFootprintGasScalar"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigFileException">The file is missing, malformed, inconsistent, or has unknown keys.</exception>
    public static RollupConfig Read(string path, bool tolerant = false) => JsonConfigFile.Read(path, What, value => ReadValue(value, tolerant));

    /// <summary>Reads text that came from <paramref name="name"/>.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static RollupConfig Parse(string name, ReadOnlyMemory<byte> utf8, bool tolerant = false) => JsonConfigFile.Parse(name, What, utf8, value => ReadValue(value, tolerant));

    /// <summary>Writes a file.</summary>
    public static void Save(string path, RollupConfig config)
    {
        using FileStream file = File.Create(path);
        using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        Write(writer, config);
    }

    /// <summary>Reads the object.</summary>
    /// <exception cref="JsonFormatException">A field is malformed or unknown, or fields contradict one another.</exception>
    public static RollupConfig ReadValue(JsonValue value, bool tolerant = false)
    {
        Check(value, tolerant, Keys);
        RefuseUnsupported(value);
        JsonValue genesis = value["genesis"];
        Check(genesis, tolerant, ["l1", "l2", "l2_time", "system_config"]);
        var config = new RollupConfig
        {
            GenesisL1 = ReadBlockId(genesis["l1"]),
            GenesisL2 = ReadBlockId(genesis["l2"]),
            GenesisL2Time = genesis["l2_time"].AsLooseUInt64(),
            GenesisSystemConfig = ReadSystemConfig(genesis["system_config"], tolerant),
            BlockTimeSeconds = value["block_time"].AsLooseUInt64(),
            MaxSequencerDriftSeconds = Number(value, "max_sequencer_drift") ?? 0,
            SequencingWindowSize = value["seq_window_size"].AsLooseUInt64(),
            ChannelTimeoutBlocks = value["channel_timeout"].AsLooseUInt64(),
            ChannelTimeoutGraniteBlocks = Number(value, "granite_channel_timeout") ?? 50,
            L1ChainId = value["l1_chain_id"].AsLooseUInt64(),
            L2ChainId = value["l2_chain_id"].AsLooseUInt64(),
            Forks = ReadForks(value),
            KeepKarstUpgradeGas = value.TryGet("keep_karst_upgrade_gas", out JsonValue keep) && keep.AsBool(),
            PectraBlobScheduleTime = Number(value, "pectra_blob_schedule_time"),
            BatchInboxAddress = value["batch_inbox_address"].AsAddress(),
            DepositContractAddress = value["deposit_contract_address"].AsAddress(),
            L1SystemConfigAddress = value["l1_system_config_address"].AsAddress(),
            ProtocolVersionsAddress = value.OrNull("protocol_versions_address", static v => v.AsAddress()) ?? Address.Zero,
            FeeMarket = ReadFeeMarket(value),
        };
        CheckConsistency(config);
        return config;
    }

    private static ulong? Number(JsonValue value, string key) => value.OrNull(key, static v => v.AsLooseUInt64());

    private static void Check(JsonValue value, bool tolerant, string[] known)
    {
        if (value.Element.ValueKind != JsonValueKind.Object) throw value.Fault("expected an object");
        if (tolerant) return;
        foreach (JsonProperty property in value.Element.EnumerateObject())
        {
            if (Array.IndexOf(known, property.Name) < 0) throw new JsonFormatException($"unknown key \"{property.Name}\"");
        }
    }

    private static void RefuseUnsupported(JsonValue value)
    {
        bool alternative = value.TryGet("alt_da", out _)
            || value.TryGet("use_plasma", out JsonValue plasma) && plasma.Element.ValueKind == JsonValueKind.True
            || value.TryGet("da_challenge_address", out JsonValue challenge) && !challenge.AsAddress().IsZero;
        if (alternative) throw new JsonFormatException("alt_da: this rollup keeps its data outside L1 (alternative DA), which is not supported");
        if (value.TryGet("interop_time", out _)) throw new JsonFormatException("interop_time: the interop upgrade is not supported");
    }

    private static BlockId ReadBlockId(JsonValue value) => new(value["hash"].AsHash(), value["number"].AsLooseUInt64());

    private static OptimismForkTimes ReadForks(JsonValue value) => new()
    {
        Regolith = Number(value, "regolith_time"),
        Canyon = Number(value, "canyon_time"),
        Delta = Number(value, "delta_time"),
        Ecotone = Number(value, "ecotone_time"),
        Fjord = Number(value, "fjord_time"),
        Granite = Number(value, "granite_time"),
        Holocene = Number(value, "holocene_time"),
        Isthmus = Number(value, "isthmus_time"),
        Jovian = Number(value, "jovian_time"),
        Karst = Number(value, "karst_time"),
    };

    private static OptimismFeeMarket ReadFeeMarket(JsonValue value)
    {
        if (!value.TryGet("chain_op_config", out JsonValue section)) return OptimismFeeMarket.Standard;
        uint elasticity = UInt32(section["eip1559Elasticity"]), denominator = UInt32(section["eip1559Denominator"]);
        return new OptimismFeeMarket(elasticity, denominator, section.TryGet("eip1559DenominatorCanyon", out JsonValue canyon) ? UInt32(canyon) : denominator);
    }

    private static uint UInt32(JsonValue value) => value.AsLooseUInt64() is var number && number is > 0 and <= uint.MaxValue ? (uint)number : throw value.Fault("expected a number from 1 to 2^32-1");

    private static SystemConfig ReadSystemConfig(JsonValue value, bool tolerant)
    {
        Check(value, tolerant, SystemConfigKeys);
        byte[] fee = value.OrNone("eip1559Params", static v => v.AsData(8)) ?? new byte[8];
        byte[] operatorFee = value.OrNone("operatorFeeParams", static v => v.AsData(32)) ?? new byte[32];
        ulong footprint = Number(value, "daFootprintGasScalar") ?? 0;
        return new SystemConfig
        {
            BatcherAddress = value["batcherAddr"].AsAddress(),
            Overhead = value["overhead"].AsHash().ToUInt256(),
            Scalar = value["scalar"].AsHash().ToUInt256(),
            GasLimit = value["gasLimit"].AsLooseUInt64(),
            Eip1559Denominator = BinaryPrimitives.ReadUInt32BigEndian(fee),
            Eip1559Elasticity = BinaryPrimitives.ReadUInt32BigEndian(fee.AsSpan(4)),
            OperatorFeeScalar = BinaryPrimitives.ReadUInt32BigEndian(operatorFee.AsSpan(20)),
            OperatorFeeConstant = BinaryPrimitives.ReadUInt64BigEndian(operatorFee.AsSpan(24)),
            MinBaseFee = Number(value, "minBaseFee") ?? 0,
            DAFootprintGasScalar = footprint <= ushort.MaxValue ? (ushort)footprint : throw value["daFootprintGasScalar"].Fault("expected a number below 65536"),
        };
    }

    private static void CheckConsistency(RollupConfig config)
    {
        Require(config.BlockTimeSeconds > 0, "block_time: must be at least 1 second");
        Require(config.SequencingWindowSize >= 2, "seq_window_size: must be at least 2 L1 blocks");
        Require(config.ChannelTimeoutBlocks > 0, "channel_timeout: must be at least 1 L1 block");
        Require(config.MaxSequencerDriftSeconds > 0 || config.Forks.Fjord is 0, "max_sequencer_drift: must be set for a chain that begins before Fjord");
        Require(!config.GenesisL1.Hash.IsZero, "genesis.l1.hash: must not be zero");
        Require(!config.GenesisL2.Hash.IsZero, "genesis.l2.hash: must not be zero");
        Require(config.GenesisL1.Hash != config.GenesisL2.Hash, "genesis: l1 and l2 have one hash, which cannot be");
        Require(config.GenesisL2Time > 0, "genesis.l2_time: must not be zero");
        Require(!config.GenesisSystemConfig.BatcherAddress.IsZero, "genesis.system_config.batcherAddr: must not be zero");
        Require(config.GenesisSystemConfig.GasLimit > 0, "genesis.system_config.gasLimit: must not be zero");
        Require(config.L1ChainId > 0 && config.L2ChainId > 0, "l1_chain_id, l2_chain_id: must not be zero");
        Require(config.L1ChainId != config.L2ChainId, "l2_chain_id: must differ from l1_chain_id");
        Require(!config.BatchInboxAddress.IsZero, "batch_inbox_address: must not be zero");
        Require(!config.DepositContractAddress.IsZero, "deposit_contract_address: must not be zero");
        if (config.Forks.FirstOutOfOrder() is { } fork)
        {
            string key = $"{fork.ToString().ToLowerInvariant()}_time";
            throw new JsonFormatException($"{key}: upgrades must be in order, and {fork} is set to activate before the one that precedes it");
        }

        static void Require(bool holds, string problem)
        {
            if (!holds) throw new JsonFormatException(problem);
        }
    }

    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter writer, RollupConfig config)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("genesis"u8);
        writer.WritePropertyName("l1"u8);
        RollupJson.WriteBlockId(writer, config.GenesisL1);
        writer.WritePropertyName("l2"u8);
        RollupJson.WriteBlockId(writer, config.GenesisL2);
        writer.WriteNumber("l2_time"u8, config.GenesisL2Time);
        writer.WritePropertyName("system_config"u8);
        WriteSystemConfig(writer, config.GenesisSystemConfig, config.Forks);
        writer.WriteEndObject();
        writer.WriteNumber("block_time"u8, config.BlockTimeSeconds);
        writer.WriteNumber("max_sequencer_drift"u8, config.MaxSequencerDriftSeconds);
        writer.WriteNumber("seq_window_size"u8, config.SequencingWindowSize);
        writer.WriteNumber("channel_timeout"u8, config.ChannelTimeoutBlocks);
        writer.WriteNumber("l1_chain_id"u8, config.L1ChainId);
        writer.WriteNumber("l2_chain_id"u8, config.L2ChainId);
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            if (config.Forks.Of(fork) is { } time) writer.WriteNumber($"{fork.ToString().ToLowerInvariant()}_time", time);
        }

        if (config.KeepKarstUpgradeGas) writer.WriteBoolean("keep_karst_upgrade_gas"u8, true);
        if (config.PectraBlobScheduleTime is { } pectra) writer.WriteNumber("pectra_blob_schedule_time"u8, pectra);
        writer.WriteAddress("batch_inbox_address"u8, config.BatchInboxAddress);
        writer.WriteAddress("deposit_contract_address"u8, config.DepositContractAddress);
        writer.WriteAddress("l1_system_config_address"u8, config.L1SystemConfigAddress);
        writer.WriteAddress("protocol_versions_address"u8, config.ProtocolVersionsAddress);
        writer.WriteStartObject("chain_op_config"u8);
        writer.WriteNumber("eip1559Elasticity"u8, config.FeeMarket.Elasticity);
        writer.WriteNumber("eip1559Denominator"u8, config.FeeMarket.Denominator);
        writer.WriteNumber("eip1559DenominatorCanyon"u8, config.FeeMarket.DenominatorCanyon);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteSystemConfig(Utf8JsonWriter writer, SystemConfig config, OptimismForkTimes forks)
    {
        writer.WriteStartObject();
        writer.WriteAddress("batcherAddr"u8, config.BatcherAddress);
        writer.WriteHash("overhead"u8, Hash256.FromUInt256(config.Overhead));
        writer.WriteHash("scalar"u8, Hash256.FromUInt256(config.Scalar));
        writer.WriteNumber("gasLimit"u8, config.GasLimit);
        if (forks.Holocene is not null) writer.WriteData("eip1559Params"u8, config.Eip1559Params());
        if (forks.Isthmus is not null)
        {
            Span<byte> operatorFee = stackalloc byte[32];
            operatorFee.Clear();
            BinaryPrimitives.WriteUInt32BigEndian(operatorFee[20..], config.OperatorFeeScalar);
            BinaryPrimitives.WriteUInt64BigEndian(operatorFee[24..], config.OperatorFeeConstant);
            writer.WriteData("operatorFeeParams"u8, operatorFee);
        }

        if (forks.Jovian is not null)
        {
            writer.WriteNumber("minBaseFee"u8, config.MinBaseFee);
            writer.WriteNumber("daFootprintGasScalar"u8, config.DAFootprintGasScalar);
        }

        writer.WriteEndObject();
    }
}
