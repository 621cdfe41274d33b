using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>Cases at the edges of a transaction's rules: intrinsic gas and floor, balance, nonce, fees, gas cap, init code size, access lists.</summary>
internal static class EdgeCases
{
    public static FuzzProgram Make(CaseWorld world, string name)
    {
        FuzzRandom random = world.Random;
        world.PutContract(world.Contracts[0], random.Chance(50) ? [0x5a, 0x5f, 0x52, 0x59, 0x5f, 0xf3] : StructuredCode.Contract(world, 4)); // returns GAS
        bool creates = random.Chance(25);
        byte[] data = creates ? InitCode(world) : Data(random);
        Transaction plain = world.NewTransaction(creates ? null : random.Pick(world.Contracts[0], world.Account, world.Nobody, world.AnyPrecompile()), data, 1_000_000);
        ulong gas = random.Next(3) == 0 ? world.GasLimit() : Edge(world, plain);
        UInt256 maxFee = plain.MaxFeePerGas, priority = plain.MaxPriorityFeePerGas, value = plain.Value;
        ulong nonce = 0;
        ulong chainId = FuzzProgram.ChainId;
        switch (random.Next(14))
        {
            case 0:
                nonce = random.Pick(1UL, ulong.MaxValue - 1);
                break;
            case 1: // everything, or one wei more
                value = new UInt256(0, 1000) - (maxFee * gas) + random.Pick<ulong>(0, 1);
                break;
            case 2:
                maxFee = random.Pick<ulong>(DevChain.BaseFee - 1, DevChain.BaseFee, DevChain.BaseFee + 1);
                priority = plain.Type == TransactionType.DynamicFee ? random.Pick<UInt256>(0, 1, maxFee) : maxFee;
                break;
            case 3 when plain.Type == TransactionType.DynamicFee:
                priority = maxFee + UInt256.One;
                break;
            case 4:
                gas = random.Pick(1UL << 24, (1UL << 24) + 1, (1UL << 24) - 1);
                break;
            case 5:
                chainId = random.Pick(1UL, 1338UL);
                break;
        }

        return world.Finish(name, new Transaction
        {
            Type = plain.Type,
            ChainId = plain.Type == TransactionType.Legacy && random.Chance(25) ? null : chainId,
            Nonce = nonce,
            MaxFeePerGas = maxFee,
            MaxPriorityFeePerGas = priority,
            GasLimit = gas,
            To = plain.To,
            Value = value,
            Data = data,
            AccessList = plain.AccessList,
        });
    }

    private static byte[] Data(FuzzRandom random) => random.Next(4) switch
    {
        0 => [],
        1 => new byte[random.Next(2_000)],
        2 => [.. Enumerable.Repeat((byte)1, random.Next(3_000))],
        _ => [.. random.Bytes(random.Next(600)), .. new byte[random.Next(300)]],
    };

    private static byte[] InitCode(CaseWorld world) => world.Random.Chance(15)
        ? new byte[world.Random.Pick(49_151, 49_152, 49_153)]
        : StructuredCode.InitCode(world);

    /// <summary>A gas limit about what the transaction costs before its first instruction.</summary>
    private static ulong Edge(CaseWorld world, Transaction transaction)
    {
        TransactionChecks.CheckStateless(transaction, world.Fork.Rules with { MaxTransactionGas = ulong.MaxValue }, FuzzProgram.ChainId, Leniency.None, out ulong intrinsic, out ulong floor);
        ulong at = Math.Max(intrinsic, 21_000);
        if (world.Random.Chance(50)) at = Math.Max(at, floor);
        return at + (ulong)world.Random.Pick(0, 0, 1, 2, 100, 2_300) - (ulong)world.Random.Pick(0, 0, 1);
    }
}
