using Microsoft.Extensions.Logging;
using Opal.Crypto;
using Opal.Deployer.L1;
using Opal.DevL1;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Devnet;

/// <summary>
/// The devnet's own L1. While the contracts are deployed it makes blocks as fast as transactions come, in slots that lie in the past, so
/// that the deployment takes seconds and the clock is right when the rollup begins.
/// </summary>
internal sealed class EmbeddedL1 : IAsyncDisposable
{
    /// <summary>Slots between the genesis and the start: room for the blocks of the deployment.</summary>
    private const ulong SlotsAhead = 6;

    /// <summary>Slots after the start at which Osaka, and the first blob-parameter-only fork, activate: a devnet lives through both.</summary>
    private const ulong OsakaSlots = 30, BlobForkSlots = 45;

    private static readonly UInt256 Funds = new UInt256(10_000) * 1_000_000_000_000_000_000UL;

    private readonly DevL1Node _node;
    private readonly TimeProvider _time;

    private EmbeddedL1(DevL1Node node, ulong osakaTime, TimeProvider time) => (_node, OsakaTime, _time) = (node, osakaTime, time);

    public Uri Rpc => _node.RpcAddress;

    public Uri Beacon => _node.BeaconAddress;

    /// <summary>When Osaka activates, in seconds: blob transactions carry cell proofs from then on.</summary>
    public ulong OsakaTime { get; }

    /// <summary>Ends when its disk failed, with the reason.</summary>
    public Task<Execution.StorageUnavailableException> Failed => _node.Client.Failed;

    /// <summary>The head's number.</summary>
    public ulong Head => _node.Client.Chain.Head.Number;

    public BlobSchedule Blobs => _node.Client.Chain.Spec.Blobs;

    /// <summary>Starts it, where it was when it is kept.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="blockSeconds">Seconds between blocks.</param>
    /// <param name="began">When the devnet first began, seconds.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<EmbeddedL1> StartAsync(DevnetOptions options, ulong blockSeconds, ulong began, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var balances = new List<(Address, UInt256)>();
        foreach (Address address in Deployer.Keys.DevAccounts.Addresses) balances.Add((address, Funds));
        ulong osaka = began + (OsakaSlots * blockSeconds);
        Hash256 codeHash = Keccak256.Hash(DeterministicDeployer.Code.Span);
        DevL1Genesis genesis = DevL1Genesis.Create(new DevL1GenesisOptions
        {
            ChainId = DevnetDeployConfig.L1ChainId,
            Timestamp = began - (SlotsAhead * blockSeconds),
            OsakaTime = osaka,
            Blobs = new BlobSchedule(
                new BlobSchedule.Entry(0, BlobParameters.Prague), new BlobSchedule.Entry(began + (BlobForkSlots * blockSeconds), BlobParameters.Bpo1)),
            Balances = balances,
            Accounts = [new Evm.AccountChange { Address = DeterministicDeployer.Address, Exists = true, Account = new Evm.Account(1, UInt256.Zero, codeHash) }],
            Codes = [(codeHash, DeterministicDeployer.Code.ToArray())],
        });
        var node = new DevL1Node(
            genesis,
            new DevL1Options
            {
                BlockTimeSeconds = blockSeconds,
                ProduceBlocks = false,
                RpcPort = options.Ports.L1Rpc,
                BeaconPort = options.Ports.L1Beacon,
                MaxStoredBlobs = 4096,
                KeptStates = 512,
                Storage = DevnetStorage.OfL1(options),
                BlobDirectory = DevnetStorage.BlobsOf(options),
            },
            NativeCrypto.Instance, time, loggers);
        await node.StartAsync(cancellation);
        return new EmbeddedL1(node, osaka, time);
    }

    /// <summary>Runs <paramref name="work"/> while making a block whenever transactions wait.</summary>
    public async Task<T> MineWhileAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task mining = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                if (_node.Client.Pool.Count().Pending > 0) _node.Mine();
                await Task.Delay(TimeSpan.FromMilliseconds(20), _time, done.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }, CancellationToken.None);
        try
        {
            return await work();
        }
        finally
        {
            await done.CancelAsync();
            await mining;
        }
    }

    /// <summary>From now on a block every block time.</summary>
    public void StartProducing() => _node.StartProducing();

    public ValueTask DisposeAsync() => _node.DisposeAsync();
}
