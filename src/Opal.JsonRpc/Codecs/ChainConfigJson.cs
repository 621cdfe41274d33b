using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>The <c>config</c> section of a genesis.json (geth's chain config), both ways.</summary>
/// <remarks>Upgrades before London must be active by then; an upgrade that is scheduled and not known here is refused, since the chain would split at it.</remarks>
public static class ChainConfigJson
{
    private static readonly string[] EthereumTimes = ["shanghaiTime", "cancunTime", "pragueTime", "osakaTime", "bpo1Time", "bpo2Time", "bpo3Time", "bpo4Time", "bpo5Time"];

    private static readonly string[] OptimismTimes =
    [
        "regolithTime", "canyonTime", "deltaTime", "ecotoneTime", "fjordTime", "graniteTime", "holoceneTime", "pectraBlobScheduleTime", "isthmusTime", "jovianTime", "karstTime",
    ];

    private static readonly string[] BlobForks = ["cancun", "prague", "osaka", "bpo1", "bpo2", "bpo3", "bpo4", "bpo5"];

    private static readonly string[] BlocksBeforeLondon =
    [
        "homesteadBlock", "eip150Block", "eip155Block", "eip158Block", "byzantiumBlock", "constantinopleBlock", "petersburgBlock", "istanbulBlock", "muirGlacierBlock",
        "berlinBlock", "londonBlock", "arrowGlacierBlock", "grayGlacierBlock",
    ];

    /// <summary>Reads a chain's schedule.</summary>
    /// <param name="value">The <c>config</c> object.</param>
    /// <exception cref="JsonFormatException">A field is malformed, or schedules an upgrade that is not supported.</exception>
    public static ChainSpec Read(JsonValue value)
    {
        ulong chainId = value["chainId"].AsLooseUInt64();
        bool isOptimism = value.TryGet("optimism", out JsonValue section);
        RefuseUnknownUpgrades(value, isOptimism);
        RefuseOlderThanLondon(value, isOptimism);
        return isOptimism ? ReadOptimism(chainId, value, section) : ReadEthereum(chainId, value);
    }

    private static ulong? Time(JsonValue value, string key) => value.OrNull(key, static v => v.AsLooseUInt64());

    private static void RefuseUnknownUpgrades(JsonValue value, bool isOptimism)
    {
        foreach (JsonProperty property in value.Element.EnumerateObject())
        {
            if (!property.Name.EndsWith("Time", StringComparison.Ordinal) || property.Value.ValueKind == JsonValueKind.Null) continue;
            bool known = Array.IndexOf(EthereumTimes, property.Name) >= 0 || isOptimism && Array.IndexOf(OptimismTimes, property.Name) >= 0;
            if (!known) throw new JsonFormatException($"config: upgrade \"{property.Name}\" is scheduled and not supported");
        }
    }

    /// <summary>Every rule before London's must hold from the first block on; OP mainnet's first block here is that of Bedrock.</summary>
    private static void RefuseOlderThanLondon(JsonValue value, bool isOptimism)
    {
        ulong first = isOptimism ? value.OrNull("bedrockBlock", static v => v.AsLooseUInt64()) ?? 0 : 0;
        foreach (string name in BlocksBeforeLondon)
        {
            if (value.TryGet(name, out JsonValue block) && block.AsLooseUInt64() > first) throw block.Fault("expected 0: chains older than London are not supported");
            if (name == "londonBlock") break; // the later ones moved nothing but the difficulty
        }

        bool isMerged = value.TryGet("terminalTotalDifficulty", out JsonValue difficulty) && difficulty.AsLooseNumber().IsZero;
        if (isOptimism || isMerged || value.TryGet("londonBlock", out _)) return;
        throw new JsonFormatException("config: londonBlock is missing: chains older than London are not supported");
    }

    private static ChainSpec ReadOptimism(ulong chainId, JsonValue value, JsonValue section)
    {
        ulong? ecotone = Time(value, "ecotoneTime");
        var forks = new OptimismForkTimes
        {
            Regolith = Time(value, "regolithTime"),
            Canyon = Time(value, "canyonTime"),
            Delta = Time(value, "deltaTime") ?? ecotone, // execution knows no Delta and genesis files leave it out; any time in order will do
            Ecotone = ecotone,
            Fjord = Time(value, "fjordTime"),
            Granite = Time(value, "graniteTime"),
            Holocene = Time(value, "holoceneTime"),
            Isthmus = Time(value, "isthmusTime"),
            Jovian = Time(value, "jovianTime"),
            Karst = Time(value, "karstTime"),
        };
        if (forks.FirstOutOfOrder() is { } fork)
        {
            if (fork == OptimismFork.Delta && !value.TryGet("deltaTime", out _)) fork = OptimismFork.Ecotone;
            throw new JsonFormatException($"config: upgrades must be in order, and {fork} is set to activate before the one that precedes it");
        }

        RequireSame(value, "shanghaiTime", "canyonTime");
        RequireSame(value, "cancunTime", "ecotoneTime");
        RequireSame(value, "pragueTime", "isthmusTime");
        if (value.TryGet("bedrockBlock", out JsonValue bedrock) && bedrock.AsLooseUInt64() != 0 && !value.TryGet("bedrockTransitionBlock", out _) && chainId != 10)
        {
            throw bedrock.Fault("expected 0: chains that began before Bedrock are not supported");
        }

        uint denominator = Positive(section["eip1559Denominator"]);
        uint canyon = section.TryGet("eip1559DenominatorCanyon", out JsonValue given) ? Positive(given) : denominator;
        return ChainSpec.ForOptimism(chainId, forks, new OptimismFeeMarket(Positive(section["eip1559Elasticity"]), denominator, canyon));
    }

    /// <summary>On L2 an upgrade of Ethereum comes with the OP Stack's upgrade that brings it.</summary>
    private static void RequireSame(JsonValue value, string ethereum, string optimism)
    {
        if (!value.TryGet(ethereum, out JsonValue given) || given.AsLooseUInt64() == Time(value, optimism)) return;
        throw given.Fault($"expected the same time as {optimism}");
    }

    private static uint Positive(JsonValue value)
    {
        ulong number = value.AsLooseUInt64();
        return number is > 0 and <= uint.MaxValue ? (uint)number : throw value.Fault("expected a number from 1 to 2^32-1");
    }

    private static ChainSpec ReadEthereum(ulong chainId, JsonValue value)
    {
        bool hasDifficulty = value.TryGet("terminalTotalDifficulty", out JsonValue difficulty);
        ulong? netsplit = value.OrNull("mergeNetsplitBlock", static v => v.AsLooseUInt64());
        ulong? paris = hasDifficulty && difficulty.AsLooseNumber().IsZero ? 0 : netsplit;
        var forks = new EthereumForkTimes
        {
            ParisBlock = paris,
            Shanghai = Time(value, "shanghaiTime"),
            Cancun = Time(value, "cancunTime"),
            Prague = Time(value, "pragueTime"),
            Osaka = Time(value, "osakaTime"),
        };
        Address? depositContract = value.OrNull("depositContractAddress", static v => v.AsAddress());
        return ChainSpec.ForEthereum(chainId, forks, ReadBlobSchedule(value), depositContract);
    }

    private static BlobSchedule ReadBlobSchedule(JsonValue value)
    {
        bool hasSection = value.TryGet("blobSchedule", out JsonValue section);
        var entries = new List<BlobSchedule.Entry>();
        foreach (string fork in BlobForks)
        {
            if (Time(value, $"{fork}Time") is not { } time) continue;
            if (hasSection && section.TryGet(fork, out JsonValue given))
            {
                entries.Add(new BlobSchedule.Entry(time, new BlobParameters(given["target"].AsLooseUInt64(), given["max"].AsLooseUInt64(), given["baseFeeUpdateFraction"].AsLooseUInt64())));
                continue;
            }

            switch (fork)
            {
                case "cancun": entries.Add(new BlobSchedule.Entry(time, BlobParameters.Cancun)); break;
                case "prague": entries.Add(new BlobSchedule.Entry(time, BlobParameters.Prague)); break;
                case "osaka": break; // Osaka alone changes no parameters
                default: throw new JsonFormatException($"config: blobSchedule has no \"{fork}\", though {fork}Time is set");
            }
        }

        return new BlobSchedule(entries.ToArray());
    }

    /// <summary>Writes a chain's schedule.</summary>
    public static void Write(Utf8JsonWriter writer, ChainSpec spec)
    {
        writer.WriteStartObject();
        writer.WriteNumber("chainId"u8, spec.ChainId);
        foreach (string block in BlocksBeforeLondon) writer.WriteNumber(block, 0);
        if (spec.Optimism is { } optimism) WriteOptimism(writer, spec, optimism);
        else WriteEthereum(writer, spec, spec.Ethereum ?? new EthereumForkTimes());
        writer.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter writer, string key, ulong? time)
    {
        if (time is { } known) writer.WriteNumber(key, known);
    }

    private static void WriteOptimism(Utf8JsonWriter writer, ChainSpec spec, OptimismForkTimes forks)
    {
        writer.WriteNumber("mergeNetsplitBlock"u8, 0);
        WriteTime(writer, "shanghaiTime", forks.Canyon);
        WriteTime(writer, "cancunTime", forks.Ecotone);
        WriteTime(writer, "pragueTime", forks.Isthmus);
        writer.WriteNumber("bedrockBlock"u8, 0);
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            if (fork != OptimismFork.Delta) WriteTime(writer, $"{fork.ToString().ToLowerInvariant()}Time", forks.Of(fork));
        }

        writer.WriteNumber("terminalTotalDifficulty"u8, 0);
        writer.WriteAddress("depositContractAddress"u8, Address.Zero);
        OptimismFeeMarket market = spec.FeeMarket ?? OptimismFeeMarket.Standard;
        writer.WriteStartObject("optimism"u8);
        writer.WriteNumber("eip1559Elasticity"u8, market.Elasticity);
        writer.WriteNumber("eip1559Denominator"u8, market.Denominator);
        writer.WriteNumber("eip1559DenominatorCanyon"u8, market.DenominatorCanyon);
        writer.WriteEndObject();
    }

    private static void WriteEthereum(Utf8JsonWriter writer, ChainSpec spec, EthereumForkTimes forks)
    {
        if (forks.ParisBlock is { } paris)
        {
            writer.WriteNumber("mergeNetsplitBlock"u8, paris);
            writer.WriteNumber("terminalTotalDifficulty"u8, paris == 0 ? 0 : 1);
        }

        WriteTime(writer, "shanghaiTime", forks.Shanghai);
        WriteTime(writer, "cancunTime", forks.Cancun);
        WriteTime(writer, "pragueTime", forks.Prague);
        WriteTime(writer, "osakaTime", forks.Osaka);
        List<(string Fork, BlobSchedule.Entry Entry)> blobs = NameEntries(spec.Blobs, forks);
        foreach ((string fork, BlobSchedule.Entry entry) in blobs)
        {
            if (fork.StartsWith("bpo", StringComparison.Ordinal)) writer.WriteNumber($"{fork}Time", entry.Time);
        }

        writer.WriteAddress("depositContractAddress"u8, spec.DepositContract);
        if (blobs.Count == 0) return;
        writer.WriteStartObject("blobSchedule"u8);
        foreach ((string fork, BlobSchedule.Entry entry) in blobs)
        {
            writer.WriteStartObject(fork);
            writer.WriteNumber("target"u8, entry.Parameters.TargetBlobs);
            writer.WriteNumber("max"u8, entry.Parameters.MaxBlobs);
            writer.WriteNumber("baseFeeUpdateFraction"u8, entry.Parameters.BaseFeeUpdateFraction);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>Finds each entry's name: the fork that activates at its time, or the next of the blob-parameter-only forks. Osaka repeats what holds when it has no entry of its own.</summary>
    private static List<(string Fork, BlobSchedule.Entry Entry)> NameEntries(BlobSchedule schedule, EthereumForkTimes forks)
    {
        ulong?[] times = [forks.Cancun, forks.Prague, forks.Osaka];
        var named = new List<(string Fork, BlobSchedule.Entry Entry)>();
        int next = 0, extra = 0;
        foreach (BlobSchedule.Entry entry in schedule.Entries)
        {
            int at = next;
            while (at < times.Length && times[at] != entry.Time) at++;
            if (at < times.Length)
            {
                named.Add((BlobForks[at], entry));
                next = at + 1;
            }
            else
            {
                named.Add(($"bpo{++extra}", entry));
            }
        }

        if (forks.Osaka is { } osaka && !named.Exists(static n => n.Fork == "osaka") && schedule.TryGet(osaka, out BlobParameters holds))
        {
            named.Add(("osaka", new BlobSchedule.Entry(osaka, holds)));
        }

        return named;
    }
}
