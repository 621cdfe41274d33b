using System.Globalization;
using System.Text.Json;

namespace Opal.Devnet;

/// <summary>What a devnet that is kept must know of its first start: <c>devnet-state.json</c> in its data directory.</summary>
internal sealed record DevnetState
{
    private const string FileName = "devnet-state.json";
    private const int CurrentVersion = 1;

    /// <summary>The L1's chain id.</summary>
    public required ulong L1ChainId { get; init; }

    /// <summary>Whether the L1 is the devnet's own.</summary>
    public required bool EmbeddedL1 { get; init; }

    /// <summary>Seconds between L1 blocks.</summary>
    public required ulong L1BlockSeconds { get; init; }

    /// <summary>Seconds between L2 blocks.</summary>
    public required ulong L2BlockSeconds { get; init; }

    /// <summary>Whether Isthmus and Jovian are scheduled.</summary>
    public required bool WithUpgrades { get; init; }

    /// <summary>How withdrawals are proven: which contracts were deployed.</summary>
    public WithdrawalProofs Proofs { get; init; }

    /// <summary>When the devnet first began, seconds: the embedded L1's genesis and upgrades are counted from it.</summary>
    public required ulong Began { get; init; }

    /// <summary>Whether the contracts are deployed and all files written.</summary>
    public bool Deployed { get; init; }

    /// <summary>L1 gas of the deployment.</summary>
    public ulong GasUsed { get; init; }

    /// <summary>Reads the file; null when the directory holds no devnet that is kept.</summary>
    /// <exception cref="DevnetException">The file is damaged, or of another version.</exception>
    public static DevnetState? Read(string directory)
    {
        string path = Path.Combine(directory, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement json = document.RootElement;
            int version = json.GetProperty("version").GetInt32();
            if (version != CurrentVersion) throw new DevnetException($"{path} was written by another version of this program ({version}, this one knows {CurrentVersion}); choose another --datadir, or remove the directory");
            return new DevnetState
            {
                L1ChainId = json.GetProperty("l1ChainId").GetUInt64(),
                EmbeddedL1 = json.GetProperty("embeddedL1").GetBoolean(),
                L1BlockSeconds = json.GetProperty("l1BlockSeconds").GetUInt64(),
                L2BlockSeconds = json.GetProperty("l2BlockSeconds").GetUInt64(),
                WithUpgrades = json.GetProperty("withUpgrades").GetBoolean(),
                Proofs = json.TryGetProperty("proofs", out JsonElement proofs) ? ProofsOf(proofs.GetString()) : WithdrawalProofs.OutputOracle, // before there were games
                Began = json.GetProperty("began").GetUInt64(),
                Deployed = json.GetProperty("deployed").GetBoolean(),
                GasUsed = json.GetProperty("gasUsed").GetUInt64(),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new DevnetException($"{path} is damaged ({error.Message}); choose another --datadir, or remove the directory", error);
        }
    }

    /// <summary>The name by which `--proofs` and the files know it.</summary>
    public static string NameOf(WithdrawalProofs proofs) => proofs == WithdrawalProofs.Games ? "games" : "output-oracle";

    private static WithdrawalProofs ProofsOf(string? name) => name switch
    {
        "games" => WithdrawalProofs.Games,
        "output-oracle" => WithdrawalProofs.OutputOracle,
        _ => throw new FormatException($"proofs: '{name}' is neither games nor output-oracle"),
    };

    /// <summary>Writes the file, whole or not at all; durable when it returns.</summary>
    public void Write(string directory)
    {
        string final = Path.Combine(directory, FileName), temporary = final + ".tmp";
        using (FileStream stream = File.Create(temporary))
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", CurrentVersion);
            json.WriteNumber("l1ChainId", L1ChainId);
            json.WriteBoolean("embeddedL1", EmbeddedL1);
            json.WriteNumber("l1BlockSeconds", L1BlockSeconds);
            json.WriteNumber("l2BlockSeconds", L2BlockSeconds);
            json.WriteBoolean("withUpgrades", WithUpgrades);
            json.WriteString("proofs", NameOf(Proofs));
            json.WriteNumber("began", Began);
            json.WriteBoolean("deployed", Deployed);
            json.WriteNumber("gasUsed", GasUsed);
            json.WriteEndObject();
            json.Flush();
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, final, overwrite: true);
    }

    /// <summary>Checks that a start asks for the devnet that the directory holds.</summary>
    /// <exception cref="DevnetException">It asks for another one.</exception>
    public void RequireSame(string directory, ulong l1ChainId, bool embeddedL1, ulong l1BlockSeconds, ulong l2BlockSeconds, WithdrawalProofs proofs)
    {
        List<string> differences = [];
        void Compare(string what, string stored, string asked)
        {
            if (stored != asked) differences.Add($"{what} is {stored}, not {asked}");
        }

        static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
        Compare("its L1", EmbeddedL1 ? "the embedded one" : "one given with --l1", embeddedL1 ? "the embedded one" : "one given with --l1");
        Compare("its L1 chain id", Text(L1ChainId), Text(l1ChainId));
        Compare("--l1-block-time", Text(L1BlockSeconds) + "s", Text(l1BlockSeconds) + "s");
        Compare("--l2-block-time", Text(L2BlockSeconds) + "s", Text(l2BlockSeconds) + "s");
        Compare("--proofs", NameOf(Proofs), NameOf(proofs));
        if (differences.Count == 0) return;
        throw new DevnetException($"the directory {directory} holds another devnet: {string.Join(", ", differences)}; start it as it was, choose another --datadir, or remove the directory");
    }
}
