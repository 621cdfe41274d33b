using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Cli.Batches;
using Opal.Crypto;
using Opal.DevL1;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Cli.Tests.Batches.TestBatches;

namespace Opal.Cli.Tests.Batches;

/// <summary>Batches read from an L1 over its JSON-RPC and Beacon API.</summary>
public sealed class DecodeL1Tests : IAsyncLifetime
{
    private const ulong ChainId = 900;
    private static readonly Address Inbox = Address.FromNumber(0xff00);
    private static readonly byte[] BatcherKey = Keccak256.Hash("batcher"u8).ToArray(), OtherKey = Keccak256.Hash("other"u8).ToArray();
    private static readonly Address Batcher = Secp256k1.PrivateKeyToAddress(BatcherKey);
    private static readonly UInt256 Gwei = new(1_000_000_000);
    private static readonly Frame[] s_first = Frames(Id(1), Channel(Singular(100, 1), Singular(102)), 2), s_second = Frames(Id(2), Channel(Singular(104)), 2);

    private readonly DevL1Node _l1 = NewL1();
    private Hash256 _blobs, _calldata;

    private static DevL1Node NewL1() => new(
        DevL1Genesis.Create(new DevL1GenesisOptions
        {
            ChainId = ChainId,
            Timestamp = 1_700_000_000,
            Balances = [(Batcher, new UInt256(1_000_000_000_000_000_000) * 1000UL), (Secp256k1.PrivateKeyToAddress(OtherKey), new UInt256(1_000_000_000_000_000_000) * 1000UL)],
        }),
        new DevL1Options { ProduceBlocks = false }, NativeCrypto.Instance, TimeProvider.System, NullLoggerFactory.Instance);


    /// <summary>Block 1: two blobs with a channel; block 2: the first frame of another and a stranger's copy; block 3: no frame of it.</summary>
    public async Task InitializeAsync()
    {
        await _l1.StartAsync(CancellationToken.None);
        _blobs = Send(BlobTransaction(0, Data(s_first[0]), Data(s_first[1])));
        _l1.Mine();
        _calldata = Send(new PooledTransaction(Sign(Unsigned(1, Data(s_second[0])), BatcherKey), null));
        Send(new PooledTransaction(Sign(Unsigned(0, Data(s_second[1])), OtherKey), null));
        _l1.Mine(2);
    }

    public async Task DisposeAsync() => await _l1.DisposeAsync();

    private Hash256 Send(PooledTransaction transaction)
    {
        Assert.True(_l1.Client.Pool.Add(transaction.Transaction, transaction.Sidecar).IsAccepted);
        return transaction.Transaction.Hash;
    }

    private static Transaction Unsigned(ulong nonce, byte[] data) => new()
    {
        Type = TransactionType.DynamicFee, ChainId = ChainId, Nonce = nonce, To = Inbox, GasLimit = 100_000, MaxFeePerGas = Gwei * 10UL, MaxPriorityFeePerGas = Gwei, Data = data,
    };

    private static Transaction Sign(Transaction transaction, byte[] key)
    {
        EcdsaSignature signature = Secp256k1.Sign(transaction.SigningHash(), key);
        return transaction.WithSignature(signature.YParity, signature.R, signature.S);
    }

    private static PooledTransaction BlobTransaction(ulong nonce, params byte[][] contents)
    {
        byte[][] blobs = [.. contents.Select(static _ => new byte[BlobCodec.BlobSize])], commitments = [.. contents.Select(static _ => new byte[48])], proofs = [.. contents.Select(static _ => new byte[48])];
        for (int i = 0; i < contents.Length; i++)
        {
            Assert.True(BlobCodec.TryEncode(contents[i], blobs[i]));
            Assert.True(Kzg.TryBlobToCommitment(blobs[i], commitments[i]));
            Assert.True(Kzg.TryComputeBlobProof(blobs[i], commitments[i], proofs[i]));
        }

        Transaction transaction = Sign(new Transaction
        {
            Type = TransactionType.Blob, ChainId = ChainId, Nonce = nonce, To = Inbox, GasLimit = 21_000, MaxFeePerGas = Gwei * 10UL, MaxPriorityFeePerGas = Gwei,
            MaxFeePerBlobGas = Gwei, BlobVersionedHashes = [.. commitments.Select(static commitment => Kzg.VersionedHash(commitment))],
        }, BatcherKey);
        return new PooledTransaction(transaction, new BlobSidecar { Blobs = blobs, Commitments = commitments, Proofs = proofs });
    }

    private DecodeOptions Options(ulong from, ulong to) =>
        new() { Json = true, L1 = _l1.RpcAddress, Beacon = _l1.BeaconAddress, Inbox = Inbox, Batcher = Batcher, From = from, To = to };

    [Fact]
    public async Task A_range_shows_transactions_frames_channels_and_batches()
    {
        DecodeRun run = await DecodeRun.OfAsync(Options(0, 3));
        Assert.Equal((0, ""), (run.Code, run.Error));
        JsonElement[] transactions = [.. run.Json.GetProperty("transactions").EnumerateArray()];
        Assert.Equal([1, 2, 2], transactions.Select(static t => t.GetProperty("l1_block").GetInt32()));
        Assert.Equal(_blobs.ToString(), transactions[0].GetProperty("transaction").GetString());
        Assert.Equal(["blob", "blob"], transactions[0].GetProperty("data").EnumerateArray().Select(static part => part.GetProperty("carrier").GetString()));
        Assert.Equal([true, false, true], [transactions[0].GetProperty("valid_sender").GetBoolean(), .. transactions[1..].Select(static t => t.GetProperty("valid_sender").GetBoolean()).Order()]);
        JsonElement[] channels = [.. run.Json.GetProperty("channels").EnumerateArray()];
        Assert.Equal(["complete", "lacks frame 1"], channels.Select(static channel => channel.GetProperty("state_text").GetString()));
        Assert.Equal([100UL, 102UL], channels[0].GetProperty("batches").EnumerateArray().Select(static batch => batch.GetProperty("timestamp").GetUInt64()));
        Assert.Equal([true, true, true, false], run.Json.GetProperty("frames").EnumerateArray().Select(static frame => frame.GetProperty("used").GetBoolean()).OrderDescending());
        Assert.Equal(1, run.Json.GetProperty("total").GetProperty("ignored_transactions").GetInt32());
    }

    [Fact]
    public async Task Tables_say_who_is_not_the_batcher()
    {
        DecodeRun run = await DecodeRun.OfAsync(Options(0, 3) with { Json = false });
        Assert.Contains("its sender is not the batcher", run.Output, StringComparison.Ordinal);
        Assert.Contains("2 blobs", run.Output, StringComparison.Ordinal);
        Assert.Contains("total: 3 transactions (1 not the batcher's), 4 frames (1 not used), 2 channels (1 complete), 2 batches, 2 L2 blocks, 1 L2 transaction", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_Beacon_API_blobs_are_named_and_the_rest_is_decoded()
    {
        DecodeRun run = await DecodeRun.OfAsync(Options(0, 3) with { Beacon = null });
        Assert.Equal(1, run.Code);
        Assert.Equal(2, run.Problems.Length);
        Assert.All(run.Problems, static problem => Assert.Contains("l1.beacon", problem, StringComparison.Ordinal));
        Assert.Equal("lacks frame 1", run.Channel.GetProperty("state_text").GetString());
    }

    [Fact]
    public async Task A_transaction_is_found_by_its_hash()
    {
        DecodeRun run = await DecodeRun.OfAsync(Options(0, 3) with { From = null, To = null, Transactions = [_calldata, _blobs] });
        Assert.Equal(0, run.Code);
        Assert.Equal([_blobs.ToString(), _calldata.ToString()], run.Json.GetProperty("transactions").EnumerateArray().Select(static t => t.GetProperty("transaction").GetString()));
        DecodeRun none = await DecodeRun.OfAsync(Options(0, 3) with { From = null, To = null, Transactions = [Keccak256.Hash([1])] });
        Assert.Equal(1, none.Code);
        Assert.Contains("knows no block", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_is_L1s_head_unless_it_is_given_and_not_beyond_it()
    {
        Assert.Equal(0, (await DecodeRun.OfAsync(Options(0, 3) with { To = null })).Code);
        DecodeRun beyond = await DecodeRun.OfAsync(Options(0, 4));
        Assert.Equal(1, beyond.Code);
        Assert.Contains("L1's head is block 3", beyond.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_chains_L1_is_refused()
    {
        DecodeRun run = await DecodeRun.OfAsync(Options(0, 3) with { Network = "op-mainnet" });
        Assert.Equal(1, run.Code);
        Assert.Contains("serves chain 900", run.Error, StringComparison.Ordinal);
    }
}
