using Opal.Cli.Witness;
using Opal.Crypto;
using Opal.Protocol;
using Opal.Protocol.Tests;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>Real L2 blocks, built from their payload attributes on a witness and compared by hash, then executed again as imports.</summary>
public class RealBlockTests
{
    public static TheoryData<string> Blocks()
    {
        var data = new TheoryData<string>();
        if (Vectors.Root is null) return data;
        foreach (string file in Directory.EnumerateFiles(Vectors.PathOf("real-blocks"), "*.json.gz", SearchOption.AllDirectories).Order())
        {
            data.Add(Path.GetRelativePath(Vectors.PathOf("real-blocks"), file)[..^".json.gz".Length]);
        }

        return data;
    }

    private static WitnessBlock Load(string name)
    {
        WitnessFile file = Assert.Single(WitnessFiles.Read([Vectors.PathOf($"real-blocks/{name}.json.gz")]));
        Assert.Null(file.Problem);
        return WitnessBlock.Read(file.Json, file.Preimages);
    }

    [VectorTheory]
    [MemberData(nameof(Blocks))]
    public void Building_from_attributes_gives_the_block_of_the_chain(string name)
    {
        WitnessResult result = WitnessRunner.Run(name, Load(name));
        Assert.Null(result.Error);
        Assert.Equal(result.Expected, result.BlockHash);
    }

    [VectorTheory]
    [MemberData(nameof(Blocks))]
    public void The_block_that_was_built_is_valid_when_imported(string name)
    {
        WitnessBlock witness = Load(name);
        if (witness.BaseFeeOverride is not null) return; // a header that the OP Stack's base fee rule refuses
        using var executor = new BlockExecutor(NativeCrypto.Instance, witness.Spec);
        ExecutionResult begun = executor.TryBegin(witness.Parent, witness.Attributes, witness.OpenState(), BuildOptions.Default, out BlockBuilder? builder);
        Assert.True(begun.IsValid, begun.Describe());
        Assert.Equal(BlockError.None, builder!.Seal(out BuiltBlock? built));
        ExecutionResult imported = executor.Execute(witness.Parent, built!.Block, witness.OpenState());
        Assert.True(imported.IsValid, imported.Describe());
        Assert.Equal(BodyRoots.OfReceipts(built.Receipts), BodyRoots.OfReceipts(imported.Receipts));
        string? supply = EtherSupply.Check(executor, witness.Parent, built.Block, imported.Diff, witness.OpenState());
        Assert.True(supply is null, supply);
    }
}
