using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Cli.BatcherReports;
using Opal.Cli.Flags;
using Opal.Crypto;
using Opal.Derivation;
using Opal.DevL1;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Cli.Tests.Batches.TestBatches;

namespace Opal.Cli.Tests.BatcherReports;

/// <summary>What was posted to an L1, read over its JSON-RPC and Beacon API.</summary>
public sealed class PostedTests : IAsyncLifetime
{
    private const ulong ChainId = 900, Genesis = 1_700_000_000;
    private static readonly Address Inbox = Address.FromNumber(0xff00), SystemConfigContract = Address.FromNumber(0xfd);
    private static readonly byte[] BatcherKey = Keccak256.Hash("batcher"u8).ToArray(), OtherKey = Keccak256.Hash("other"u8).ToArray();
    private static readonly Address Batcher = Secp256k1.PrivateKeyToAddress(BatcherKey);
    private static readonly UInt256 Gwei = new(1_000_000_000);
    private static readonly Frame[] s_first = Frames(Id(1), Channel(Singular(Genesis + 2, 1, 2), Singular(Genesis + 4)), 2), s_second = Frames(Id(2), Channel(Singular(Genesis + 6, 3)), 2);
    private static readonly Frame[] s_again = Frames(Id(3), Channel(Singular(Genesis + 6, 3)), 1);

    private static readonly RollupConfig Rollup = new()
    {
        GenesisL1 = new BlockId(Hash256.FromUInt256(new UInt256(1)), 0), GenesisL2 = new BlockId(Hash256.FromUInt256(new UInt256(2)), 0), GenesisL2Time = Genesis, L1ChainId = ChainId, L2ChainId = 901,
        Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Granite), BatchInboxAddress = Inbox, DepositContractAddress = Address.FromNumber(0xfe), L1SystemConfigAddress = SystemConfigContract,
        GenesisSystemConfig = new SystemConfig { BatcherAddress = Address.FromNumber(0xba), GasLimit = 30_000_000 }, // an older batcher: L1 names the present one
    };

    /// <summary>A SystemConfig that answers any call with the batcher's address.</summary>
    private static readonly byte[] s_namesBatcher = [0x73, .. Batcher.ToArray(), 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];

    private readonly DevL1Node _l1 = NewL1();

    private static DevL1Node NewL1() => new(
        DevL1Genesis.Create(new DevL1GenesisOptions
        {
            ChainId = ChainId, Timestamp = Genesis,
            Accounts = [new AccountChange { Address = SystemConfigContract, Exists = true, Account = new Account(1, UInt256.Zero, Keccak256.Hash(s_namesBatcher)) }],
            Codes = [(Keccak256.Hash(s_namesBatcher), s_namesBatcher)],
            Balances = [(Batcher, new UInt256(1_000_000_000_000_000_000) * 1000UL), (Secp256k1.PrivateKeyToAddress(OtherKey), new UInt256(1_000_000_000_000_000_000) * 1000UL)],
        }),
        new DevL1Options { ProduceBlocks = false }, NativeCrypto.Instance, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Block 1: a channel in two blobs; block 2: half of another and a stranger's; block 3: the other half; block 4: the same batch once more.</summary>
    public async Task InitializeAsync()
    {
        await _l1.StartAsync(CancellationToken.None);
        Send(Blobs(0, Data(s_first[0]), Data(s_first[1])));
        _l1.Mine();
        Send(Calldata(1, Data(s_second[0]), BatcherKey));
        Send(Calldata(0, Data(s_second[1]), OtherKey));
        _l1.Mine();
        Send(Calldata(2, Data(s_second[1]), BatcherKey));
        _l1.Mine();
        Send(Calldata(3, Data(s_again), BatcherKey));
        _l1.Mine();
    }

    public async Task DisposeAsync() => await _l1.DisposeAsync();

    [Fact]
    public async Task Fees_fill_and_what_was_carried_are_summed_to_the_wei()
    {
        PostedRange range = await ReadAsync();
        Assert.Equal((4, 1, 2), (range.Transactions.Count, range.Strangers, range.Blobs));
        UInt256 execution = UInt256.Zero, blob = UInt256.Zero;
        ulong gas = 0;
        for (ulong number = 1; number <= 4; number++)
        {
            var block = _l1.Client.Chain.FindCanonical(number)!;
            for (int i = 0; i < block.Transactions.Count; i++)
            {
                Assert.True(block.Transactions[i].TryGetSender(NativeCrypto.Instance, out Address sender));
                if (sender != Batcher) continue;
                gas += block.Receipts[i].GasUsed;
                execution += block.Receipts[i].EffectiveGasPrice * block.Receipts[i].GasUsed;
                if (block.Receipts[i].BlobGasUsed is { } used) blob += block.Receipts[i].BlobGasPrice!.Value * used;
            }
        }

        Assert.Equal((gas, execution, blob, execution + blob), (range.Gas, range.ExecutionFee, range.BlobFee, range.Fee));
        Assert.False(blob.IsZero);
        long inBlobs = Data(s_first[0]).Length + Data(s_first[1]).Length, inCalldata = Data(s_second[0]).Length + Data(s_second[1]).Length + Data(s_again).Length;
        Assert.Equal(inBlobs + inCalldata, range.Bytes);
        Assert.Equal(100.0 * inBlobs / (2 * 130_044), range.FillPercent!.Value, 9);
        Assert.Equal((3L, 3L, 1L, 1), (range.Carried.Blocks, range.Carried.Transactions, range.Carried.DuplicateBlocks, range.Carried.DuplicateChannels));
        Assert.Equal(Amounts.Divide(range.Fee, 3), range.FeePerTransaction);
        Assert.Equal(Amounts.Divide(range.Fee * 1_000_000UL, (ulong)range.Bytes!.Value), range.FeePerMegabyte);
        Assert.Equal((3, 0, 0), (range.CompleteChannels, range.OpenChannels, range.LostChannels.Count));
        Assert.Equal(8UL, range.Seconds);
        Assert.Equal(Amounts.Divide(range.Fee * 86_400UL, 10), range.FeePerDay); // five blocks of two seconds
        // L1 blocks come every two seconds: block 1 carried the L2 blocks of its own second and of two later ones, block 3 that of its own
        Assert.Equal((0.0, 0UL), (range.Carried.AverageDelay, range.Carried.MostDelay));
    }

    [Fact]
    public async Task Delay_is_from_the_L2_block_to_the_frame_that_completed_its_channel()
    {
        Send(Calldata(4, Data(Frames(Id(4), Channel(Singular(Genesis + 4, 9), Singular(Genesis + 8)), 1)), BatcherKey));
        _l1.Mine();
        PostedRange range = await ReadAsync("--from=5");
        Assert.Equal((4.0, 6UL), (range.Carried.AverageDelay, range.Carried.MostDelay)); // in the block of second 10
    }

    [Fact]
    public async Task Without_a_Beacon_API_fees_are_known_and_fill_is_not()
    {
        PostedRange range = await ReadAsync(beacon: false);
        Assert.Equal((4, 2), (range.Transactions.Count, range.Blobs));
        Assert.True(range is { FillPercent: null, Bytes: null, FeePerMegabyte: null, FeePerTransaction: null, Fee.IsZero: false });
        string text = Text(range);
        Assert.Contains("give --l1-beacon", text, StringComparison.Ordinal);
        Assert.DoesNotContain("not decoded", text, StringComparison.Ordinal);
        Assert.Contains("channels        2 complete", text, StringComparison.Ordinal); // those in calldata

        text = Text(await ReadAsync(beacon: false, "--from=1", "--to=1"));
        foreach (string name in new[] { "channels", "duplicates", "L2 blocks" }) Assert.Contains($"{name,-16}unknown", text, StringComparison.Ordinal); // and not 0
    }

    [Fact]
    public async Task Text_and_json_say_the_same()
    {
        PostedRange range = await ReadAsync();
        string text = Text(range);
        Assert.Contains("4 with 2 blobs; 1 to the inbox from others", text, StringComparison.Ordinal);
        Assert.Contains("1 channels, 1 L2 blocks", text, StringComparison.Ordinal);
        using var stream = new MemoryStream();
        PostedJson.Write(range, stream);
        using JsonDocument json = JsonDocument.Parse(stream.ToArray());
        JsonElement total = json.RootElement.GetProperty("total");
        Assert.Equal(range.FeePerTransaction.ToString(), total.GetProperty("fee_per_l2_transaction_wei").GetString());
        Assert.Equal(4, json.RootElement.GetProperty("transactions").GetArrayLength());
        Assert.Equal(1, total.GetProperty("duplicate_channels").GetInt32());
    }

    [Fact]
    public async Task A_channel_whose_frames_come_out_of_order_is_lost_and_told_of()
    {
        Frame[] three = Frames(Id(5), Channel(Singular(Genesis + 8, 1, 2, 3, 4, 5, 6)), 3);
        ulong nonce = 4;
        foreach (Frame frame in new[] { three[0], three[2] }) Send(Calldata(nonce++, Data(frame), BatcherKey));
        _l1.Mine(60); // beyond Granite's 50 blocks
        PostedRange range = await ReadAsync();
        (_, string reason) = Assert.Single(range.LostChannels);
        Assert.Contains("timed out", reason, StringComparison.Ordinal);
        Assert.Contains("lost channel", Text(range), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_range_is_the_flags_and_within_L1()
    {
        Assert.Equal((3UL, 4UL), (await ReadAsync("--last=2")) is var last ? (last.From, last.To) : default);
        Assert.Equal((1UL, 2UL), (await ReadAsync("--from=1", "--to=2")) is var given ? (given.From, given.To) : default);
        foreach (string[] wrong in new string[][] { ["--to=5"], ["--from=3", "--to=2"], ["--last=0"], ["--from=1", "--last=2"], ["--batcher=0x12"] })
        {
            await Assert.ThrowsAsync<FlagException>(() => ReadAsync(wrong));
        }
    }

    [Fact]
    public async Task Another_batcher_has_posted_nothing()
    {
        PostedRange range = await ReadAsync($"--batcher={Address.FromNumber(5)}");
        Assert.Equal((0, 5, UInt256.Zero), (range.Transactions.Count, range.Strangers, range.Fee));
        Assert.Contains("transactions    0; 5 to the inbox from others", Text(range), StringComparison.Ordinal);
    }

    private Task<PostedRange> ReadAsync(params string[] flags) => ReadAsync(true, flags);

    private async Task<PostedRange> ReadAsync(bool beacon, params string[] flags)
    {
        var node = new InProcessRpcClient(new RpcRegistry().Register("optimism_rollupConfig", _ => RpcResult.Json(json => RollupConfigFile.Write(json, Rollup))), "node");
        using var l1 = new HttpRpcClient(_l1.RpcAddress);
        using BeaconClient? client = beacon ? new BeaconClient(_l1.BeaconAddress) : null;
        return await ReportCommand.ReadAsync(FlagParser.Parse(ReportFlags.Table, flags, []), l1, node, client, null, CancellationToken.None);
    }

    private static string Text(PostedRange range)
    {
        using var text = new StringWriter();
        new PostedText(range, text).Write();
        return text.ToString();
    }

    private void Send(PooledTransaction transaction) => Assert.True(_l1.Client.Pool.Add(transaction.Transaction, transaction.Sidecar).IsAccepted);

    private static PooledTransaction Calldata(ulong nonce, byte[] data, byte[] key) => new(Sign(new Transaction
    {
        Type = TransactionType.DynamicFee, ChainId = ChainId, Nonce = nonce, To = Inbox, GasLimit = 100_000, MaxFeePerGas = Gwei * 10UL, MaxPriorityFeePerGas = Gwei, Data = data,
    }, key), null);

    private static Transaction Sign(Transaction transaction, byte[] key)
    {
        EcdsaSignature signature = Secp256k1.Sign(transaction.SigningHash(), key);
        return transaction.WithSignature(signature.YParity, signature.R, signature.S);
    }

    private static PooledTransaction Blobs(ulong nonce, params byte[][] contents)
    {
        byte[][] blobs = [.. contents.Select(static content =>
        {
            var blob = new byte[BlobCodec.BlobSize];
            Assert.True(BlobCodec.TryEncode(content, blob));
            return blob;
        })];
        BlobSidecar sidecar = TxManager.BlobSidecars.Build(blobs, cellProofs: false);
        return new PooledTransaction(Sign(new Transaction
        {
            Type = TransactionType.Blob, ChainId = ChainId, Nonce = nonce, To = Inbox, GasLimit = 21_000, MaxFeePerGas = Gwei * 10UL, MaxPriorityFeePerGas = Gwei, MaxFeePerBlobGas = Gwei,
            BlobVersionedHashes = [.. sidecar.Commitments.Select(static commitment => Kzg.VersionedHash(commitment))],
        }, BatcherKey), sidecar);
    }
}
