using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

/// <summary>Blocks and receipts of L1, with transactions of types that nobody knows, at providers that lack methods.</summary>
public sealed class L1ClientTests
{
    private static readonly FakeItem s_first = FakeL1.Known(0), s_last = FakeL1.Known(1, [0, 1, 2]);

    public static TheoryData<ProviderKind, string, string[]> Kinds => new()
    {
        { ProviderKind.Standard, "eth_getBlockReceipts", [] },
        { ProviderKind.Alchemy, "alchemy_getTransactionReceipts", ["eth_getBlockReceipts"] },
        { ProviderKind.QuickNode, "debug_getRawReceipts", ["eth_getBlockReceipts"] },
        { ProviderKind.Infura, "eth_getBlockReceipts", [] },
        { ProviderKind.Parity, "parity_getBlockReceipts", ["eth_getBlockReceipts"] },
        { ProviderKind.Nethermind, "parity_getBlockReceipts", ["eth_getBlockReceipts"] },
        { ProviderKind.DebugGeth, "debug_getRawReceipts", ["eth_getBlockReceipts"] },
        { ProviderKind.Erigon, "erigon_getBlockReceiptsByBlockHash", [] },
        { ProviderKind.Basic, "eth_getTransactionReceipt", [] },
        { ProviderKind.Any, "alchemy_getTransactionReceipts", ["debug_getRawReceipts", "erigon_getBlockReceiptsByBlockHash", "eth_getBlockReceipts", "parity_getBlockReceipts"] },
    };

    [Theory]
    [InlineData("eth_getRawTransactionByBlockHashAndIndex")]
    [InlineData("eth_getRawTransactionByHash")]
    [InlineData("debug_getRawTransaction")]
    [InlineData("debug_getRawTransactions")]
    [Case("D-TR-05")]
    public async Task A_transaction_of_unknown_type_is_opaque_and_the_root_is_checked_over_its_bytes(string method)
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first, FakeL1.Unknown(), s_last);
        var provider = new FakeProvider("a", block);
        provider.Lacks.UnionWith(FakeProvider.RawMethods.Where(other => other != method));
        var client = new L1Client(provider);
        L1BlockAnswer answer = (await client.FindBlockAsync(BlockParameter.At(5)))!;
        Assert.True(answer.IsVerified);
        Assert.Equal([s_first.Hash, null, s_last.Hash], answer.Transactions.Select(transaction => transaction?.Hash));
        Assert.Equal(block.Items.Select(item => item.Hash), answer.Hashes);
        Assert.Contains(method, provider.Calls);

        // what is missing is not asked for again
        provider.Forget();
        await client.FindBlockAsync(BlockParameter.At(block.Header.Hash));
        Assert.Equal(["eth_getBlockByHash", method], provider.Calls);
    }

    [Fact]
    [Case("D-TR-05")]
    public async Task A_known_transaction_under_an_unknown_label_is_what_its_bytes_say()
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first, FakeL1.Mislabelled(s_last));
        L1BlockAnswer answer = (await new L1Client(new FakeProvider("a", block)).FindBlockAsync(BlockParameter.At(5)))!;
        Assert.True(answer.IsVerified);
        Assert.Equal(s_last.Hash, answer.Transactions[1]!.Hash);
        Assert.Equal(new byte[] { 0, 1, 2 }, answer.Transactions[1]!.Data.ToArray());
    }

    [Fact]
    public async Task Bytes_that_do_not_make_up_the_root_are_refused()
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first, FakeL1.Mislabelled(s_last));
        // the label is a lie, and so are the bytes
        FakeL1Block lie = block with { Items = [s_first, FakeL1.Mislabelled(s_last) with { Encoded = [5, 0xc0] }] };
        await Assert.ThrowsAsync<RpcTransportException>(() => new L1Client(new FakeProvider("a", lie)).FindBlockAsync(BlockParameter.At(5)));
    }

    [Fact]
    public async Task Only_a_missing_method_leads_to_the_next()
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first, FakeL1.Unknown());
        var provider = new FakeProvider("a", block);
        provider.Error = method => method == FakeProvider.RawMethods[0] ? new RpcError(RpcErrorCode.ServerError, "overloaded") : null;
        await Assert.ThrowsAsync<RpcCallException>(() => new L1Client(provider).FindBlockAsync(BlockParameter.At(5)));
        Assert.DoesNotContain(FakeProvider.RawMethods[1], provider.Calls);
        provider.Error = method => method == FakeProvider.RawMethods[0] ? new RpcError(-32600, $"Unsupported method: {method} on mainnet") : null;
        Assert.True((await new L1Client(provider).FindBlockAsync(BlockParameter.At(5)))!.IsVerified);
        provider.Error = method => method == "eth_getBlockReceipts" ? new RpcError(RpcErrorCode.InternalError, "database") : null;
        await Assert.ThrowsAsync<RpcCallException>(() => new L1Client(provider).GetReceiptsAsync(block.Header));
        Assert.DoesNotContain("eth_getTransactionReceipt", provider.Calls);
    }

    [Fact]
    public async Task Without_bytes_the_block_is_not_verified_but_known_transactions_are()
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first, FakeL1.Unknown());
        L1BlockAnswer answer = (await new L1Client(new FakeProvider("a", block).WithoutBytes()).FindBlockAsync(BlockParameter.At(5)))!;
        Assert.False(answer.IsVerified);
        Assert.Equal(s_first.Hash, answer.Transactions[0]!.Hash);
        Assert.Null(answer.Transactions[1]);

        // a transaction whose fields do not hash to what is stated
        FakeL1Block forged = block with { Items = [s_last with { Json = s_last.Json.Replace(s_last.Hash.ToString(), s_first.Hash.ToString(), StringComparison.Ordinal) }, block.Items[1]] };
        await Assert.ThrowsAsync<RpcTransportException>(() => new L1Client(new FakeProvider("a", forged).WithoutBytes()).FindBlockAsync(BlockParameter.At(5)));

        // a trusted provider's word counts
        Assert.True((await new L1Client(new FakeProvider("a", block).WithoutBytes(), trusted: true).FindBlockAsync(BlockParameter.At(5)))!.IsVerified);
    }

    [Fact]
    public async Task A_changed_known_transaction_is_refused()
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first, s_last);
        var provider = new FakeProvider("a", block with { Items = [s_last, s_first] });
        await Assert.ThrowsAsync<RpcTransportException>(() => new L1Client(provider).FindBlockAsync(BlockParameter.At(5)));
    }

    [Fact]
    [Case("D-TR-05")]
    public async Task A_receipt_of_unknown_type_in_the_common_form_counts_and_the_root_is_checked()
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first, FakeL1.Unknown(), s_last);
        var provider = new FakeProvider("a", block);
        IReadOnlyList<Receipt?> receipts = await new L1Client(provider).GetReceiptsAsync(block.Header);
        Assert.Equal(["eth_getBlockReceipts"], provider.Calls);
        Assert.Equal(3, receipts.Count);
        Assert.All(receipts, receipt => Assert.Equal(FakeL1.Log.Address, Assert.Single(receipt!.Logs).Address));
        Assert.Equal((TransactionType)5, receipts[1]!.Type);

        // the raw form says the same
        receipts = await new L1Client(provider, ProviderKind.DebugGeth).GetReceiptsAsync(block.Header);
        Assert.Equal(block.Items.Select(item => item.Receipt), receipts.Select(receipt => receipt!.Encode()));

        // one odd entry does not switch the check off
        provider.Tamper = (method, answer) =>
        {
            if (method == "eth_getBlockReceipts") answer[0]!["logs"]!.AsArray().Clear();
            return answer;
        };
        provider.Lacks.Add("debug_getRawReceipts");
        await Assert.ThrowsAsync<RpcTransportException>(() => new L1Client(provider).GetReceiptsAsync(block.Header));
    }

    [Fact]
    [Case("D-TR-05")]
    public async Task A_receipt_of_unknown_type_in_another_form_is_dropped_after_its_bytes_were_checked()
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first, FakeL1.Unknown(commonReceipt: false), s_last);
        var provider = new FakeProvider("a", block);
        IReadOnlyList<Receipt?> receipts = await new L1Client(provider).GetReceiptsAsync(block.Header);
        Assert.Equal(["eth_getBlockReceipts", "debug_getRawReceipts"], provider.Calls);
        Assert.Null(receipts[1]);
        Assert.Single(receipts[0]!.Logs);
        Assert.Single(receipts[2]!.Logs);
        provider.Lacks.Add("debug_getRawReceipts");
        await Assert.ThrowsAsync<RpcTransportException>(() => new L1Client(provider).GetReceiptsAsync(block.Header));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_kind_of_provider_is_asked_its_own_methods_and_missing_ones_are_remembered(ProviderKind kind, string first, string[] next)
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first, s_last);
        var provider = new FakeProvider("a", block);
        Hash256[] hashes = [s_first.Hash, s_last.Hash];
        IReadOnlyList<Receipt?> receipts = await new L1Client(provider, kind).GetReceiptsAsync(block.Header, hashes);
        Assert.Equal(block.Items.Select(item => item.Receipt), receipts.Select(receipt => receipt!.Encode()));
        Assert.All(provider.Calls, method => Assert.Equal(first, method));
        if (kind == ProviderKind.Basic) return;

        var client = new L1Client(provider, kind);
        foreach (string method in (string[])[first, .. next])
        {
            provider.Lacks.Add(method);
            Assert.Equal(2, (await client.GetReceiptsAsync(block.Header, hashes)).Count);
        }

        provider.Forget();
        await client.GetReceiptsAsync(block.Header);
        Assert.Equal(["eth_getBlockByHash", "eth_getTransactionReceipt", "eth_getTransactionReceipt"], provider.Calls);
    }

    [Fact]
    public async Task A_missing_method_is_tried_again_after_a_while()
    {
        var clock = new ManualTime(DateTimeOffset.UnixEpoch);
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero, s_first);
        var provider = new FakeProvider("a", block);
        provider.Lacks.Add("eth_getBlockReceipts");
        var client = new L1Client(provider, clock: clock);
        await client.GetReceiptsAsync(block.Header, [s_first.Hash]);
        provider.Lacks.Clear();
        await client.GetReceiptsAsync(block.Header, [s_first.Hash]);
        clock.Advance(TimeSpan.FromMinutes(11));
        await client.GetReceiptsAsync(block.Header, [s_first.Hash]);
        Assert.Equal(["eth_getBlockReceipts", "eth_getTransactionReceipt", "eth_getTransactionReceipt", "eth_getBlockReceipts"], provider.Calls);
    }

    [Fact]
    public async Task A_block_without_transactions_has_no_receipts_to_ask_for()
    {
        FakeL1Block block = FakeL1.Block(5, Hash256.Zero);
        var provider = new FakeProvider("a", block);
        Assert.Empty(await new L1Client(provider).GetReceiptsAsync(block.Header));
        Assert.Empty(provider.Calls);
    }
}
