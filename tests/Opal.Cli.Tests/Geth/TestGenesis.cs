namespace Opal.Cli.Tests.Geth;

/// <summary>A small L2 chain's genesis.json.</summary>
internal static class TestGenesis
{
    public const ulong ChainId = 42069;

    public static string Json(ulong timestamp = 1_700_000_000, string? jovian = null) => $$"""
        {
          "config": {
            "chainId": 42069, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0, "constantinopleBlock": 0, "petersburgBlock": 0,
            "istanbulBlock": 0, "muirGlacierBlock": 0, "berlinBlock": 0, "londonBlock": 0, "arrowGlacierBlock": 0, "grayGlacierBlock": 0, "mergeNetsplitBlock": 0,
            "shanghaiTime": 0, "cancunTime": 0, "bedrockBlock": 0, "regolithTime": 0, "canyonTime": 0, "ecotoneTime": 0, "fjordTime": 0, "graniteTime": 0{{(jovian is null ? "" : $", \"holoceneTime\": 0, \"isthmusTime\": 0, \"pragueTime\": 0, \"jovianTime\": {jovian}")}},
            "terminalTotalDifficulty": 0, "terminalTotalDifficultyPassed": true,
            "optimism": { "eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250 }
          },
          "nonce": "0x0", "timestamp": "0x{{timestamp:x}}", "extraData": "0x{{(jovian is null ? "" : "000000003200000006")}}", "gasLimit": "0x1c9c380", "difficulty": "0x0",
          "mixHash": "0x0000000000000000000000000000000000000000000000000000000000000000", "coinbase": "0x4200000000000000000000000000000000000011",
          "alloc": {
            "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266": { "balance": "0x56bc75e2d63100000" },
            "4200000000000000000000000000000000000016": { "balance": "0x0", "code": "0x6001600055", "storage": { "0x0000000000000000000000000000000000000000000000000000000000000001": "0x0000000000000000000000000000000000000000000000000000000000000002" } }
          },
          "number": "0x0", "gasUsed": "0x0", "parentHash": "0x0000000000000000000000000000000000000000000000000000000000000000", "baseFeePerGas": "0x3b9aca00"
        }
        """;
}
