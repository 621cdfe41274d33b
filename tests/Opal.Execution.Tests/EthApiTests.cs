using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

public sealed class EthApiTests : IDisposable
{
    private readonly TestRollup _rollup = new(OptimismFork.Isthmus);
    private readonly IRpcClient _rpc;
    private readonly EthClient _eth;

    public EthApiTests()
    {
        _rpc = new InProcessRpcClient(_rollup.Client.Registry);
        _eth = new EthClient(_rpc);
    }

    public void Dispose() => _rollup.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static string Q(object value) => $"\"{value}\"";

    private Task<JsonElement> SendRawAsync(Transaction transaction) => _rpc.ResultAsync("eth_sendRawTransaction", Q(Hex.Encode(transaction.Encoded)));

    [Fact]
    public async Task Identity_methods_answer()
    {
        Assert.Equal("\"0xa455\"", await _rpc.TextAsync("eth_chainId"));
        Assert.Equal("\"42069\"", await _rpc.TextAsync("net_version"));
        Assert.Equal("\"Opal\"", await _rpc.TextAsync("web3_clientVersion"));
        Assert.Equal(Q(Keccak256.Hash([1, 2])), await _rpc.TextAsync("web3_sha3", "\"0x0102\""));
        Assert.Equal("false", await _rpc.TextAsync("eth_syncing"));
        Assert.Equal("[]", await _rpc.TextAsync("eth_accounts"));
        Assert.Equal("\"0x0\"", await _rpc.TextAsync("eth_blockNumber"));
        Assert.Equal("\"0x0\"", await _rpc.TextAsync("net_peerCount"));
        Assert.Equal("[]", await _rpc.TextAsync("admin_peers"));
        Assert.Equal(42069, (await _rpc.ResultAsync("admin_nodeInfo")).GetProperty("protocols").GetProperty("eth").GetProperty("network").GetInt32());
        Assert.Equal(42069, (await _rpc.ResultAsync("debug_chainConfig")).GetProperty("chainId").GetInt32());
        Assert.Equal(-32000, (await _rpc.ErrorAsync("admin_addPeer", "\"enode://x\"")).Code);
        Assert.Equal(RpcErrorCode.MethodNotFound, (await _rpc.ErrorAsync("eth_nothing")).Code);
    }

    [Fact]
    public async Task A_sent_transaction_goes_through_the_pool_into_a_block_with_its_receipt()
    {
        Transaction sent = Alice.Send(0, TestCode.Store, data: Hash256.FromUInt256(new UInt256(5)).ToArray(), gas: 100_000);
        Assert.Equal(sent.Hash.ToString(), (await SendRawAsync(sent)).GetString());
        Assert.Equal("\"0x1\"", await _rpc.TextAsync("eth_getTransactionCount", $"{Q(Alice.Address)},\"pending\""));
        Assert.Equal("\"0x0\"", await _rpc.TextAsync("eth_getTransactionCount", $"{Q(Alice.Address)},\"latest\""));
        Assert.Equal(JsonValueKind.Null, (await _rpc.ResultAsync("eth_getTransactionByHash", Q(sent.Hash))).GetProperty("blockHash").ValueKind);
        Assert.Equal("null", await _rpc.TextAsync("eth_getTransactionReceipt", Q(sent.Hash)));
        Assert.Equal("""{"pending":"0x1","queued":"0x0"}""", await _rpc.TextAsync("txpool_status"));
        JsonElement content = await _rpc.ResultAsync("txpool_content");
        Assert.Equal(sent.Hash.ToString(), content.GetProperty("pending").GetProperty(Alice.Address.ToChecksumString()).GetProperty("0").GetProperty("hash").GetString());

        ExecutedBlock block = _rollup.Build();

        TxReceiptInfo? receipt = await _eth.FindReceiptAsync(sent.Hash);
        Assert.NotNull(receipt);
        Assert.True(receipt.Succeeded);
        Assert.Equal(block.Id, receipt.Block);
        Assert.Equal(1UL, receipt.TransactionIndex);
        Assert.Single(receipt.Receipt.Logs);
        JsonElement raw = await _rpc.ResultAsync("eth_getTransactionReceipt", Q(sent.Hash));
        Assert.True(UInt256.TryParse(raw.GetProperty("l1Fee").GetString(), out UInt256 l1Fee) && !l1Fee.IsZero);
        foreach (string field in new[] { "l1GasPrice", "l1GasUsed", "l1BaseFeeScalar", "l1BlobBaseFee", "l1BlobBaseFeeScalar", "operatorFeeScalar", "operatorFeeConstant" })
        {
            Assert.True(raw.TryGetProperty(field, out _), field);
        }

        Assert.Equal(Q(Hash256.FromUInt256(new UInt256(5))), await _rpc.TextAsync("eth_getStorageAt", $"{Q(TestCode.Store)},\"0x0\",\"latest\""));
        Assert.Equal(Q(Hash256.Zero), await _rpc.TextAsync("eth_getStorageAt", $"{Q(TestCode.Store)},\"0x0\",\"earliest\""));
        Assert.Equal(
            $"{{{Q(TestCode.Store)}:[{Q(Hash256.FromUInt256(new UInt256(5)))}]}}", await _rpc.TextAsync("eth_getStorageValues", $"{{{Q(TestCode.Store)}:[\"0x0\"]}},\"latest\""));
        Assert.Equal("empty request", (await _rpc.ErrorAsync("eth_getStorageValues", "{}")).Message);
        Assert.Equal(Q(Hex.Encode(sent.Encoded)), await _rpc.TextAsync("eth_getRawTransactionByHash", Q(sent.Hash)));
        Assert.Equal(Q(Hex.Encode(sent.Encoded)), await _rpc.TextAsync("debug_getRawTransaction", Q(sent.Hash)));
        Assert.Equal(Q(Hex.Encode(block.Header.Encode())), await _rpc.TextAsync("debug_getRawHeader", "\"latest\""));
        Assert.Equal(Q(Hex.Encode(block.Block.Encode())), await _rpc.TextAsync("debug_getRawBlock", "\"0x1\""));
        Assert.Equal(2, (await _rpc.ResultAsync("debug_getRawReceipts", "\"0x1\"")).GetArrayLength());
        JsonElement deposit = await _rpc.ResultAsync("eth_getTransactionByBlockNumberAndIndex", "\"0x1\",\"0x0\"");
        Assert.Equal("0x7e", deposit.GetProperty("type").GetString());
        Assert.True(deposit.TryGetProperty("sourceHash", out _));
        TxReceiptInfo[] receipts = await _eth.GetReceiptsAsync(block.Header);
        Assert.Equal(2, receipts.Length);
        Assert.NotNull(receipts[0].Receipt.DepositNonce);
    }

    [Fact]
    public async Task Blocks_and_headers_are_found_by_number_hash_and_tag()
    {
        ExecutedBlock first = _rollup.Build(), second = _rollup.Build();
        Assert.Equal(-32000, (await _rpc.ErrorAsync("eth_getBlockByNumber", "\"safe\",false")).Code);
        Assert.Equal("safe block not found", (await _rpc.ErrorAsync("eth_getBlockByNumber", "\"safe\",false")).Message);
        _rollup.Choose(second.Hash, second.Hash, first.Hash);
        Assert.Equal(second.Hash, (await _eth.FindHeaderAsync(BlockParameter.Latest))!.Hash);
        Assert.Equal(second.Hash, (await _eth.FindHeaderAsync(BlockParameter.Safe))!.Hash);
        Assert.Equal(first.Hash, (await _eth.FindHeaderAsync(BlockParameter.Finalized))!.Hash);
        Assert.Equal(second.Hash, (await _eth.FindHeaderAsync(BlockParameter.Pending))!.Hash);
        Assert.Equal(_rollup.Client.Chain.Genesis.Hash, (await _eth.FindHeaderAsync(BlockParameter.Earliest))!.Hash);
        Assert.Equal(first.Hash, (await _eth.FindBlockAsync(BlockParameter.At(first.Hash)))!.Hash);
        Assert.Equal(first.Hash, (await _eth.FindBlockAsync(BlockParameter.At(1)))!.Hash);
        Assert.Null(await _eth.FindBlockAsync(BlockParameter.At(9)));
        Assert.Equal(first.Hash.ToString(), (await _rpc.ResultAsync("eth_getHeaderByNumber", "\"0x1\"")).GetProperty("hash").GetString());
        Assert.Equal(first.Hash.ToString(), (await _rpc.ResultAsync("eth_getHeaderByHash", Q(first.Hash))).GetProperty("hash").GetString());
        Assert.Equal("\"0x1\"", await _rpc.TextAsync("eth_getBlockTransactionCountByNumber", "\"0x1\""));
        Assert.Equal("\"0x0\"", await _rpc.TextAsync("eth_getUncleCountByBlockNumber", "\"0x1\""));
        Assert.Equal("header not found", (await _rpc.ErrorAsync("eth_getBalance", $"{Q(Alice.Address)},\"0x9\"")).Message);
    }

    [Fact]
    public async Task Send_errors_have_the_known_messages()
    {
        Transaction sent = Alice.Send(0, Bob.Address);
        await SendRawAsync(sent);
        async Task<string> MessageAsync(Transaction t) => (await _rpc.ErrorAsync("eth_sendRawTransaction", Q(Hex.Encode(t.Encoded)))).Message;
        Assert.Equal("already known", await MessageAsync(sent));
        Assert.Equal("replacement transaction underpriced", await MessageAsync(Alice.Send(0, Bob.Address, value: 1)));
        Assert.StartsWith("tx fee (3.00 ether) exceeds the configured cap (1.00 ether)", await MessageAsync(Bob.Send(0, Alice.Address, gas: 30_000_000)), StringComparison.Ordinal);
        Transaction unprotected = Bob.Sign(new Transaction { Type = TransactionType.Legacy, GasPrice = 10_000_000_000UL, GasLimit = 21_000, To = Alice.Address });
        Assert.Equal("only replay-protected (EIP-155) transactions allowed over RPC", await MessageAsync(unprotected));
        Assert.Equal(RpcErrorCode.InvalidParams, (await _rpc.ErrorAsync("eth_sendRawTransaction", "\"0xzz\"")).Code);
        Assert.Equal(-32000, (await _rpc.ErrorAsync("eth_sendRawTransaction", "\"0x0102\"")).Code);
    }

    [Fact]
    public async Task Calls_run_on_the_named_state_with_overrides()
    {
        string call = $"{{\"to\":{Q(TestCode.Load)}}}";
        Assert.Equal(Q(Hash256.FromUInt256(new UInt256(7))), await _rpc.TextAsync("eth_call", $"{call},\"latest\""));
        string slot = Hash256.Zero.ToString(), nine = Hash256.FromUInt256(new UInt256(9)).ToString();
        string diff = $"{{{Q(TestCode.Load)}:{{\"stateDiff\":{{{Q(slot)}:{Q(nine)}}}}}}}";
        Assert.Equal(Q(nine), await _rpc.TextAsync("eth_call", $"{call},\"latest\",{diff}"));
        string whole = $"{{{Q(TestCode.Load)}:{{\"state\":{{}}}}}}";
        Assert.Equal(Q(Hash256.Zero), await _rpc.TextAsync("eth_call", $"{call},\"latest\",{whole}"));
        string code = $"{{{Q(TestCode.Load)}:{{\"code\":{Q(Hex.Encode(TestCode.NumberCode))}}}}}";
        Assert.Equal(Q(Hash256.FromUInt256(new UInt256(77))), await _rpc.TextAsync("eth_call", $"{call},\"latest\",{code},{{\"number\":\"0x4d\"}}"));
        Assert.Equal(Q(Hash256.FromUInt256(new UInt256(7))), await _rpc.TextAsync("eth_call", $"{call},\"latest\"")); // nothing stuck
    }

    [Fact]
    public async Task A_reverted_call_answers_code_3_with_the_data()
    {
        RpcError error = await _rpc.ErrorAsync("eth_call", $"{{\"to\":{Q(TestCode.Revert)}}},\"latest\"");
        Assert.Equal(3, error.Code);
        Assert.Equal("execution reverted: no", error.Message);
        Assert.StartsWith("0x08c379a0", error.Data, StringComparison.Ordinal);
        error = await _rpc.ErrorAsync("eth_estimateGas", $"{{\"to\":{Q(TestCode.Revert)}}}");
        Assert.Equal(3, error.Code);
        Assert.StartsWith("0x08c379a0", error.Data, StringComparison.Ordinal);
        error = await _rpc.ErrorAsync("eth_call", $"{{\"to\":{Q(Bob.Address)},\"value\":\"0xffffffffffffffffffffffff\"}},\"latest\"");
        Assert.Contains("insufficient funds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_estimate_is_enough_and_not_much_too_much()
    {
        Assert.Equal("\"0x5208\"", await _rpc.TextAsync("eth_estimateGas", $"{{\"from\":{Q(Alice.Address)},\"to\":{Q(Bob.Address)},\"value\":\"0x1\"}}"));
        byte[] input = Hash256.FromUInt256(new UInt256(5)).ToArray();
        string text = await _rpc.TextAsync("eth_estimateGas", $"{{\"from\":{Q(Alice.Address)},\"to\":{Q(TestCode.Store)},\"input\":{Q(Hex.Encode(input))}}}");
        Assert.True(UInt256.TryParse(text.Trim('"'), out UInt256 estimate));
        await SendRawAsync(Alice.Send(0, TestCode.Store, data: input, gas: estimate.U0));
        Receipt receipt = _rollup.Build().Receipts[1];
        Assert.True(receipt.Succeeded);
        Assert.InRange(estimate.U0, receipt.GasUsed, receipt.GasUsed * 102 / 100);
        Assert.StartsWith("gas required exceeds allowance", (await _rpc.ErrorAsync("eth_estimateGas", $"{{\"from\":{Q(Alice.Address)},\"to\":{Q(TestCode.Store)},\"gas\":\"0x5300\"}}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_access_list_names_the_touched_slots()
    {
        JsonElement result = await _rpc.ResultAsync("eth_createAccessList", $"{{\"from\":{Q(Alice.Address)},\"to\":{Q(TestCode.Load)}}}");
        JsonElement item = Assert.Single(result.GetProperty("accessList").EnumerateArray());
        Assert.Equal(TestCode.Load.ToString(), item.GetProperty("address").GetString());
        Assert.Equal(Hash256.Zero.ToString(), Assert.Single(item.GetProperty("storageKeys").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task Proofs_verify_against_the_state_root()
    {
        ExecutedBlock block = _rollup.Build();
        EthProof proof = await _eth.GetProofAsync(Predeploys.L2ToL1MessagePasser, [UInt256.One, new UInt256(99)], BlockParameter.At(1));
        Assert.True(proof.TryVerify(block.Header.StateRoot, out string problem), problem);
        Assert.Equal(block.Header.WithdrawalsRoot, proof.StorageHash);
        Assert.Equal(UInt256.One, proof.StorageProof[0].Value);
    }

    [Fact]
    public async Task Fees_are_told()
    {
        await SendRawAsync(Alice.Send(0, Bob.Address, tipGwei: 3));
        ExecutedBlock block = _rollup.Build();
        Assert.Equal("\"0xf4240\"", await _rpc.TextAsync("eth_maxPriorityFeePerGas"));
        Assert.Equal(Q((block.Header.BaseFeePerGas!.Value + 1_000_000UL).ToQuantity()), await _rpc.TextAsync("eth_gasPrice"));
        Assert.Equal("\"0x1\"", await _rpc.TextAsync("eth_blobBaseFee"));
        JsonElement history = await _rpc.ResultAsync("eth_feeHistory", "\"0x5\",\"latest\",[0,50,100]");
        Assert.Equal("0x0", history.GetProperty("oldestBlock").GetString());
        Assert.Equal(3, history.GetProperty("baseFeePerGas").GetArrayLength());
        Assert.Equal(2, history.GetProperty("gasUsedRatio").GetArrayLength());
        Assert.Equal("0xb2d05e00", history.GetProperty("reward")[1][2].GetString());
        Assert.Equal(NextFees.BaseFee(_rollup.Client.Chain.Spec, block.Header)!.Value.ToQuantity(), history.GetProperty("baseFeePerGas")[2].GetString());
        Assert.Equal(_rollup.Build().Header.BaseFeePerGas!.Value.ToQuantity(), history.GetProperty("baseFeePerGas")[2].GetString());
    }

    [Fact]
    public async Task Logs_are_found_and_filters_tell_what_is_new_and_what_a_reorg_removed()
    {
        string logFilter = await _rpc.TextAsync("eth_newFilter", $"{{\"address\":{Q(TestCode.Store)}}}");
        string blockFilter = await _rpc.TextAsync("eth_newBlockFilter"), pendingFilter = await _rpc.TextAsync("eth_newPendingTransactionFilter");
        Transaction sent = Alice.Send(0, TestCode.Store, data: new byte[32], gas: 100_000);
        await SendRawAsync(sent);
        ExecutedBlock block = _rollup.Build();

        Assert.Equal($"[{Q(sent.Hash)}]", await _rpc.TextAsync("eth_getFilterChanges", pendingFilter));
        Assert.Equal($"[{Q(block.Hash)}]", await _rpc.TextAsync("eth_getFilterChanges", blockFilter));
        JsonElement log = Assert.Single((await _rpc.ResultAsync("eth_getFilterChanges", logFilter)).EnumerateArray());
        Assert.Equal(sent.Hash.ToString(), log.GetProperty("transactionHash").GetString());
        Assert.Equal("[]", await _rpc.TextAsync("eth_getFilterChanges", logFilter));
        string topic = Hash256.FromUInt256(new UInt256(0xaa)).ToString(), other = Hash256.FromUInt256(new UInt256(0xbb)).ToString();
        Assert.Single((await _rpc.ResultAsync("eth_getLogs", $"{{\"fromBlock\":\"0x0\",\"toBlock\":\"latest\",\"topics\":[[{Q(other)},{Q(topic)}]]}}")).EnumerateArray());
        Assert.Equal("[]", await _rpc.TextAsync("eth_getLogs", $"{{\"fromBlock\":\"0x0\",\"topics\":[{Q(other)}]}}"));
        Assert.Single((await _rpc.ResultAsync("eth_getLogs", $"{{\"blockHash\":{Q(block.Hash)}}}")).EnumerateArray());
        Assert.Equal("block range extends beyond current head block", (await _rpc.ErrorAsync("eth_getLogs", "{\"fromBlock\":\"0x0\",\"toBlock\":\"0x9\"}")).Message);
        Assert.Equal(RpcErrorCode.InvalidParams, (await _rpc.ErrorAsync("eth_getLogs", "{\"fromBlock\":\"0x2\",\"toBlock\":\"0x1\"}")).Code);

        _rollup.Build(noTxPool: true, salt: 5, parent: _rollup.Client.Chain.Genesis);
        JsonElement removed = Assert.Single((await _rpc.ResultAsync("eth_getFilterChanges", logFilter)).EnumerateArray());
        Assert.True(removed.GetProperty("removed").GetBoolean());
        Assert.Equal("true", await _rpc.TextAsync("eth_uninstallFilter", logFilter));
        Assert.Equal("filter not found", (await _rpc.ErrorAsync("eth_getFilterChanges", logFilter)).Message);
    }

    [Fact]
    public async Task Waiting_for_a_receipt_answers_it_or_times_out()
    {
        Transaction sent = Alice.Send(0, Bob.Address);
        Task<JsonElement> waiting = _rpc.ResultAsync("eth_sendRawTransactionSync", $"{Q(Hex.Encode(sent.Encoded))},5000");
        while (_rollup.Client.Pool.Find(sent.Hash) is null) await Task.Delay(5);
        _rollup.Build();
        Assert.Equal(sent.Hash.ToString(), (await waiting).GetProperty("transactionHash").GetString());
        RpcError error = await _rpc.ErrorAsync("eth_sendRawTransactionSync", $"{Q(Hex.Encode(Bob.Send(0, Alice.Address).Encoded))},10");
        Assert.Equal(4, error.Code);
    }

    [Fact]
    public async Task A_verifier_forwards_transactions_to_the_sequencer()
    {
        await using var verifier = new TestRollup(OptimismFork.Isthmus, o => o with { Sequencer = _rpc });
        var rpc = new InProcessRpcClient(verifier.Client.Registry);
        Transaction sent = Alice.Send(0, Bob.Address);
        Assert.Equal(Q(sent.Hash), await rpc.TextAsync("eth_sendRawTransaction", Q(Hex.Encode(sent.Encoded))));
        Assert.NotNull(_rollup.Client.Pool.Find(sent.Hash));
        Assert.Null(verifier.Client.Pool.Find(sent.Hash));
        Assert.Equal("already known", (await rpc.ErrorAsync("eth_sendRawTransaction", Q(Hex.Encode(sent.Encoded)))).Message);
    }

    [Fact]
    public async Task States_beyond_the_kept_window_are_refused_clearly()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with { KeptStates = 2 });
        for (int i = 0; i < 5; i++) rollup.Build();
        RpcError error = await new InProcessRpcClient(rollup.Client.Registry).ErrorAsync("eth_getBalance", $"{Q(Alice.Address)},\"0x1\"");
        Assert.Contains("state of block 1 is not available", error.Message, StringComparison.Ordinal);
    }
}
