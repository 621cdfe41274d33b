using System.Text.Json;
using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>ethereum/tests TransactionTests, under the rules of the forks that the chain spec has.</summary>
public class TransactionVectorTests
{
    private static readonly (string Name, Rules Rules)[] Forks =
    [
        ("London", ForkRules.London), ("Paris", ForkRules.Paris), ("Shanghai", ForkRules.Shanghai), ("Cancun", ForkRules.Cancun), ("Prague", ForkRules.Prague),
    ];

    [VectorFact]
    public void Official_transactions_are_accepted_and_rejected()
    {
        int cases = 0;
        var wrong = new List<string>();
        foreach ((string file, byte[] data) in Vectors.ReadArchive("crypto/ethereum-tests-transactiontests.tar.gz"))
        {
            if (!file.EndsWith(".json", StringComparison.Ordinal)) continue;
            foreach (JsonProperty test in JsonDocument.Parse(data).RootElement.EnumerateObject())
            {
                JsonElement results = test.Value.At("result");
                foreach ((string name, Rules rules) in Forks)
                {
                    if (!results.Has(name)) continue;
                    cases++;
                    string? fault = Check(test.Value.At("txbytes").GetString()!, results.At(name), rules);
                    if (fault is not null) wrong.Add($"{file} {test.Name} {name}: {fault}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(cases > 300, $"{cases} cases");
    }

    private static string? Check(string text, JsonElement expected, Rules rules)
    {
        bool isValid = !expected.Has("exception");
        if (!Hex.TryDecode(text, out byte[] encoded)) return isValid ? "not hexadecimal" : null;
        if (!Transaction.TryDecode(encoded, out Transaction? transaction, out TransactionError error)) return isValid ? $"rejected: {error}" : null;
        TransactionVerdict verdict = TransactionChecks.CheckStateless(transaction!, rules, UInt256.One, Leniency.None, out ulong intrinsicGas, out _);
        if (verdict != TransactionVerdict.Valid) return isValid ? $"rejected: {verdict}" : null;
        if (!transaction!.TryGetSender(NativeCrypto.Instance, out Address sender)) return isValid ? "no sender" : null;
        if (!isValid) return $"accepted, though {expected.At("exception").GetString()}";
        if (expected.At("hash").Hash() != transaction.Hash) return "wrong hash";
        if (expected.At("sender").Address() != sender) return "wrong sender";
        if (expected.At("intrinsicGas").ULong() != intrinsicGas) return $"intrinsic gas {intrinsicGas}";
        return encoded.AsSpan().SequenceEqual(transaction.WithSignature(transaction.YParity, transaction.R, transaction.S).Encoded) ? null : "encodes differently";
    }
}
