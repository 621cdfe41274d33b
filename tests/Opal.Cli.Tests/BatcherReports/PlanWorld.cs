using Opal.Cli.BatcherReports;
using Opal.Cli.Flags;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Tests.BatcherReports;

/// <summary>An L1 with prices, a rollup's blocks and its node, all in memory.</summary>
internal sealed class PlanWorld
{
    public const ulong L1Seconds = 12, Gwei = 1_000_000_000;

    public static readonly RollupConfig Rollup = new()
    {
        GenesisL1 = new BlockId(Hash256.FromUInt256(new UInt256(1)), 0), GenesisL2 = new BlockId(Hash256.FromUInt256(new UInt256(2)), 0), GenesisL2Time = 1_000_000, BlockTimeSeconds = 2, L1ChainId = 900, L2ChainId = 901,
        Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Granite), BatchInboxAddress = Address.FromNumber(0xff), DepositContractAddress = Address.FromNumber(0xfe), L1SystemConfigAddress = Address.FromNumber(0xfd),
        GenesisSystemConfig = new SystemConfig { BatcherAddress = Address.FromNumber(0xba), GasLimit = 30_000_000 },
    };

    private readonly List<Block> _blocks = [];

    public PlanWorld(int blocks, int bytes = 100)
    {
        for (ulong number = 1; number <= (ulong)blocks; number++) _blocks.Add(Make(number, bytes));
        L1 = new InProcessRpcClient(new RpcRegistry()
            .Register("eth_chainId", _ => RpcResult.Quantity(L1ChainId))
            .Register("eth_feeHistory", parameters => RpcResult.Json(json => WriteFees(json, parameters.GetNumber(0))))
            .Register("eth_getBlockByNumber", parameters => RpcResult.Json(json => EthJson.WriteBlock(json, L1Block(parameters.GetBlock(0).Number), true, NativeCrypto.Instance))), "l1");
        L2 = new InProcessRpcClient(new RpcRegistry()
            .Register("eth_chainId", _ => RpcResult.Quantity(901UL))
            .Register("eth_blockNumber", _ => RpcResult.Quantity((ulong)_blocks.Count))
            .Register("eth_getBlockByNumber", parameters => RpcResult.Json(json => EthJson.WriteBlock(json, _blocks[(int)parameters.GetBlock(0).Number - 1], true, NativeCrypto.Instance))), "l2");
        Node = new InProcessRpcClient(new RpcRegistry().Register("optimism_rollupConfig", _ => RpcResult.Json(json => RollupConfigFile.Write(json, Rollup))), "node");
    }

    public IRpcClient L1 { get; }

    public IRpcClient L2 { get; }

    public IRpcClient Node { get; }

    public IReadOnlyList<Block> Blocks => _blocks;

    public ulong L1ChainId { get; set; } = 900;

    /// <summary>Base fees of L1's blocks, wei, from block 1000 on.</summary>
    public ulong[] BaseFees { get; set; } = [10 * Gwei, 10 * Gwei, 10 * Gwei, 10 * Gwei];

    /// <summary>Blob base fees of the same blocks; null where L1 does not tell them.</summary>
    public ulong[]? BlobFees { get; set; } = [Gwei / 2, Gwei / 2, Gwei / 2, Gwei / 2];

    /// <summary>The median tip of every block.</summary>
    public ulong Tip { get; set; } = 2 * Gwei;

    /// <summary>A plan; unless a flag says otherwise the batcher follows any number of transactions, so that a channel is closed when its duration ends.</summary>
    public Task<Plan> PlanAsync(params string[] flags) => PlanCommand.MakeAsync(FlagParser.Parse(PlanFlags.Table, flags, [new("OP_BATCHER_MAX_PENDING_TX", "0")]), L1, L2, Node, CancellationToken.None);

    private void WriteFees(System.Text.Json.Utf8JsonWriter json, ulong asked)
    {
        int count = (int)Math.Min(asked, (ulong)BaseFees.Length);
        json.WriteStartObject();
        json.WriteQuantity("oldestBlock"u8, 1000UL);
        Quantities("baseFeePerGas", [.. BaseFees.Take(count), 7]);
        if (BlobFees is { } blob) Quantities("baseFeePerBlobGas", [.. blob.Take(count), 7]);
        json.WriteStartArray("reward"u8);
        for (int i = 0; i < count; i++)
        {
            json.WriteStartArray();
            json.WriteQuantityValue(Tip);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void Quantities(string name, ulong[] values)
        {
            json.WriteStartArray(name);
            foreach (ulong value in values) json.WriteQuantityValue(value);
            json.WriteEndArray();
        }
    }

    private static Block L1Block(ulong number) => new()
    {
        Header = new BlockHeader { Number = number, Timestamp = number * L1Seconds, BaseFeePerGas = 1, TransactionsRoot = BodyRoots.OfTransactions([]) },
        Transactions = [],
    };

    private static Block Make(ulong number, int bytes)
    {
        ulong time = Rollup.GenesisL2Time + (2 * number), origin = number / 6;
        var info = new L1BlockInfo { Format = L1BlockInfo.FormatAt(Rollup, new L2Time(time)), Number = origin, BlockHash = Hash256.FromUInt256(new UInt256(origin, 9)), SequenceNumber = number % 6, Timestamp = time };
        Transaction[] transactions = [info.ToDepositTransaction(isRegolith: true)];
        if (bytes > 0)
        {
            var data = new byte[bytes];
            new Random((int)number).NextBytes(data);
            transactions = [.. transactions, new Transaction
            {
                Type = TransactionType.DynamicFee, ChainId = 901, Nonce = number, MaxFeePerGas = 1, MaxPriorityFeePerGas = 1, GasLimit = 21_000, To = Address.FromNumber(number), Data = data, R = number + 1, S = 5,
            }];
        }

        return new Block
        {
            Header = new BlockHeader { Number = number, Timestamp = time, BaseFeePerGas = 1, GasLimit = 30_000_000, TransactionsRoot = BodyRoots.OfTransactions(transactions) },
            Transactions = transactions,
        };
    }
}
