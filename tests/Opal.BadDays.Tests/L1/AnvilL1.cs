using System.Diagnostics;
using Opal.EndToEnd.Tests;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.BadDays.Tests;

/// <summary>Anvil as the L1. It has no way to move its blob base fee, so its provider lies about that and holds blob transactions back.</summary>
internal sealed class AnvilL1 : IBadDayL1
{
    private readonly OpalProcess _process;
    private readonly HttpRpcClient _rpc;
    private readonly Strangers _strangers;
    private UInt256 _blobBaseFee = UInt256.One;

    private AnvilL1(OpalProcess process, HttpRpcClient rpc)
    {
        (_process, _rpc) = (process, rpc);
        Truth = new EthClient(rpc, trusted: true); // its transactions roots of blocks with blob transactions are not Ethereum's
        Provider = new FaultyRpc(rpc);
        _strangers = new Strangers(Truth, transaction => Truth.SendRawTransactionAsync(transaction.Encode()));
    }

    public static async Task<AnvilL1> StartAsync(ulong genesisTime)
    {
        int port = LocalRpc.FreePort();
        string anvil = Path.Combine(OpalProcess.Scripts, "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil");
        OpalProcess process = OpalProcess.Start(anvil,
        [
            "--port", $"{port}", "--no-mining", "--chain-id", $"{Strangers.ChainId}", "--timestamp", $"{genesisTime}", "--gas-limit", $"{Strangers.BlockGas}", "--hardfork", "prague", "--order", "fees",
            "--balance", "100000000", "--accounts", "2", "--silent",
        ]);
        var rpc = new HttpRpcClient(new Uri($"http://127.0.0.1:{port}"), new HttpRpcClientOptions { Retry = RpcRetryPolicy.None });
        var l1 = new AnvilL1(process, rpc);
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                await l1.Truth.BlockNumberAsync();
                break;
            }
            catch (RpcTransportException) when (clock.Elapsed < TimeSpan.FromSeconds(20) && !process.HasExited)
            {
                // it is not up yet
            }
        }

        foreach ((Address address, byte[] code) in Strangers.Contracts)
        {
            await l1.CheatAsync("anvil_setCode", writer =>
            {
                writer.WriteAddressValue(address);
                writer.WriteDataValue(code);
            });
        }

        return l1;
    }

    public FaultyRpc Provider { get; }

    public EthClient Truth { get; }

    public bool IsBusy { get; set; }

    public bool IsBusyWithBlobs { get; set; }

    public async Task MineAsync(ulong timestamp)
    {
        if (IsBusy) await _strangers.BurnAsync();
        await Provider.ReleaseAsync();
        await CheatAsync("evm_mine", writer => writer.WriteStringValue(Hex.Quantity(timestamp)));
        _blobBaseFee = IsBusyWithBlobs ? _blobBaseFee * 8UL : UInt256.Max(_blobBaseFee / 8UL, UInt256.One);
        Provider.BlobBaseFee = _blobBaseFee;
    }

    public async Task DropFromPoolAsync(Hash256 transaction)
    {
        Provider.DropHeldBack();
        await CheatAsync("anvil_dropTransaction", writer => writer.WriteHashValue(transaction));
    }

    public async Task ReorgAsync(int depth, bool returnTransactions)
    {
        var orphans = new List<PooledTransaction>();
        ulong head = await Truth.BlockNumberAsync();
        for (ulong number = head + 1 - (ulong)depth; number <= head; number++)
        {
            Block block = await Truth.FindBlockAsync(BlockParameter.At(number)) ?? throw new InvalidOperationException($"anvil has no block {number}");
            orphans.AddRange(block.Transactions.Select(transaction => Provider.Find(transaction.Hash)).OfType<PooledTransaction>());
        }

        await CheatAsync("anvil_reorg", writer =>
        {
            writer.WriteNumberValue(depth);
            writer.WriteStartArray();
            writer.WriteEndArray();
        });
        if (!returnTransactions) return;
        foreach (PooledTransaction orphan in orphans) await _rpc.SendAsync([FaultyRpc.SendRequest(orphan)], CancellationToken.None);
    }

    public Task FundAsync(Address account, UInt256 wei) => _strangers.GiveAsync(account, wei);

    public Task<byte[]> BlobAsync(Transaction transaction, int index) =>
        _rpc.CallAsync("anvil_getBlobByHash", writer => writer.WriteHashValue(transaction.BlobVersionedHashes[index]), static value => value.AsData());

    public Task<UInt256> BlobBaseFeeAsync() => Task.FromResult(_blobBaseFee);

    private Task CheatAsync(string method, Action<System.Text.Json.Utf8JsonWriter> parameters) => _rpc.CallAsync(method, parameters, static _ => true);

    public async ValueTask DisposeAsync()
    {
        _rpc.Dispose();
        await _process.DisposeAsync();
    }
}
