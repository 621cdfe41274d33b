using System.Text.Json;
using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Protocol.Tests;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>Runs Ethereum blockchain tests: imports every block, and compares the verdicts, the last hash and the state.</summary>
internal sealed class BlockchainTestRunner : IDisposable
{
    private static readonly string[] ForkNames = ["London", "Paris", "Shanghai", "Cancun", "Prague", "Osaka", "BPO1", "BPO2", "BPO3", "BPO4", "BPO5"];

    private readonly Dictionary<string, BlockExecutor> _executors = [];

    public int Passed { get; private set; }

    public List<string> Failures { get; } = [];

    public void RunFile(string name, byte[] data, Func<string, bool>? wanted = null)
    {
        using JsonDocument document = JsonDocument.Parse(data);
        foreach (JsonProperty test in document.RootElement.EnumerateObject())
        {
            if (wanted is not null && !wanted(test.Value.At("network").GetString()!)) continue;
            string? fault = Run(test.Value);
            if (fault is null) Passed++;
            else Failures.Add($"{name} {test.Name}: {fault}");
        }
    }

    private string? Run(JsonElement test)
    {
        BlockExecutor executor = ExecutorOf(test);
        var genesis = new Genesis { Accounts = test.At("pre").EnumerateObject().Select(ReadAccount).ToArray() };
        if (!Block.TryDecode(test.At("genesisRLP").Bytes(), out Block? genesisBlock)) return "the genesis block does not decode";
        if (genesis.ComputeRoots().StateRoot != genesisBlock!.Header.StateRoot) return "wrong genesis state root";
        var chain = new MemoryChain(genesis, genesisBlock.Header);
        int index = 0;
        foreach (JsonElement json in test.At("blocks").EnumerateArray())
        {
            bool mustFail = json.Has("expectException");
            bool decodes = Block.TryDecode(json.At("rlp").Bytes(), out Block? block);
            if (!decodes)
            {
                if (!mustFail) return $"block {index} does not decode";
            }
            else
            {
                ExecutionResult result = chain.Import(executor, block!);
                if (result.IsValid == mustFail)
                {
                    return mustFail ? $"block {index} accepted, though {json.At("expectException").GetString()}" : $"block {index} rejected: {result.Error} {result.Verdict}";
                }
            }

            index++;
        }

        return chain.Head.Hash == test.At("lastblockhash").Hash() ? null : "wrong last block";
    }

    private BlockExecutor ExecutorOf(JsonElement test)
    {
        string network = test.At("network").GetString()!;
        string schedule = test.Has("config") && test.At("config").Has("blobSchedule") ? test.At("config").At("blobSchedule").GetRawText() : "";
        ulong chainId = test.Has("config") && test.At("config").Has("chainid") ? test.At("config").At("chainid").ULong() : 1;
        string key = $"{network} {chainId} {schedule}";
        if (_executors.TryGetValue(key, out BlockExecutor? executor)) return executor;
        executor = new BlockExecutor(NativeCrypto.Instance, SpecOf(network, chainId, schedule.Length == 0 ? default : test.At("config").At("blobSchedule")));
        _executors.Add(key, executor);
        return executor;
    }

    private static ChainSpec SpecOf(string network, ulong chainId, JsonElement schedule)
    {
        string first = network, second = "";
        int to = network.IndexOf("To", StringComparison.Ordinal);
        if (network.EndsWith("AtTime15k", StringComparison.Ordinal)) (first, second) = (network[..to], network[(to + 2)..^"AtTime15k".Length]);
        int active = Array.IndexOf(ForkNames, first);
        int later = second.Length == 0 ? active : Array.IndexOf(ForkNames, second);
        if (active < 0 || later < 0) throw new InvalidDataException(network);
        ulong? TimeOf(string fork)
        {
            int index = Array.IndexOf(ForkNames, fork);
            return index <= active ? 0 : index <= later ? 15_000 : null;
        }

        var entries = new List<BlobSchedule.Entry>();
        foreach (string fork in ForkNames)
        {
            if (TimeOf(fork) is not { } time) continue;
            if (schedule.Has(fork))
            {
                JsonElement p = schedule.At(fork);
                entries.Add(new BlobSchedule.Entry(time, new BlobParameters(p.At("target").ULong(), p.At("max").ULong(), p.At("baseFeeUpdateFraction").ULong())));
            }
            else if (fork == "Cancun")
            {
                entries.Add(new BlobSchedule.Entry(time, BlobParameters.Cancun));
            }
            else if (fork == "Prague")
            {
                entries.Add(new BlobSchedule.Entry(time, BlobParameters.Prague));
            }
        }

        var forks = new EthereumForkTimes
        {
            ParisBlock = active >= 1 ? 0 : null,
            Shanghai = TimeOf("Shanghai"),
            Cancun = TimeOf("Cancun"),
            Prague = TimeOf("Prague"),
            Osaka = TimeOf("Osaka"),
        };
        return ChainSpec.ForEthereum(chainId, forks, new BlobSchedule(entries.ToArray()));
    }

    private static GenesisAccount ReadAccount(JsonProperty account) => new(
        Address.Parse(account.Name),
        account.Value.At("balance").Number(),
        account.Value.At("nonce").ULong(),
        account.Value.At("code").Bytes(),
        account.Value.At("storage").EnumerateObject().Select(s => (Slot(s.Name), s.Value.Number())).ToArray());

    private static UInt256 Slot(string text)
    {
        string digits = text[2..];
        return UInt256.FromBigEndian(Hex.Decode(digits.Length % 2 == 0 ? digits : "0" + digits));
    }

    public void Dispose()
    {
        foreach (BlockExecutor executor in _executors.Values) executor.Dispose();
    }
}
