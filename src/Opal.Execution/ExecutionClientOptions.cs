using Opal.Compiler;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>What an <see cref="ExecutionClient"/> is made of.</summary>
public sealed record ExecutionClientOptions
{
    /// <summary>The chain's forks and constants.</summary>
    public required ChainSpec Spec { get; init; }

    /// <summary>The header of the genesis block, which has no transactions.</summary>
    public required BlockHeader GenesisHeader { get; init; }

    /// <summary>
    /// Numbers of the blocks at which upgrades up to London became active, ascending, without 0: part of the fork id that eth_config and
    /// the peer-to-peer network show. Empty for chains that began with London.
    /// </summary>
    public IReadOnlyList<ulong> ForkBlocksBeforeLondon { get; init; } = [];

    /// <summary>The genesis state, as the change from nothing to it.</summary>
    public required StateDiff GenesisAlloc { get; init; }

    /// <summary>What <c>web3_clientVersion</c> answers.</summary>
    public string ClientName { get; init; } = "Opal";

    /// <summary>What <c>net_version</c> answers; null means the chain id.</summary>
    public ulong? NetworkId { get; init; }

    /// <summary>Where to listen, and with which namespaces. The one with a JWT secret serves the Engine API.</summary>
    public IReadOnlyList<RpcEndpoint> Endpoints { get; init; } = [];

    /// <summary>Endpoints that are closed until <c>admin_startHTTP</c> (<c>http</c>) or <c>admin_startWS</c> (<c>ws</c>) opens them: what they are like where the request does not say.</summary>
    public IReadOnlyList<RpcEndpoint> ClosedEndpoints { get; init; } = [];

    /// <summary>Pool limits.</summary>
    public PoolOptions Pool { get; init; } = new();

    /// <summary>Chain limits.</summary>
    public BlockchainOptions Chain { get; init; } = new();

    /// <summary>How payloads are built.</summary>
    public PayloadBuilderOptions Builder { get; init; } = new();

    /// <summary>Fee suggestions.</summary>
    public FeeOracleOptions Fees { get; init; } = new();

    /// <summary>Most gas that eth_call and eth_estimateGas may use; 0 sets no limit (<c>rpc.gascap</c>).</summary>
    public ulong RpcGasCap { get; init; } = 50_000_000;

    /// <summary>Most time that one simulated call or trace may take; zero sets no limit (<c>rpc.evmtimeout</c>).</summary>
    public TimeSpan RpcEvmTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most wei of fee that a sent transaction may offer; zero sets no limit (<c>rpc.txfeecap</c>).</summary>
    public UInt256 RpcTransactionFeeCap { get; init; } = new UInt256(1_000_000_000_000_000_000);

    /// <summary>Whether transactions without EIP-155 protection may be sent (<c>rpc.allow-unprotected-txs</c>).</summary>
    public bool AllowUnprotectedTransactions { get; init; }

    /// <summary>Where sent transactions are forwarded (<c>rollup.sequencerhttp</c>), a client that sends the headers of <c>rollup.sequencer-headers</c> along; null on a sequencer.</summary>
    public IRpcClient? Sequencer { get; init; }

    /// <summary>Where requests about blocks before the chain's first one here go, on a chain that began before Bedrock (<c>rollup.historicalrpc</c>); null refuses them.</summary>
    public IRpcClient? Historical { get; init; }

    /// <summary>Whether <c>pending</c> is a block made of the pool's transactions (<c>rollup.computependingblock</c>); otherwise it is the latest block.</summary>
    public bool ComputePendingBlock { get; init; }

    /// <summary>Whether forwarded transactions are also pooled here (<c>rollup.enabletxpooladmission</c>); null means only when there is no <see cref="Sequencer"/>.</summary>
    public bool? PoolAdmission { get; init; }

    /// <summary>How <c>eth_sendRawTransactionConditional</c> is served (<c>rollup.sequencertxconditionalenabled</c>); null does not serve it.</summary>
    public ConditionalTransactionOptions? ConditionalTransactions { get; init; }

    /// <summary>How far behind a required protocol version the client must be to ask for its own stop (<c>rollup.halt</c>).</summary>
    public HaltLevel Halt { get; init; }

    /// <summary>Which contracts are compiled to machine code in the background, and when; null interprets everything.</summary>
    public CodeCompilerOptions? Compiler { get; init; } = CodeCompilerOptions.Default;

    /// <summary>Blocks whose state is kept, where everything is in memory.</summary>
    public int KeptStates { get; init; } = 8192;

    /// <summary>Where and how much is kept on disk; null keeps everything in memory.</summary>
    public StorageOptions? Storage { get; init; }

    /// <summary>See <see cref="GenesisState.Write"/>; smaller in tests.</summary>
    internal int LargeGenesis { get; init; } = GenesisState.Large;

    /// <summary>Opens parts other than the files of <see cref="Storage"/>, for tests.</summary>
    internal Func<ChainStorage>? OpenStorage { get; init; }
}
