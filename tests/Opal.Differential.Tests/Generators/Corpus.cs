using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Differential.Tests;

/// <summary>Codes of real contracts and published precompile inputs, to mutate: from the benchmark's workloads and the official vectors where they are there.</summary>
/// <remarks>Without them cases of the kinds that need them are other ones than with them; the docs say so.</remarks>
internal static class Corpus
{
    private const int LargestCode = 4096;
    private const int MostTestCodes = 4000;

    /// <summary>A code with call data that it understands.</summary>
    public sealed record Entry(byte[] Code, byte[] Data);

    /// <summary>The codes, in an order that depends on the files only.</summary>
    public static IReadOnlyList<Entry> Codes { get; } = LoadCodes();

    /// <summary>Inputs of precompiles by address.</summary>
    public static IReadOnlyDictionary<int, IReadOnlyList<byte[]>> Inputs { get; } = LoadInputs();

    private static List<Entry> LoadCodes()
    {
        var entries = new List<Entry>();
        string workloads = Path.Combine(Testing.Vectors.RepositoryRoot, "..", "shared", "bench", "evm", "evm.json");
        if (File.Exists(workloads))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(workloads));
            JsonElement codes = document.RootElement.GetProperty("codes");
            foreach (JsonElement workload in document.RootElement.GetProperty("workloads").EnumerateArray())
            {
                string to = workload.TryGetProperty("to", out JsonElement at) ? at.GetString() ?? "" : "";
                if (!workload.GetProperty("pre").TryGetProperty(to, out JsonElement account) || !account.TryGetProperty("code", out JsonElement named)) continue;
                string text = named.GetString()!;
                if (text.StartsWith('#')) text = codes.GetProperty(text[1..]).GetString()!;
                byte[] code = Hex.Decode(text), data = Hex.Decode(workload.GetProperty("data").GetString());
                if (code.Length <= LargestCode && data.Length < 2000) entries.Add(new Entry(code, data));
            }
        }

        if (Testing.Vectors.Root is not null) entries.AddRange(TestCodes());
        if (entries.Count == 0) entries.Add(new Entry([0x60, 0x01, 0x60, 0x00, 0x55, 0x5f, 0x35, 0x60, 0x01, 0x01, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3], []));
        return entries;
    }

    /// <summary>Codes of accounts in the execution-spec state tests, each once.</summary>
    private static IEnumerable<Entry> TestCodes()
    {
        var seen = new HashSet<Hash256>();
        foreach ((string name, byte[] file) in Testing.Vectors.ReadArchive("evm/eest-state-tests.tar.gz"))
        {
            if (!name.EndsWith(".json", StringComparison.Ordinal) || file.Length > 2_000_000) continue;
            using JsonDocument document = JsonDocument.Parse(file);
            int ofFile = 0;
            foreach (JsonProperty test in document.RootElement.EnumerateObject())
            {
                if (!test.Value.TryGetProperty("pre", out JsonElement pre) || ofFile > 12) continue;
                foreach (JsonProperty account in pre.EnumerateObject())
                {
                    byte[] code = AnvilJson.Bytes(account.Value, "code");
                    if (code.Length is < 3 or > LargestCode || Delegation.TryParse(code, out _) || !seen.Add(Keccak256.Hash(code))) continue;
                    ofFile++;
                    yield return new Entry(code, []);
                    if (seen.Count >= MostTestCodes) yield break;
                }
            }
        }
    }

    private static Dictionary<int, IReadOnlyList<byte[]>> LoadInputs()
    {
        var inputs = new Dictionary<int, IReadOnlyList<byte[]>>();
        if (Testing.Vectors.Root is null) return inputs;
        foreach ((string name, byte[] file) in Testing.Vectors.ReadArchive("crypto/precompiles.tar.gz"))
        {
            int address = Path.GetFileNameWithoutExtension(name).Replace("fail-", "", StringComparison.Ordinal) switch
            {
                "ecRecover" => 1,
                "modexp_eip2565" or "modexp_eip7883" => 5,
                "bn256Add" => 6,
                "bn256ScalarMul" => 7,
                "bn256Pairing" => 8,
                "blake2F" or "blake2f" => 9,
                "pointEvaluation" => 0x0a,
                "blsG1Add" => 0x0b,
                "blsG1Mul" or "blsG1MultiExp" => 0x0c,
                "blsG2Add" => 0x0d,
                "blsG2Mul" or "blsG2MultiExp" => 0x0e,
                "blsPairing" => 0x0f,
                "blsMapG1" => 0x10,
                "blsMapG2" => 0x11,
                "p256Verify" => 0x100,
                _ => 0,
            };
            if (address == 0) continue;
            using JsonDocument document = JsonDocument.Parse(file);
            var list = inputs.TryGetValue(address, out IReadOnlyList<byte[]>? known) ? (List<byte[]>)known : [];
            inputs[address] = list;
            foreach (JsonElement entry in document.RootElement.EnumerateArray())
            {
                byte[] input = Hex.Decode(entry.GetProperty("Input").GetString());
                if (input.Length <= 4096) list.Add(input);
            }
        }

        return inputs;
    }
}
