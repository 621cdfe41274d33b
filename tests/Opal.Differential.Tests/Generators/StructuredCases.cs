namespace Opal.Differential.Tests;

/// <summary>Cases of well-formed contracts that call each other; or one creation transaction among them.</summary>
internal static class StructuredCases
{
    public static FuzzProgram Make(CaseWorld world, string name)
    {
        FuzzRandom random = world.Random;
        Fill(world, random.Between(1, 4));
        return random.Chance(12)
            ? world.Finish(name, world.NewTransaction(null, StructuredCode.InitCode(world)))
            : world.Finish(name, world.NewTransaction(world.Contracts[0], random.Bytes(random.Next(100))));
    }

    /// <summary>Gives the first few contracts code.</summary>
    public static void Fill(CaseWorld world, int contracts)
    {
        for (int i = 0; i < contracts; i++) world.PutContract(world.Contracts[i], StructuredCode.Contract(world, world.Random.Between(2, i == 0 ? 16 : 8)));
    }
}
