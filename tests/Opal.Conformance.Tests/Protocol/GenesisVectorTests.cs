using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Opal.Trie;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>The genesis files of public chains: state root and block hash.</summary>
public class GenesisVectorTests
{
    public static TheoryData<string> Files()
    {
        var data = new TheoryData<string>();
        if (Vectors.Root is null) return data;
        foreach (JsonElement entry in JsonValues.Load("configs/genesis-index.json").EnumerateArray()) data.Add(entry.At("file").GetString()!);
        return data;
    }

    [VectorTheory]
    [MemberData(nameof(Files))]
    public void Genesis_gives_the_state_root_and_hash_of_the_chain(string file)
    {
        JsonElement entry = JsonValues.Load("configs/genesis-index.json").EnumerateArray().Single(e => e.At("file").GetString() == file);
        JsonElement json = JsonValues.Load("configs/" + file);
        OptimismForkTimes times = entry.At("hardforks").ForkTimes();
        ChainSpec spec = ChainSpec.ForOptimism(entry.At("chainId").ULong(), times, OptimismFeeMarket.Standard);
        var genesis = new Genesis
        {
            Accounts = json.At("alloc").EnumerateObject().Select(ReadAccount).ToArray(),
            Number = json.OptionalULong("number") ?? 0,
            ParentHash = json.OptionalHash("parentHash") ?? Hash256.Zero,
            Timestamp = json.At("timestamp").ULong(),
            GasLimit = json.At("gasLimit").ULong(),
            GasUsed = json.OptionalULong("gasUsed") ?? 0,
            Difficulty = json.Has("difficulty") ? json.At("difficulty").Number() : UInt256.Zero,
            MixHash = json.OptionalHash("mixHash") ?? Hash256.Zero,
            Coinbase = json.Has("coinbase") ? json.At("coinbase").Address() : default,
            Nonce = json.OptionalULong("nonce") ?? 0,
            ExtraData = json.Has("extraData") ? json.At("extraData").Bytes() : [],
            BaseFeePerGas = json.Has("baseFeePerGas") ? json.At("baseFeePerGas").Number() : null,
            BlobGasUsed = json.OptionalULong("blobGasUsed"),
            ExcessBlobGas = json.OptionalULong("excessBlobGas"),
        };
        StateRoots roots = genesis.ComputeRoots();
        Assert.Equal(entry.At("stateRoot").Hash(), roots.StateRoot);
        Assert.Equal(entry.At("genesisL2Hash").Hash(), genesis.MakeHeader(spec, roots).Hash);
    }

    internal static GenesisAccount ReadAccount(JsonProperty account) => new(
        Address.Parse(account.Name),
        account.Value.Has("balance") ? account.Value.At("balance").Number() : UInt256.Zero,
        account.Value.OptionalULong("nonce") ?? 0,
        account.Value.Has("code") ? account.Value.At("code").Bytes() : [],
        account.Value.Has("storage")
            ? account.Value.At("storage").EnumerateObject().Select(s => (UInt256.FromBigEndian(Hex.Decode(s.Name)), s.Value.Number())).ToArray()
            : []);
}
