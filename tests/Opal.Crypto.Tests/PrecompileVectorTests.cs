using System.Text.Json;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Crypto.Tests;

/// <summary>The published precompile vectors, through <see cref="ICrypto"/>: values and refusals (gas is tested where gas is charged).</summary>
public class PrecompileVectorTests
{
    private static readonly ICrypto Crypto = NativeCrypto.Instance;

    private delegate bool Operation(byte[] input, out byte[] output);

    public static TheoryData<string> Files =>
    [
        "ecRecover", "modexp", "modexp_eip2565", "modexp_eip7883", "p256Verify", "pointEvaluation", "bn256Add", "bn256ScalarMul", "bn256Pairing",
        "blsG1Add", "blsG1Mul", "blsG1MultiExp", "blsG2Add", "blsG2Mul", "blsG2MultiExp", "blsPairing", "blsMapG1", "blsMapG2",
        "fail-blsG1Add", "fail-blsG1Mul", "fail-blsG1MultiExp", "fail-blsG2Add", "fail-blsG2Mul", "fail-blsG2MultiExp", "fail-blsPairing", "fail-blsMapG1", "fail-blsMapG2",
    ];

    [VectorTheory, MemberData(nameof(Files))]
    public void Agrees_with_the_published_cases(string file)
    {
        Operation operation = OperationOf(file.Replace("fail-", "", StringComparison.Ordinal));
        byte[] json = Vectors.ReadArchive("crypto/precompiles.tar.gz").Single(f => Path.GetFileName(f.Name) == file + ".json").Data;
        int count = 0;
        foreach (JsonElement test in JsonDocument.Parse(json).RootElement.EnumerateArray())
        {
            string name = test.GetProperty("Name").GetString()!;
            bool ok = operation(Hex.Decode(test.GetProperty("Input").GetString()), out byte[] output);
            if (test.TryGetProperty("ExpectedError", out _))
            {
                Assert.False(ok, name);
            }
            else
            {
                Assert.True(ok, name);
                Assert.True(test.GetProperty("Expected").GetString() == Hex.Encode(output)[2..], $"{name}: {Hex.Encode(output)}");
            }

            count++;
        }

        Assert.True(count > 0);
    }

    private static Operation OperationOf(string name) => name switch
    {
        "ecRecover" => Recover,
        "p256Verify" => (byte[] input, out byte[] output) => Always(Crypto.VerifyP256(input) ? Word(1) : [], out output),
        "pointEvaluation" => PointEvaluation,
        "bn256Add" => (byte[] input, out byte[] output) => Crypto.TryBn254Add(Padded(input, 128), output = new byte[64]),
        "bn256ScalarMul" => (byte[] input, out byte[] output) => Crypto.TryBn254Mul(Padded(input, 96), output = new byte[64]),
        "bn256Pairing" => (byte[] input, out byte[] output) => Truth(Crypto.TryBn254Pairing(input, out bool one), one, out output),
        "blsG1Add" => (byte[] input, out byte[] output) => Crypto.TryBlsG1Add(input, output = new byte[128]),
        "blsG1Mul" or "blsG1MultiExp" => (byte[] input, out byte[] output) => Crypto.TryBlsG1Msm(input, output = new byte[128]),
        "blsG2Add" => (byte[] input, out byte[] output) => Crypto.TryBlsG2Add(input, output = new byte[256]),
        "blsG2Mul" or "blsG2MultiExp" => (byte[] input, out byte[] output) => Crypto.TryBlsG2Msm(input, output = new byte[256]),
        "blsPairing" => (byte[] input, out byte[] output) => Truth(Crypto.TryBlsPairing(input, out bool one), one, out output),
        "blsMapG1" => (byte[] input, out byte[] output) => Crypto.TryBlsMapFpToG1(input, output = new byte[128]),
        "blsMapG2" => (byte[] input, out byte[] output) => Crypto.TryBlsMapFp2ToG2(input, output = new byte[256]),
        _ => ModExp,
    };

    private static byte[] Word(ulong value) => new UInt256(value).ToBigEndianArray();

    private static bool Always(byte[] value, out byte[] output)
    {
        output = value;
        return true;
    }

    private static bool Truth(bool ok, bool one, out byte[] output)
    {
        output = Word(one ? 1UL : 0UL);
        return ok;
    }

    private static byte[] Padded(byte[] input, int size)
    {
        Array.Resize(ref input, size);
        return input;
    }

    private static bool Recover(byte[] input, out byte[] output)
    {
        input = Padded(input, 128);
        var v = UInt256.FromBigEndian(input.AsSpan(32, 32));
        output = [];
        if (v != 27UL && v != 28UL) return true;
        if (Crypto.TryRecoverAddress(new Hash256(input.AsSpan(0, 32)), UInt256.FromBigEndian(input.AsSpan(64, 32)), UInt256.FromBigEndian(input.AsSpan(96, 32)), (byte)(v.U0 - 27), out Address signer))
        {
            output = signer.ToUInt256().ToBigEndianArray();
        }

        return true;
    }

    private static bool PointEvaluation(byte[] input, out byte[] output)
    {
        output = Hex.Decode("000000000000000000000000000000000000000000000000000000000000100073eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
        return input.Length == 192 && Kzg.VersionedHash(input.AsSpan(96, 48)) == new Hash256(input.AsSpan(0, 32))
            && Crypto.VerifyKzgProof(input.AsSpan(96, 48), input.AsSpan(32, 32), input.AsSpan(64, 32), input.AsSpan(144, 48));
    }

    private static bool ModExp(byte[] input, out byte[] output)
    {
        byte[] header = Padded((byte[])input.Clone(), 96);
        int Length(int at) => (int)UInt256.FromBigEndian(header.AsSpan(at, 32)).U0;
        int b = Length(0), e = Length(32), m = Length(64);
        byte[] body = Padded(input.Length > 96 ? input[96..] : [], b + e + m);
        output = new byte[m];
        Crypto.ModExp(body.AsSpan(0, b), body.AsSpan(b, e), body.AsSpan(b + e, m), output);
        return true;
    }
}
