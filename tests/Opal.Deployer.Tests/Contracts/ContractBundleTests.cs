using Opal.Deployer.Contracts;
using Opal.Primitives;

namespace Opal.Deployer.Tests.Contracts;

public class ContractBundleTests
{
    [Fact]
    public void Embedded_bundle_is_the_pinned_release()
    {
        ContractBundle bundle = ContractBundle.Embedded;
        Assert.Equal("@eth-optimism/contracts-bedrock 0.17.3", bundle.Version);
        Assert.Equal(12, bundle.Preinstalls.Count);
        Assert.Equal(69, bundle.Preinstall("DeterministicDeploymentProxy").Code.Length);
    }

    [Fact]
    public void Artifact_knows_functions_constructor_and_immutables()
    {
        ContractArtifact portal = ContractBundle.Embedded["OptimismPortal2"];
        Assert.Equal("0x8e819e54", Hex.Encode(portal.Function("initialize").Selector.Span));
        Assert.Equal(2, portal.Constructor.Count);
        Assert.Equal([[1594, 5809], [1219, 6771]], portal.ImmutableReferences);
        Assert.Equal(portal.InitCode.Length + 64, portal.InitCodeWith(1UL, 2UL).Length);
        ContractArtifact config = ContractBundle.Embedded["SystemConfig"];
        Assert.Contains(config.Functions, function => function.Name == "initialize" && function.Signature.Contains("(uint32,uint8,uint8,uint32,uint32,uint128)", StringComparison.Ordinal));
    }

    [Fact]
    public void Name_that_is_not_there_is_said_clearly()
    {
        Assert.Contains("Nonsense", Assert.Throws<DeployerException>(() => ContractBundle.Embedded["Nonsense"]).Message, StringComparison.Ordinal);
        Assert.Contains("nonsense", Assert.Throws<DeployerException>(() => ContractBundle.Embedded["Proxy"].Function("nonsense")).Message, StringComparison.Ordinal);
        Assert.Contains("SystemConfig.setGasLimit takes (uint64)", Assert.Throws<DeployerException>(() => ContractBundle.Embedded["SystemConfig"].CallData("setGasLimit")).Message, StringComparison.Ordinal);
        Assert.Contains("Proxy.constructor takes (address)", Assert.Throws<DeployerException>(() => ContractBundle.Embedded["Proxy"].InitCodeWith()).Message, StringComparison.Ordinal);
        Assert.Throws<DeployerException>(() => ContractBundle.FromFolder("/nowhere/artifacts"));
        Assert.Throws<DeployerException>(() => ContractBundle.FromGzip(new MemoryStream([1, 2, 3])));
    }

    [Fact]
    public void Folder_of_forge_artifacts_reads_like_the_bundle()
    {
        // the package that the bundle was made from: the bootstrap leaves it there
        string folder = Path.Combine(Opal.Testing.Vectors.RepositoryRoot, "contracts", "node_modules", "@eth-optimism", "contracts-bedrock", "forge-artifacts");
        ContractBundle packed = ContractBundle.Embedded, raw = ContractBundle.FromFolder(folder);
        Assert.Equal(packed.Version, raw.Version);
        Assert.Equal(packed.Preinstalls.Select(p => (p.Name, p.Address)), raw.Preinstalls.Select(p => (p.Name, p.Address)));
        foreach (string name in new[] { "SystemConfig", "EAS", "FaultDisputeGame", "Proxy" })
        {
            Assert.True(packed[name].InitCode.Span.SequenceEqual(raw[name].InitCode.Span));
            Assert.True(packed[name].RuntimeCode.Span.SequenceEqual(raw[name].RuntimeCode.Span));
            Assert.Equal(packed[name].ImmutableReferences, raw[name].ImmutableReferences);
            Assert.Equal(packed[name].StorageLayout, raw[name].StorageLayout);
            Assert.Equal(packed[name].Functions.Select(f => f.Signature).Order(), raw[name].Functions.Select(f => f.Signature).Order());
        }
    }
}
