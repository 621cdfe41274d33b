using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.DevL1.Tests;

public sealed class DevL1NodeTests
{
    private const ulong ChainId = 900;
    private static readonly byte[] Key = Keccak256.Hash("l1"u8).ToArray();
    private static readonly Address Sender = Secp256k1.PrivateKeyToAddress(Key);
    private static readonly UInt256 Gwei = new(1_000_000_000);

    private static DevL1Node NewNode(
        ulong? osakaTime = null, bool produceBlocks = false, TimeProvider? time = null, ulong? genesisTime = null, ulong blockTime = 2, string? directory = null)
    {
        DevL1Genesis genesis = DevL1Genesis.Create(new DevL1GenesisOptions
        {
            ChainId = ChainId,
            Timestamp = genesisTime ?? 1_700_000_000,
            OsakaTime = osakaTime,
            Balances = [(Sender, new UInt256(1_000_000_000_000_000_000) * 1000UL)],
        });
        var options = new DevL1Options { BlockTimeSeconds = blockTime, ProduceBlocks = produceBlocks, FeeRecipient = Address.FromNumber(0xfee) };
        if (directory is not null) options = options with { Storage = new StorageOptions { Directory = Path.Combine(directory, "geth"), MinFreeDisk = 0 }, BlobDirectory = Path.Combine(directory, "blobs") };
        return new DevL1Node(genesis, options, NativeCrypto.Instance, time ?? TimeProvider.System, NullLoggerFactory.Instance);
    }

    private static Transaction Sign(Transaction transaction)
    {
        EcdsaSignature signature = Secp256k1.Sign(transaction.SigningHash(), Key);
        return transaction.WithSignature(signature.YParity, signature.R, signature.S);
    }

    private static Transaction Transfer(ulong nonce, ulong value = 1) => Sign(new Transaction
    {
        Type = TransactionType.DynamicFee, ChainId = ChainId, Nonce = nonce, To = Address.FromNumber(0xb0b), Value = value, GasLimit = 21_000, MaxFeePerGas = Gwei * 10UL, MaxPriorityFeePerGas = Gwei,
    });

    private static PooledTransaction BlobTransaction(ulong nonce, byte fill, bool cellProofs = false)
    {
        var blob = new byte[BlobSidecar.BlobSize];
        for (int i = 1; i < blob.Length; i += 32) blob[i] = unchecked((byte)(fill + (i / 32 % 7))); // not constant: the proof of a constant is the same for all
        var commitment = new byte[48];
        var proof = new byte[48];
        Assert.True(Kzg.TryBlobToCommitment(blob, commitment));
        Assert.True(Kzg.TryComputeBlobProof(blob, commitment, proof));
        var sidecar = new BlobSidecar { Blobs = [blob], Commitments = [commitment], Proofs = [proof] };
        if (cellProofs) sidecar = new KzgBlobProofs().WithCellProofs(sidecar)!;
        Transaction transaction = Sign(new Transaction
        {
            Type = TransactionType.Blob, ChainId = ChainId, Nonce = nonce, To = Address.FromNumber(0xb0b), GasLimit = 21_000, MaxFeePerGas = Gwei * 10UL, MaxPriorityFeePerGas = Gwei,
            MaxFeePerBlobGas = Gwei, BlobVersionedHashes = [Kzg.VersionedHash(commitment)],
        });
        return new PooledTransaction(transaction, sidecar);
    }

    [Fact]
    public async Task Blobs_sent_over_rpc_are_served_by_the_beacon_api()
    {
        await using DevL1Node node = NewNode();
        await node.StartAsync(CancellationToken.None);
        using var rpc = new HttpRpcClient(node.RpcAddress.ToString());
        PooledTransaction sent = BlobTransaction(0, 7);
        Hash256 hash = await rpc.CallAsync("eth_sendRawTransaction", json => json.WriteDataValue(sent.Encode()), v => v.AsHash());
        Assert.Equal(sent.Transaction.Hash, hash);
        node.Mine();
        ExecutedBlock block = node.Mine();
        block = node.Client.Chain.FindCanonical(block.Number - 1)!;
        Assert.Equal([hash], block.Transactions.Select(t => t.Hash));
        Assert.Equal(BlobGas.GasPerBlob, block.Header.BlobGasUsed);
        TxReceiptInfo? receipt = await new EthClient(rpc).FindReceiptAsync(hash);
        Assert.True(receipt!.Succeeded);

        using var beacon = new BeaconClient(node.BeaconAddress);
        BeaconClock clock = await beacon.ClockAsync();
        Assert.Equal((node.Slots.GenesisTime, 2UL), (clock.GenesisTime, clock.SecondsPerSlot));
        Assert.True(clock.TrySlotAt(block.Header.Timestamp, out ulong at));
        Assert.StartsWith("Opal", await beacon.VersionAsync(), StringComparison.Ordinal);
        IReadOnlyList<BeaconBlob> blobs = (await beacon.GetBlobsAsync(at, sent.Transaction.BlobVersionedHashes, [0])).Blobs;
        Assert.Contains(blobs, b => b.Blob.AsSpan().SequenceEqual(sent.Sidecar!.Blobs[0]));

        using var http = new HttpClient { BaseAddress = node.BeaconAddress };
        ulong slot = node.Slots.SlotOf(block.Header.Timestamp);
        using JsonDocument sidecars = JsonDocument.Parse(await http.GetStringAsync(new Uri($"eth/v1/beacon/blob_sidecars/{slot}", UriKind.Relative)));
        JsonElement sidecar = Assert.Single(sidecars.RootElement.GetProperty("data").EnumerateArray());
        Assert.Equal(Hex.Encode(sent.Sidecar!.Commitments[0]), sidecar.GetProperty("kzg_commitment").GetString());
        Assert.Equal(Hex.Encode(sent.Sidecar!.Proofs[0]), sidecar.GetProperty("kzg_proof").GetString());
        Assert.Equal(slot.ToString(System.Globalization.CultureInfo.InvariantCulture), sidecar.GetProperty("signed_block_header").GetProperty("message").GetProperty("slot").GetString());
        using JsonDocument none = JsonDocument.Parse(await http.GetStringAsync(new Uri($"eth/v1/beacon/blobs/{slot}?versioned_hashes={Hash256.EmptyCode}", UriKind.Relative)));
        Assert.Equal(0, none.RootElement.GetProperty("data").GetArrayLength());
        using JsonDocument header = JsonDocument.Parse(await http.GetStringAsync(new Uri("eth/v1/beacon/headers/head", UriKind.Relative)));
        Assert.Equal(node.Client.Chain.Head.Header.ParentBeaconBlockRoot.ToString(), header.RootElement.GetProperty("data").GetProperty("header").GetProperty("message").GetProperty("parent_root").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("eth/v1/beacon/blob_sidecars/999", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(new Uri("eth/v1/beacon/headers/nonsense", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("eth/v2/anything", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task After_osaka_sidecars_carry_cell_proofs_and_older_ones_are_converted()
    {
        await using DevL1Node node = NewNode(osakaTime: 0);
        PooledTransaction old = BlobTransaction(0, 1), modern = BlobTransaction(1, 2, cellProofs: true);
        Assert.True(node.Client.Pool.Add(old.Transaction, old.Sidecar).IsAccepted);
        PoolAddResult second = node.Client.Pool.Add(modern.Transaction, modern.Sidecar);
        Assert.True(second.IsAccepted, second.Message);
        Assert.Equal(1, node.Client.Pool.Find(old.Transaction.Hash)!.Sidecar!.WrapperVersion);
        Assert.Equal(2, node.Mine().Transactions.Count);

        var wrong = new BlobSidecar { WrapperVersion = 1, Blobs = modern.Sidecar!.Blobs, Commitments = modern.Sidecar.Commitments, Proofs = [.. modern.Sidecar.Proofs.Reverse()] };
        PooledTransaction third = BlobTransaction(2, 2, cellProofs: true);
        Assert.Equal(PoolError.BlobSidecarInvalid, node.Client.Pool.Add(third.Transaction, wrong).Error);
    }

    /// <summary>A reorg lost the ordinary transaction below it: while the pool held the blobs, it would take no ordinary one of the account.</summary>
    [Fact]
    public async Task No_blob_transaction_waits_above_a_gap_that_a_reorg_left()
    {
        await using DevL1Node node = NewNode();
        Transaction ordinary = Transfer(0);
        Assert.True(node.Client.Pool.Add(ordinary).IsAccepted);
        node.Mine();
        PooledTransaction blobs = BlobTransaction(1, 5);
        Assert.True(node.Client.Pool.Add(blobs.Transaction, blobs.Sidecar).IsAccepted);
        node.Reorg(1, returnTransactions: false);
        Assert.Null(node.Client.Pool.Find(blobs.Transaction.Hash));
        Assert.Equal(1, node.Client.Pool.CountDropped(PoolDropReason.Gapped));
        Assert.True(node.Client.Pool.Add(ordinary).IsAccepted);
        Assert.Single(node.Mine().Transactions);
        Assert.True(node.Client.Pool.Add(blobs.Transaction, blobs.Sidecar).IsAccepted);
    }

    [Fact]
    public async Task Sidecars_are_verified()
    {
        await using DevL1Node node = NewNode();
        PooledTransaction good = BlobTransaction(0, 3), other = BlobTransaction(0, 4);
        Assert.Equal(PoolError.BlobSidecarMissing, node.Client.Pool.Add(good.Transaction).Error);
        Assert.Equal(PoolError.BlobSidecarInvalid, node.Client.Pool.Add(good.Transaction, other.Sidecar).Error);
        var wrongProof = new BlobSidecar { Blobs = good.Sidecar!.Blobs, Commitments = good.Sidecar.Commitments, Proofs = other.Sidecar!.Proofs };
        Assert.Equal("invalid blob proofs", node.Client.Pool.Add(good.Transaction, wrongProof).Message);
        Assert.True(node.Client.Pool.Add(good.Transaction, good.Sidecar).IsAccepted);
    }

    [Fact]
    public async Task Blocks_are_on_slots_and_the_safe_and_finalized_heads_trail()
    {
        await using DevL1Node node = NewNode();
        Assert.Equal(node.Client.Chain.Genesis, node.Client.Chain.Heads.Finalized);
        ExecutedBlock head = node.Mine(10);
        Assert.Equal(10UL, head.Number);
        Assert.Equal(1_700_000_020UL, head.Header.Timestamp);
        Assert.Equal(6UL, node.Client.Chain.Heads.Safe!.Number);
        Assert.Equal(2UL, node.Client.Chain.Heads.Finalized!.Number);
        Assert.Equal(BeaconSlots.RootOf(node.Client.Chain.FindCanonical(9)!.Hash), head.Header.ParentBeaconBlockRoot);
        Assert.Equal(head, node.Slots.FindBlock(node.Client.Chain, 10));
        Assert.Null(node.Slots.FindBlock(node.Client.Chain, 11));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_reorg_replaces_blocks_by_empty_ones(bool returnTransactions)
    {
        await using DevL1Node node = NewNode();
        node.Mine(3);
        Transaction sent = Transfer(0);
        PooledTransaction blob = BlobTransaction(1, 9);
        Assert.True(node.Client.Pool.Add(sent).IsAccepted);
        Assert.True(node.Client.Pool.Add(blob.Transaction, blob.Sidecar).IsAccepted);
        ExecutedBlock orphan = node.Mine();
        Assert.Equal(2, orphan.Transactions.Count);
        ExecutedBlock tip = node.Mine();

        ExecutedBlock head = node.Reorg(2, returnTransactions);

        Assert.Equal(5UL, head.Number);
        Assert.NotEqual(tip.Hash, head.Hash);
        Assert.Equal(tip.Header.Timestamp, head.Header.Timestamp);
        Assert.Empty(node.Client.Chain.FindCanonical(4)!.Transactions);
        Assert.False(node.Client.Chain.TryFindTransaction(sent.Hash, out _));
        Assert.Equal(returnTransactions ? 2 : 0, node.Mine().Transactions.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => node.Reorg(100));
    }

    [Fact]
    public async Task A_node_that_is_kept_on_disk_goes_on_with_its_blocks_and_blobs()
    {
        string directory = Directory.CreateTempSubdirectory("opal-devl1-").FullName;
        PooledTransaction blob = BlobTransaction(0, 5);
        ExecutedBlock with, head;
        await using (DevL1Node node = NewNode(directory: directory))
        {
            Assert.True(node.Client.Pool.Add(blob.Transaction, blob.Sidecar).IsAccepted);
            with = node.Mine();
            head = node.Mine(9);
        }

        await using (DevL1Node node = NewNode(directory: directory))
        {
            Blockchain chain = node.Client.Chain;
            Assert.Equal(head, chain.Head);
            Assert.Equal((6UL, 2UL), (chain.Heads.Safe!.Number, chain.Heads.Finalized!.Number));
            Assert.Equal(with, node.Slots.FindBlock(chain, 1));
            Assert.Equal(blob.Sidecar!.Blobs[0], node.Client.Pool.Sidecars.Find(blob.Transaction.Hash)!.Blobs[0]);
            Assert.True(node.Client.Pool.Add(Transfer(1)).IsAccepted);
            ExecutedBlock next = node.Mine();
            Assert.Equal((11UL, 1), (next.Number, next.Transactions.Count));
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Transactions_without_replay_protection_are_taken()
    {
        await using DevL1Node node = NewNode();
        Transaction sent = Sign(new Transaction { Type = TransactionType.Legacy, GasPrice = Gwei * 10UL, GasLimit = 21_000, To = Address.FromNumber(0xb0b), Value = 1UL });
        var rpc = new InProcessRpcClient(node.Client.Registry);
        await rpc.CallAsync("eth_sendRawTransaction", json => json.WriteDataValue(sent.Encoded), v => v.AsHash());
        ExecutedBlock block = node.Mine();
        Assert.True(Assert.Single(block.Receipts).Succeeded);
    }

    [Fact]
    public async Task The_system_contracts_work()
    {
        await using DevL1Node node = NewNode();
        ExecutedBlock block = node.Mine(2);
        var eth = new EthClient(new InProcessRpcClient(node.Client.Registry));
        var rpc = new InProcessRpcClient(node.Client.Registry);
        byte[] asked = Hash256.FromUInt256(new UInt256(block.Header.Timestamp)).ToArray();
        string root = await rpc.CallAsync("eth_call", json =>
        {
            new EthCall { To = SystemContracts.BeaconRoots, Data = asked }.WriteTo(json);
            json.WriteStringValue("latest");
        }, v => v.AsString());
        Assert.Equal(block.Header.ParentBeaconBlockRoot.ToString(), root);
        string parent = await rpc.CallAsync("eth_call", json =>
        {
            new EthCall { To = SystemContracts.BlockHashes, Data = Hash256.FromUInt256(UInt256.One).ToArray() }.WriteTo(json);
            json.WriteStringValue("latest");
        }, v => v.AsString());
        Assert.Equal(block.Header.ParentHash.ToString(), parent);
        Assert.Equal(ExecutionRequests.EmptyHash, block.Header.RequestsHash);
        Assert.Equal(2UL, await eth.BlockNumberAsync());
    }

    [Fact]
    public async Task Blocks_follow_the_clock()
    {
        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await using DevL1Node node = NewNode(produceBlocks: true, genesisTime: now - 100, blockTime: 1);
        var first = new TaskCompletionSource<ChainUpdate>(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Client.Chain.HeadChanged += update => first.TrySetResult(update);
        await node.StartAsync(CancellationToken.None);
        ChainUpdate update = await first.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(1UL, update.NewHead.Number); // the slots missed before the start stay empty
        Assert.InRange(update.NewHead.Header.Timestamp, now - 1, now + 5);
        await node.StopAsync();
    }
}
