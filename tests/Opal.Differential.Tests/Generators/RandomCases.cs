using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>Cases of random bytes, and of random instructions after a few pushes.</summary>
internal static class RandomCases
{
    public static FuzzProgram Make(CaseWorld world, string name)
    {
        FuzzRandom random = world.Random;
        int contracts = random.Between(1, 3);
        for (int i = 0; i < contracts; i++) world.PutContract(world.Contracts[i], Code(world));
        return random.Chance(20)
            ? world.Finish(name, world.NewTransaction(null, Code(world)))
            : world.Finish(name, world.NewTransaction(world.Contracts[0], random.Bytes(random.Next(70))));
    }

    private static byte[] Code(CaseWorld world)
    {
        FuzzRandom random = world.Random;
        if (random.Chance(15)) return Designatorish(world, random.Bytes(random.Between(1, 120)));
        var code = new CodeWriter();
        for (int pushes = random.Between(4, 17); pushes > 0; pushes--) code.Push(Operand(world));
        for (int left = random.Between(5, 80); left > 0; left--)
        {
            switch (random.Next(10))
            {
                case < 4:
                    code.Push(Operand(world), random.Chance(10) ? random.Between(1, 32) : 0);
                    break;
                case 4:
                    code.Raw([(byte)(0x80 + random.Next(32))]); // DUP or SWAP
                    break;
                case 5:
                    code.Raw([(byte)random.Next(256)]);
                    break;
                default:
                    code.Raw([random.Pick<byte>(
                        (byte)random.Next(0x1f), 0x20, (byte)(0x30 + random.Next(0x1b)), (byte)(0x50 + random.Next(0x10)), (byte)(0xa0 + random.Next(5)), (byte)(0xf0 + random.Next(16)))]);
                    break;
            }
        }

        return code.ToArray();
    }

    /// <summary>Code in the state may not look like a delegation by accident where the fork has none; bytes that begin with 0xef are kept otherwise.</summary>
    private static byte[] Designatorish(CaseWorld world, byte[] code) => code.Length == 23 && code[0] == 0xef && !world.Fork.Rules.Evm.HasDelegation ? [0xfe] : code;

    private static UInt256 Operand(CaseWorld world) => world.Random.Next(4) switch
    {
        0 => world.AnyAddress().ToUInt256(),
        1 => Word.Offset(world.Random),
        2 => Word.Size(world.Random),
        _ => Word.Any(world.Random),
    };
}
