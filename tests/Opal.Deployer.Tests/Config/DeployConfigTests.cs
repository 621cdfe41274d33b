using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Opal.Deployer.Config;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Deployer.Tests.Config;

public class DeployConfigTests
{
    private static DeployConfig Parse(JsonNode json, List<string>? warnings = null) =>
        DeployConfigFile.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "chain.json", warnings is null ? null : warnings.Add);

    [Fact]
    public void A_respected_game_type_that_is_not_deployed_is_warned_of()
    {
        DeployConfig config = SampleConfig.Create() with { UseFaultProofs = true, FaultGameAbsolutePrestate = Keccak256.Hash("a program"u8), RespectedGameType = 2 };
        var warnings = new List<string>();
        DeployConfigFile.Parse(DeployConfigWriter.ToJson(config), "chain.json", warnings.Add);
        Assert.Contains("respectedGameType is 2", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Template_round_trips_through_its_json()
    {
        DeployConfig config = SampleConfig.Create();
        byte[] json = DeployConfigWriter.ToJson(config);
        var warnings = new List<string>();
        DeployConfig back = DeployConfigFile.Parse(json, "chain.json", warnings.Add);
        Assert.Empty(warnings);
        Assert.Equal(config, back);
    }

    [Fact]
    public void Every_problem_is_named_with_file_and_key_at_once()
    {
        JsonNode json = SampleConfig.Json();
        json["l2ChainID"] = json["l1ChainID"]!.DeepClone();
        json["batchSenderAddress"] = "0x12";
        json.AsObject().Remove("finalSystemOwner");
        json["l2GenesisBlockGasLimit"] = "0x1";
        json["useCustomGasToken"] = true;
        json["maxSequencerDrift"] = 0;
        string message = Assert.Throws<DeployerException>(() => Parse(json)).Message;
        Assert.StartsWith("chain.json cannot be used:", message, StringComparison.Ordinal);
        foreach (string key in new[] { "l2ChainID", "batchSenderAddress", "finalSystemOwner", "l2GenesisBlockGasLimit", "useCustomGasToken", "maxSequencerDrift" })
        {
            Assert.Contains($"  - {key} ", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Unknown_key_warns_by_name_and_known_unused_key_does_not()
    {
        JsonNode json = SampleConfig.Json();
        json["l2GenesisBlokGasLimit"] = 1;
        json["l1UseClique"] = true;
        var warnings = new List<string>();
        Parse(json, warnings);
        Assert.Equal("chain.json: the key l2GenesisBlokGasLimit is not known and has no effect", Assert.Single(warnings));
    }

    [Theory]
    [InlineData("12", 12ul)]
    [InlineData("\"12\"", 12ul)]
    [InlineData("\"0xc\"", 12ul)]
    public void Number_may_be_decimal_or_hexadecimal_text(string value, ulong expected)
    {
        JsonNode json = SampleConfig.Json();
        json["finalizationPeriodSeconds"] = JsonNode.Parse(value);
        Assert.Equal(expected, Parse(json).FinalizationPeriodSeconds);
    }

    [Fact]
    public void Vault_network_may_be_a_number_or_a_word()
    {
        JsonNode json = SampleConfig.Json();
        json["l1FeeVaultWithdrawalNetwork"] = "local";
        json["baseFeeVaultWithdrawalNetwork"] = "remote";
        json["sequencerFeeVaultWithdrawalNetwork"] = 1;
        DeployConfig config = Parse(json);
        Assert.Equal(WithdrawalNetwork.L2, config.L1FeeVault.Network);
        Assert.Equal(WithdrawalNetwork.L1, config.BaseFeeVault.Network);
        Assert.Equal(WithdrawalNetwork.L2, config.SequencerFeeVault.Network);
    }

    [Fact]
    public void Fork_order_is_checked()
    {
        Assert.Null(ForkSchedule.AtGenesisThrough("Jovian").FindDisorder());
        Assert.Contains("Fjord", (ForkSchedule.AtGenesisThrough("fjord") with { Ecotone = null }).FindDisorder(), StringComparison.Ordinal);
        Assert.Contains("before Canyon", (ForkSchedule.AtGenesisThrough("canyon") with { Canyon = 10, Delta = 4 }).FindDisorder(), StringComparison.Ordinal);
        JsonNode json = SampleConfig.Json();
        json["l2GenesisCanyonTimeOffset"] = null;
        Assert.Throws<DeployerException>(() => Parse(json));
    }

    [Fact]
    public void What_is_allowed_and_probably_not_meant_is_said()
    {
        var warnings = new List<string>();
        JsonNode json = SampleConfig.Json();
        foreach (string fork in ForkSchedule.Names) json[$"l2Genesis{fork}TimeOffset"] = "0x0";
        json["usePlasma"] = true;
        Assert.True(Parse(json, warnings).UseAltDa);
        Assert.Contains(warnings, warning => warning.Contains("useAltDA", StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.Contains("l2GenesisKarstTimeOffset", StringComparison.Ordinal));
    }

    [Fact]
    public void Broken_json_and_missing_file_are_named()
    {
        Assert.Contains("chain.json is not JSON", Assert.Throws<DeployerException>(() => DeployConfigFile.Parse("{"u8.ToArray(), "chain.json")).Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/x.json", Assert.Throws<DeployerException>(() => DeployConfigFile.Load("/nowhere/x.json")).Message, StringComparison.Ordinal);
    }

    [VectorTheory]
    [InlineData("l1-output-oracle")]
    [InlineData("l1-fault-proofs")]
    public void Official_config_is_understood(string name)
    {
        using JsonDocument vector = JsonDocument.Parse(Vectors.Read($"genesis/{name}.json"));
        JsonElement json = vector.RootElement.GetProperty("deployConfig");
        var warnings = new List<string>();
        DeployConfig config = DeployConfigFile.Parse(Encoding.UTF8.GetBytes(json.GetRawText()), name, warnings.Add);
        Assert.Empty(warnings);
        Assert.Equal(1901ul, config.L2ChainId);
        Assert.Equal(UInt256.One, config.L2GenesisBlockBaseFeePerGas);
        Assert.Equal(0ul, config.Forks.Regolith);
        Assert.Equal(50ul, config.FaultGameMaxDepth);
        Assert.Equal("earliest", config.L1StartingBlockTag);
    }
}
