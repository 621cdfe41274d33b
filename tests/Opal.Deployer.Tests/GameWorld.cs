using Microsoft.Extensions.Logging.Abstractions;
using Opal.Deployer.Abi;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.Keys;
using Opal.Deployer.L1;
using Opal.Deployer.Tests.Config;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Proposer;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Deployer.Tests;

/// <summary>The fault-proof contracts on the embedded L1, a user, and a rollup node whose outputs the test makes up.</summary>
internal sealed class GameWorld : IAsyncDisposable
{
    private readonly FastL1 _l1;
    private readonly HttpRpcClient _rpc;

    private GameWorld(FastL1 l1, HttpRpcClient rpc, RollupDeploymentResult rollup)
    {
        (_l1, _rpc, Rollup) = (l1, rpc, rollup);
        User = Manager(DevAccounts.Keys[9]);
        Node = new RollupNodeClient(new InProcessRpcClient(new RpcRegistry()
            .Register("optimism_syncStatus", async (_, _, cancellation) => await StatusAsync(cancellation) is var status ? RpcResult.Json(w => RollupJson.WriteSyncStatus(w, status)) : RpcResult.Null)
            .Register("optimism_rollupConfig", _ => RpcResult.Json(w => RollupConfigFile.Write(w, rollup.RollupConfig)))
            .Register("optimism_outputAtBlock", async (parameters, _, cancellation) =>
            {
                ulong number = parameters.GetQuantity(0);
                SyncStatus status = await StatusAsync(cancellation);
                Hash256 root = Outputs.TryGetValue(number, out Hash256 made) ? made : Keccak256.Hash(BitConverter.GetBytes(number));
                return RpcResult.Json(w => RollupJson.WriteOutput(w, new OutputAtBlock { OutputRoot = root, Block = Block(number), WithdrawalStorageRoot = default, StateRoot = default, Status = status }));
            })));
    }

    public FastL1 Chain => _l1;

    public EthClient L1 => new(_rpc);

    public RollupDeploymentResult Rollup { get; }

    public TransactionManager User { get; }

    public RollupNodeClient Node { get; }

    public ulong Safe { get; set; }

    public Dictionary<ulong, Hash256> Outputs { get; } = [];

    public static WalletKey Proposer => DevAccounts.Keys[8];

    public static WalletKey Challenger => DevAccounts.Keys[7];

    public static async Task<GameWorld> StartAsync(bool games = true)
    {
        WalletKey admin = DevAccounts.Keys[9];
        FastL1 l1 = await FastL1.StartAsync(admin.Address, Proposer.Address, Challenger.Address);
        var rpc = new HttpRpcClient(l1.Rpc, new HttpRpcClientOptions());
        DeployConfig config = SampleConfig.Create() with
        {
            UseFaultProofs = games, FinalSystemOwner = admin.Address, L2OutputOracleProposer = Proposer.Address, FaultGameMaxClockDuration = 5, FaultGameInitBond = 1_000UL, FaultGameWithdrawalDelay = 2,
            ProofMaturityDelaySeconds = 3, DisputeGameFinalityDelaySeconds = 2, L1BlockTime = 2, L2OutputOracleSubmissionInterval = 1,
        };
        RollupDeploymentResult rollup = await RollupDeployment.DeployAsync(
            new RollupDeploymentOptions { Config = config, L1 = new RpcL1Sender(new EthClient(rpc), admin), Deployment = new L1DeploymentOptions { MaxInFlight = 128, PollInterval = TimeSpan.FromMilliseconds(20) } },
            CancellationToken.None);
        return new GameWorld(l1, rpc, rollup);
    }

    private static L2BlockRef Block(ulong number) => new(Keccak256.Hash(BitConverter.GetBytes(number)), number, default, number, default, 0);

    private async Task<SyncStatus> StatusAsync(CancellationToken cancellation)
    {
        BlockHeader head = (await L1.FindHeaderAsync(BlockParameter.Latest, cancellation))!;
        BlockHeader read = (await L1.FindHeaderAsync(BlockParameter.At(head.Number - 1), cancellation))!;
        return new SyncStatus { CurrentL1 = new L1BlockRef(read.Hash, read.Number, read.ParentHash, read.Timestamp), UnsafeL2 = Block(Safe), SafeL2 = Block(Safe), FinalizedL2 = Block(Safe) };
    }

    public TransactionManager Manager(WalletKey key) => new(
        new EthClient(_rpc), new LocalSigner(key.PrivateKey.Span), new TxManagerOptions { ConfirmationBlocks = 1, ReceiptQueryInterval = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, NullLogger.Instance);

    public ProposerService MakeProposer(ProposerOptions options, WalletKey? key = null) => new(
        options with { PollInterval = TimeSpan.FromMilliseconds(20), OutputRetryInterval = TimeSpan.FromMilliseconds(20), AllowNonFinalized = true, ProposalInterval = TimeSpan.FromDays(1000) },
        new EthClient(_rpc), _ => ValueTask.FromResult(Node), new ProposalSender(Manager(key ?? Proposer)), TimeProvider.System, NullLogger.Instance);

    public ProposerOptions Games(uint type = 0) => new() { GameFactory = Rollup.Addresses["DisputeGameFactoryProxy"], GameType = type };

    /// <summary>Proposes one output of the block that is safe.</summary>
    public async Task ProposeAsync(ProposerOptions options)
    {
        await using ProposerService proposer = MakeProposer(options);
        await proposer.CheckAsync(CancellationToken.None);
        proposer.Start();
        await UntilAsync(() => proposer.Status.Proposals == 1, () => proposer.Status.Trouble);
    }

    public static async Task UntilAsync(Func<bool> reached, Func<string> trouble)
    {
        for (int i = 0; i < 1500 && !reached(); i++) await Task.Delay(10);
        Assert.True(reached(), trouble());
    }

    public async Task<AbiValue[]> ReadAsync(Address at, string contract, string function, params AbiValue[] arguments)
    {
        AbiFunction asked = ContractBundle.Embedded[contract].Function(function);
        Assert.True(asked.TryDecodeResult(await L1.CallAsync(at, asked.Encode(arguments)), out AbiValue[] values));
        return values;
    }

    public async Task SendAsync(Address to, string contract, string function, UInt256 value, params AbiValue[] arguments)
    {
        TxReceiptInfo receipt = await User.SendAsync(new TxCandidate(to, ContractBundle.Embedded[contract].CallData(function, arguments), value));
        Assert.True(receipt.Succeeded, function);
    }

    public async ValueTask DisposeAsync()
    {
        _rpc.Dispose();
        await _l1.DisposeAsync();
    }
}
