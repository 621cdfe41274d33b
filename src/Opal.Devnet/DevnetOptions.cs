namespace Opal.Devnet;

/// <summary>Where the batcher puts its data.</summary>
public enum DataAvailability
{
    /// <summary>EIP-4844 blobs.</summary>
    Blobs,
    /// <summary>Calldata of ordinary transactions.</summary>
    Calldata,
}

/// <summary>How withdrawals are proven on L1.</summary>
public enum WithdrawalProofs
{
    /// <summary>Against outputs in the L2OutputOracle, after its finalization period.</summary>
    OutputOracle,
    /// <summary>Against dispute games, once they have resolved.</summary>
    Games,
}

/// <summary>What `opal devnet` can be told.</summary>
public sealed record DevnetOptions
{
    /// <summary>Folder of devnet.json, deployments, genesis.json, rollup.json and jwt.txt; created when absent.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Seconds between L1 blocks of the embedded L1; at least one second, whole seconds.</summary>
    public TimeSpan L1BlockTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Seconds between L2 blocks; whole seconds, at most <see cref="L1BlockTime"/>.</summary>
    public TimeSpan L2BlockTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether to run a second node that derives the chain from L1 alone.</summary>
    public bool Verifier { get; init; }

    /// <summary>Blobs or calldata.</summary>
    public DataAvailability DataAvailability { get; init; } = DataAvailability.Blobs;

    /// <summary>Output oracle or dispute games.</summary>
    public WithdrawalProofs Proofs { get; init; } = WithdrawalProofs.OutputOracle;

    /// <summary>JSON-RPC of an L1 that runs already; null starts the embedded one.</summary>
    public Uri? L1Rpc { get; init; }

    /// <summary>Beacon API that belongs to <see cref="L1Rpc"/>; needed for blobs.</summary>
    public Uri? L1Beacon { get; init; }

    /// <summary>Added to every default port.</summary>
    public int PortOffset { get; init; }

    /// <summary>Whether all chains are in memory and the next start begins anew; else they are kept in <see cref="DataDirectory"/> and go on.</summary>
    public bool Ephemeral { get; init; }

    /// <summary>File with the network upgrade transactions; null looks in OPAL_UPGRADE_BUNDLES and the data directory.</summary>
    public string? UpgradeBundles { get; init; }

    /// <summary>The ports in use, offset applied.</summary>
    public DevnetPorts Ports => new(PortOffset);
}

/// <summary>The devnet's ports, all on 127.0.0.1.</summary>
public sealed record DevnetPorts(int Offset)
{
    public int L2Rpc => 8545 + Offset;
    public int L2WebSocket => 8546 + Offset;
    public int L2Engine => 8551 + Offset;
    public int Node => 8547 + Offset;
    public int Batcher => 8548 + Offset;
    public int Proposer => 8560 + Offset;
    public int VerifierL2Rpc => 8645 + Offset;
    public int VerifierEngine => 8651 + Offset;
    public int VerifierNode => 8647 + Offset;
    public int L1Rpc => 18545 + Offset;
    public int L1Beacon => 15052 + Offset;

    /// <summary>Every port with the role that uses it, for the check before the start.</summary>
    public IEnumerable<(string Role, int Port)> All(bool embeddedL1, bool verifier)
    {
        yield return ("L2 RPC", L2Rpc);
        yield return ("L2 WebSocket", L2WebSocket);
        yield return ("L2 Engine API", L2Engine);
        yield return ("rollup node", Node);
        yield return ("batcher", Batcher);
        yield return ("proposer", Proposer);
        if (verifier)
        {
            yield return ("verifier's L2 RPC", VerifierL2Rpc);
            yield return ("verifier's Engine API", VerifierEngine);
            yield return ("verifier's node", VerifierNode);
        }

        if (embeddedL1)
        {
            yield return ("L1 RPC", L1Rpc);
            yield return ("L1 Beacon API", L1Beacon);
        }
    }
}
