using System.Security.Cryptography;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>Cases that call precompiles with valid, mutated and random inputs, with all gas or gas about the price.</summary>
internal static class PrecompileCases
{
    private static readonly ICrypto Crypto = NativeCrypto.Instance;

    public static FuzzProgram Make(CaseWorld world, string name)
    {
        FuzzRandom random = world.Random;
        var code = new CodeWriter();
        var inputs = new List<(int Label, byte[] Data)>();
        for (int calls = random.Between(1, 4); calls > 0; calls--)
        {
            int address = random.Chance(4) ? random.Pick(0x12, 0xff, 0x101) : random.Chance(7) ? 0x100 : random.Between(1, 0x11);
            byte[] input = InputFor(random, address);
            int label = code.NewLabel();
            inputs.Add((label, input));
            code.Push((ulong)input.Length).PushLabel(label).Push(UInt256.Zero).Op(Opcode.CodeCopy);
            Opcode kind = random.Pick(Opcode.Call, Opcode.StaticCall, Opcode.StaticCall, Opcode.DelegateCall, Opcode.CallCode);
            code.Op(Opcode.Gas);
            code.Push(random.Pick<ulong>(0, 32, 64, 128, 256, 31)).Push(random.Pick<ulong>(0, 0, 1, (ulong)input.Length)).Push((ulong)input.Length).Push(UInt256.Zero);
            if (kind is Opcode.Call or Opcode.CallCode) code.Push(random.Chance(85) ? UInt256.Zero : UInt256.One);
            code.Push((ulong)address);
            PushGas(world, code, address, input);
            code.Op(kind);
            // log2(returned, success, gas it took); SWAP1 GAS SWAP1 SUB turns the gas before into the difference
            code.Op(Opcode.Swap1).Op(Opcode.Gas).Op(Opcode.Swap1).Op(Opcode.Sub);
            code.Op(Opcode.ReturnDataSize).Push(UInt256.Zero).Push(UInt256.Zero).Op(Opcode.ReturnDataCopy);
            code.Op(Opcode.ReturnDataSize).Push(UInt256.Zero).Op(Opcode.Log2);
        }

        code.Push(64).Push(UInt256.Zero).Op(Opcode.Return);
        foreach ((int label, byte[] data) in inputs) code.PlaceData(label).Raw(data);
        world.PutContract(world.Contracts[0], code.ToArray());
        if (random.Chance(8)) // straight from the transaction
        {
            int address = random.Between(1, 0x11);
            byte[] input = InputFor(random, address);
            return world.Finish(name, world.NewTransaction(Address.FromNumber((ulong)address), input, 21_000 + (ulong)(input.Length * 40) + random.Pick<ulong>(0, 3_000, 100_000, 1_000_000)));
        }

        return world.Finish(name, world.NewTransaction(world.Contracts[0], [], random.Chance(70) ? (ulong)random.Between(500_000, 2_000_000) : null));
    }

    private static void PushGas(CaseWorld world, CodeWriter code, int address, byte[] input)
    {
        FuzzRandom random = world.Random;
        if (random.Chance(60))
        {
            code.Op(Opcode.Gas);
            return;
        }

        long price = world.Fork.Rules.Evm.Precompiles.Find(Address.FromNumber((ulong)address))?.GasFor(input) ?? 0;
        price = price is < 0 or > 10_000_000 ? random.Next(10_000_000) : price;
        code.Push((ulong)Math.Max(0, price + random.Pick(-1, 0, 0, 1, -2300, 500)));
    }

    private static byte[] InputFor(FuzzRandom random, int address)
    {
        byte[] input;
        if (random.Chance(45) && Corpus.Inputs.TryGetValue(address, out IReadOnlyList<byte[]>? published)) input = [.. published[random.Next(published.Count)]];
        else if (random.Chance(8)) input = random.Bytes(random.Next(400));
        else input = Valid(random, address);
        return random.Chance(60) ? input : Mutate(random, input);
    }

    private static byte[] Mutate(FuzzRandom random, byte[] input)
    {
        if (input.Length == 0) return random.Bytes(random.Next(64));
        switch (random.Next(6))
        {
            case 0:
                return input[..random.Next(input.Length)];
            case 1:
                return [.. input, .. new byte[random.Pick(1, 31, 32, 64)]];
            case 2:
                int at = random.Next((input.Length + 31) / 32) * 32;
                byte[] word = Word.Any(random).ToBigEndianArray();
                word.AsSpan(0, Math.Min(32, input.Length - at)).CopyTo(input.AsSpan(at));
                return input;
            case 3:
                return [.. input, .. input];
            default:
                input[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
                return input;
        }
    }

    private static byte[] Valid(FuzzRandom random, int address) => address switch
    {
        1 => Recovery(random),
        5 => ModExp(random),
        6 => [.. BnPoint(random), .. BnPoint(random)],
        7 => [.. BnPoint(random), .. Word.Any(random).ToBigEndianArray()],
        8 => BnPairs(random),
        9 => Blake(random),
        0x0a => PointEvaluation(random),
        0x0b => [.. BlsG1(random), .. BlsG1(random)],
        0x0c => Repeat(random, 3, r => [.. BlsG1(r), .. Word.Any(r).ToBigEndianArray()]),
        0x0d => [.. BlsG2(random), .. BlsG2(random)],
        0x0e => Repeat(random, 2, r => [.. BlsG2(r), .. Word.Any(r).ToBigEndianArray()]),
        0x0f => Repeat(random, 2, r => [.. BlsG1(r), .. BlsG2(r)]),
        0x10 => Fp(random),
        0x11 => [.. Fp(random), .. Fp(random)],
        0x100 => random.Bytes(160),
        _ => random.Bytes(random.Pick(0, 1, 31, 32, 33, 55, 56, 63, 64, 65, 119, 120, 127, 128, 135, 136, 137, 300)),
    };

    private static byte[] Repeat(FuzzRandom random, int most, Func<FuzzRandom, byte[]> make)
    {
        var bytes = new List<byte>();
        for (int left = random.Between(1, most); left > 0; left--) bytes.AddRange(make(random));
        return [.. bytes];
    }

    private static byte[] Recovery(FuzzRandom random)
    {
        byte[] key = random.Bytes(32);
        key[0] &= 0x7f;
        key[31] |= 1;
        var digest = new Hash256(random.Bytes(32));
        EcdsaSignature signature = Secp256k1.Sign(digest, key);
        UInt256 s = random.Chance(30) ? SignatureRules.Order - signature.S : signature.S; // the precompile takes both halves
        return [.. digest.ToArray(), .. new UInt256(27UL + signature.YParity).ToBigEndianArray(), .. signature.R.ToBigEndianArray(), .. s.ToBigEndianArray()];
    }

    private static byte[] ModExp(FuzzRandom random)
    {
        int Size() => random.Next(20) switch
        {
            0 => 0,
            1 => 1024,
            2 => 1025,
            3 => random.Between(900, 1100),
            < 7 => random.Pick(7, 8, 9, 15, 16, 17, 31, 33),
            _ => random.Between(1, 96),
        };
        int b = Size(), e = random.Chance(80) ? Math.Min(Size(), 64) : Size(), m = Size();
        byte[] Number(int size) => random.Next(5) switch
        {
            0 => new byte[size],
            1 => [.. Enumerable.Repeat((byte)0xff, size)],
            2 when size > 0 => [.. new byte[size - 1], (byte)random.Next(4)],
            3 when size > 0 => [(byte)(1 << random.Next(8)), .. new byte[size - 1]],
            _ => random.Bytes(size),
        };
        UInt256 Length(int size) => random.Chance(97) ? (ulong)size : Word.Any(random);
        return [.. Length(b).ToBigEndianArray(), .. Length(e).ToBigEndianArray(), .. Length(m).ToBigEndianArray(), .. Number(b), .. Number(e), .. Number(m)];
    }

    private static byte[] BnPoint(FuzzRandom random)
    {
        if (random.Chance(8)) return new byte[64];
        byte[] input = [.. UInt256.One.ToBigEndianArray(), .. new UInt256(2).ToBigEndianArray(), .. Word.Any(random).ToBigEndianArray()], point = new byte[64];
        return Crypto.TryBn254Mul(input, point) ? point : throw new InvalidOperationException("the generator is on the curve");
    }

    private static byte[] BnPairs(FuzzRandom random)
    {
        byte[] generator = Hex.Decode(
            "0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
            + "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa");
        if (random.Chance(30)) // e(P, G) e(-P, G) = 1
        {
            byte[] point = BnPoint(random), negative = [.. point];
            UInt256 y = UInt256.FromBigEndian(point.AsSpan(32)), field = UInt256.FromBigEndian(Hex.Decode("0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47"));
            if (!y.IsZero) (field - y).WriteBigEndian(negative.AsSpan(32));
            return [.. point, .. generator, .. negative, .. generator];
        }

        return random.Chance(10) ? [] : Repeat(random, 3, r => [.. BnPoint(r), .. r.Chance(15) ? new byte[128] : generator]);
    }

    private static byte[] Blake(FuzzRandom random)
    {
        byte[] input = random.Bytes(213);
        new byte[] { 0, 0, (byte)random.Next(3), (byte)random.Next(256) }.CopyTo(input, 0);
        input[212] = (byte)random.Next(random.Chance(90) ? 2 : 256);
        return input;
    }

    /// <summary>The zero polynomial opens to zero everywhere: commitment and proof are the point at infinity.</summary>
    private static byte[] PointEvaluation(FuzzRandom random)
    {
        byte[] infinity = [0xc0, .. new byte[47]], hash = SHA256.HashData(infinity), z = random.Bytes(32);
        hash[0] = 1;
        z[0] &= 0x3f;
        return [.. hash, .. z, .. new byte[32], .. infinity, .. infinity];
    }

    private static byte[] Fp(FuzzRandom random)
    {
        byte[] element = [.. new byte[16], .. random.Bytes(48)];
        element[16] &= 0x0f;
        if (random.Chance(10)) element.AsSpan(16).Clear();
        return element;
    }

    private static byte[] BlsG1(FuzzRandom random)
    {
        var point = new byte[128];
        return random.Chance(8) || Crypto.TryBlsMapFpToG1(Fp(random), point) ? point : throw new InvalidOperationException("every field element maps to a point");
    }

    private static byte[] BlsG2(FuzzRandom random)
    {
        var point = new byte[256];
        byte[] element = [.. Fp(random), .. Fp(random)];
        return random.Chance(8) || Crypto.TryBlsMapFp2ToG2(element, point) ? point : throw new InvalidOperationException("every field element maps to a point");
    }
}
