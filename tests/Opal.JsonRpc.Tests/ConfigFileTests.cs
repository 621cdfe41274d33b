using System.Text;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.JsonRpc.Tests;

public class ConfigFileTests
{
    internal const string Rollup = """
        {
          "genesis": {
            "l1": {"hash": "0x438335a20d98863a4c0c97999eb2481921ccd28553eac6f913af7c12aec04108", "number": 17422590},
            "l2": {"hash": "0xdbf6a80fef073de06add9b0d14026d6e5a86c85f6d102c36d3d8e9cf89c2afd3", "number": 105235063},
            "l2_time": 1686068903,
            "system_config": {
              "batcherAddr": "0x6887246668a3b87F54DeB3b94Ba47a6f63F32985",
              "overhead": "0x00000000000000000000000000000000000000000000000000000000000000bc",
              "scalar": "0x00000000000000000000000000000000000000000000000000000000000a6fe0",
              "gasLimit": 30000000, "eip1559Params": "0x0000000000000000",
              "operatorFeeParams": "0x0000000000000000000000000000000000000000000000070000000000000009",
              "minBaseFee": 3, "daFootprintGasScalar": 400
            }
          },
          "block_time": 2, "max_sequencer_drift": 600, "seq_window_size": 3600, "channel_timeout": 300,
          "l1_chain_id": 1, "l2_chain_id": 10, "regolith_time": 0, "canyon_time": 1704992401, "delta_time": 1708560000, "ecotone_time": 1710374401,
          "fjord_time": 1720627201, "granite_time": 1726070401, "holocene_time": 1736445601, "isthmus_time": 1746806401, "jovian_time": 1764691201,
          "pectra_blob_schedule_time": null, "batch_inbox_address": "0xff00000000000000000000000000000000000010",
          "deposit_contract_address": "0xbeb5fc579115071764c7423a4f12edde41f106ed", "l1_system_config_address": "0x229047fed2591dbec1ef1118d64f7af3db9eb290",
          "protocol_versions_address": "0x0000000000000000000000000000000000000000",
          "chain_op_config": {"eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250}
        }
        """;

    private static RollupConfig Parse(string text, bool tolerant = false) => RollupConfigFile.Parse("rollup.json", Encoding.UTF8.GetBytes(text), tolerant);

    [Fact]
    public void A_rollup_configuration_reads_and_writes_back()
    {
        RollupConfig config = Parse(Rollup);
        Assert.Equal(17422590UL, config.GenesisL1.Number);
        Assert.Equal(1726070401UL, config.Forks.Granite);
        Assert.Null(config.Forks.Karst);
        Assert.Equal((7u, 9UL, 3UL, (ushort)400), (config.GenesisSystemConfig.OperatorFeeScalar, config.GenesisSystemConfig.OperatorFeeConstant, config.GenesisSystemConfig.MinBaseFee, config.GenesisSystemConfig.DAFootprintGasScalar));
        Assert.Equal(config, RollupConfigFile.ReadValue(CodecTests.Written(w => RollupConfigFile.Write(w, config))));
        string path = Path.GetTempFileName();
        RollupConfigFile.Save(path, config);
        Assert.Equal(config, RollupConfigFile.Read(path));
        File.Delete(path);
    }

    [Theory]
    [InlineData("\"block_time\": 2", "\"block_time\": 2, \"blocktime\": 2", "unknown key \"blocktime\"")]
    [InlineData("\"l2_time\": 1686068903", "\"l2_time\": 1686068903, \"x\": 1", "unknown key \"x\"")]
    [InlineData("\"minBaseFee\": 3", "\"minBaseFees\": 3", "unknown key \"minBaseFees\"")]
    [InlineData("\"block_time\": 2,", "", "\"block_time\" is missing")]
    [InlineData("\"block_time\": 2", "\"block_time\": 0", "block_time: must be at least 1 second")]
    [InlineData("\"block_time\": 2", "\"block_time\": -2", "block_time: expected a whole number")]
    [InlineData("\"canyon_time\": 1704992401", "\"canyon_time\": null", "Delta is set to activate before")]
    [InlineData("\"l2_chain_id\": 10", "\"l2_chain_id\": 1", "must differ")]
    [InlineData("\"l1_chain_id\": 1", "\"alt_da\": {}, \"l1_chain_id\": 1", "alternative DA")]
    [InlineData("\"l1_chain_id\": 1", "\"interop_time\": 5, \"l1_chain_id\": 1", "interop")]
    [InlineData("0x6887246668a3b87F54DeB3b94Ba47a6f63F32985", "0x68", "batcherAddr: expected a 20-byte address")]
    public void Faults_in_a_rollup_configuration_are_named(string from, string to, string message)
    {
        Assert.Contains(from, Rollup);
        ConfigFileException error = Assert.Throws<ConfigFileException>(() => Parse(Rollup.Replace(from, to, StringComparison.Ordinal)));
        Assert.StartsWith("rollup.json: ", error.Message);
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_tolerant_reader_leaves_unknown_keys_out() =>
        Assert.Equal(Parse(Rollup), Parse(Rollup.Replace("\"block_time\": 2", "\"block_time\": 2, \"future_time\": 9", StringComparison.Ordinal), tolerant: true));

    [Fact]
    public void Missing_and_broken_files_are_named()
    {
        Assert.Contains("there is no such file", Assert.Throws<ConfigFileException>(() => RollupConfigFile.Read("/nowhere/rollup.json")).Message);
        Assert.Contains("is no JSON (line 2", Assert.Throws<ConfigFileException>(() => Parse("{\n\"genesis\" 1}")).Message);
        Assert.Contains("expected an object", Assert.Throws<ConfigFileException>(() => Parse("[]")).Message);
    }

    [VectorFact]
    public void Upgrade_bundles_read_in_both_shapes()
    {
        byte[] text = Vectors.Read("opstack/upgrade-transactions.json");
        IReadOnlyList<UpgradeBundle> bundles = UpgradeBundleFile.ParseCollection("upgrades", text);
        Assert.Equal([OptimismFork.Ecotone, OptimismFork.Fjord, OptimismFork.Isthmus, OptimismFork.Jovian, OptimismFork.Karst], bundles.Select(b => b.Fork));
        JsonValue all = CodecTests.Parsed(Encoding.UTF8.GetString(text));
        foreach (UpgradeBundle bundle in bundles.Where(b => b.Fork < OptimismFork.Karst))
        {
            Hash256[] expected = all[bundle.Fork.ToString().ToLowerInvariant()].AsArray(v => v["txHash"].AsHash());
            Assert.Equal(expected, bundle.Transactions.Select(t => t.Hash));
        }

        UpgradeBundle karst = UpgradeBundleFile.Parse("karst", Encoding.UTF8.GetBytes(all["karstBundle"].Element.GetRawText()), OptimismFork.Karst);
        Assert.Equal(bundles[4].Hash, karst.Hash);
        Assert.NotEqual(0UL, karst.ExtraGas);
    }
}
