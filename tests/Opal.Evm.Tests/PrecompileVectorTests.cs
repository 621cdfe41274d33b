using System.Text.Json;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Evm.Tests;

/// <summary>The published cases of every precompile: gas, output, refusal.</summary>
public class PrecompileVectorTests
{
    private static Precompile Of(string file) => Path.GetFileNameWithoutExtension(file).Replace("fail-", "") switch
    {
        "ecRecover" => new EcRecover(),
        "modexp_eip2565" => new ModExp(osaka: false),
        "modexp_eip7883" => new ModExp(osaka: true),
        "bn256Add" => new Bn254Add(),
        "bn256ScalarMul" => new Bn254Mul(),
        "bn256Pairing" => new Bn254Pairing(),
        "blake2F" or "blake2f" => new Blake2F(),
        "pointEvaluation" => new PointEvaluation(),
        "p256Verify" => new P256Verify(6_900),
        "blsG1Add" => new BlsG1Add(),
        "blsG1Mul" or "blsG1MultiExp" => new BlsG1Msm(),
        "blsG2Add" => new BlsG2Add(),
        "blsG2Mul" or "blsG2MultiExp" => new BlsG2Msm(),
        "blsPairing" => new BlsPairing(),
        "blsMapG1" => new BlsMapFpToG1(),
        "blsMapG2" => new BlsMapFp2ToG2(),
        string other => throw new InvalidDataException(other),
    };

    [VectorFact]
    public void Published_cases_agree()
    {
        var output = new OutputBuffer();
        int count = 0;
        foreach ((string name, byte[] data) in Vectors.ReadArchive("crypto/precompiles.tar.gz"))
        {
            if (Path.GetFileName(name) == "modexp.json") continue; // Byzantium's price, older than London
            Precompile precompile = Of(name);
            foreach (JsonElement test in JsonDocument.Parse(data).RootElement.EnumerateArray())
            {
                string what = $"{name} {test.GetProperty("Name").GetString()}";
                byte[] input = Hex.Decode(test.GetProperty("Input").GetString());
                output.Clear();
                bool ok = precompile.TryRun(NativeCrypto.Instance, input, output);
                if (test.TryGetProperty("Expected", out JsonElement expected))
                {
                    Assert.True(ok, what);
                    Assert.True("0x" + expected.GetString() == Hex.Encode(output.Span), what);
                    Assert.True(precompile.GasFor(input) == long.Parse(test.GetProperty("Gas").ToString(), System.Globalization.CultureInfo.InvariantCulture), what + " gas");
                }
                else
                {
                    Assert.False(ok, what);
                }

                count++;
            }
        }

        Assert.InRange(count, 1_000, 2_000);
    }

    [Fact]
    public void Op_stack_forks_bound_their_inputs()
    {
        Assert.False(Accepts(EvmRules.OpGranite, 8, 112_687 / 192 * 192 + 192));
        Assert.True(Accepts(EvmRules.OpFjord, 8, 112_896));
        Assert.True(Accepts(EvmRules.OpGranite, 8, 112_512));
        Assert.True(Accepts(EvmRules.OpJovian, 8, 81_984));
        Assert.False(Accepts(EvmRules.OpJovian, 8, 82_176));
        Assert.True(Accepts(EvmRules.OpKarst, 8, 57_600));
        Assert.False(Accepts(EvmRules.OpKarst, 8, 57_792));
        Assert.True(Accepts(EvmRules.OpIsthmus, 0x0c, 513_760));
        Assert.False(Accepts(EvmRules.OpIsthmus, 0x0c, 513_920));
        Assert.True(Accepts(EvmRules.OpIsthmus, 0x0e, 488_448));
        Assert.False(Accepts(EvmRules.OpIsthmus, 0x0e, 488_736));
        Assert.True(Accepts(EvmRules.OpIsthmus, 0x0f, 235_008));
        Assert.False(Accepts(EvmRules.OpIsthmus, 0x0f, 235_392));
        Assert.False(Accepts(EvmRules.OpJovian, 0x0c, 289_120));
        Assert.False(Accepts(EvmRules.OpJovian, 0x0e, 279_072));
        Assert.False(Accepts(EvmRules.OpJovian, 0x0f, 157_056));

        // zeros are the point at infinity, which all of these accept
        static bool Accepts(EvmRules rules, ulong number, int length) =>
            rules.Precompiles.Find(Address.FromNumber(number))!.TryRun(new AcceptingCrypto(), new byte[length], new OutputBuffer());
    }

    [Fact]
    public void Forks_have_their_precompiles()
    {
        Assert.Equal(9, EvmRules.Shanghai.Precompiles.Addresses().Count);
        Assert.Equal(10, EvmRules.Cancun.Precompiles.Addresses().Count);
        Assert.Equal(17, EvmRules.Prague.Precompiles.Addresses().Count);
        Assert.Equal(18, EvmRules.Osaka.Precompiles.Addresses().Count);
        Assert.Equal(11, EvmRules.OpFjord.Precompiles.Addresses().Count);
        Assert.Equal(18, EvmRules.OpIsthmus.Precompiles.Addresses().Count);
        Assert.Equal(3_450, EvmRules.OpJovian.Precompiles.Find(Address.FromNumber(0x100))!.GasFor([]));
        Assert.Equal(6_900, EvmRules.OpKarst.Precompiles.Find(Address.FromNumber(0x100))!.GasFor([]));
    }
}
