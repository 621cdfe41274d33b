using System.Globalization;
using Opal.Batcher;
using Opal.Devnet.Games;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Proposer;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Devnet;

/// <summary>Asks the roles, over their public interfaces, what the status table shows.</summary>
internal sealed class StatusReader(
    EthClient l1, RollupNodeClient node, RollupNodeClient? verifier, BatcherService batcher, ProposerService proposer, OperatorAlarms alarms, RollupConfig rollup,
    IReadOnlyList<(string Role, Address Address)> spenders, GameContracts? games)
{
    private DevnetStatus _last = new();

    public async Task<DevnetStatus> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            SyncStatus status = await node.SyncStatusAsync(cancellation);
            SyncStatus? verified = verifier is null ? null : await verifier.SyncStatusAsync(cancellation);
            var balances = new List<(string, UInt256)>();
            foreach ((string role, Address address) in spenders) balances.Add((role, await l1.GetBalanceAsync(address, BlockParameter.Latest, cancellation)));
            BatcherStatus posted = batcher.Status;
            ProposerStatus proposed = proposer.Status;
            _last = new DevnetStatus
            {
                L1Head = Head(status.HeadL1),
                L1Safe = Head(status.SafeL1),
                L1Finalized = Head(status.FinalizedL1),
                Unsafe = Head(status.UnsafeL2),
                Safe = Head(status.SafeL2),
                Finalized = Head(status.FinalizedL2),
                VerifierSafe = verified is null ? null : Head(verified.SafeL2),
                Fork = NewestFork(status.UnsafeL2.Timestamp),
                LastBatch = Describe(posted),
                LastProposal = await DescribeAsync(proposed, cancellation),
                Balances = balances,
                Trouble = string.Join("; ", new[] { posted.Trouble, proposed.Trouble }.Concat(alarms.Current.Select(static alarm => alarm.Text)).Where(static t => t.Length > 0)),
            };
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            _last = _last with { Trouble = error.Message };
        }

        return _last with { MemoryBytes = Environment.WorkingSet };
    }

    private static HeadStatus Head(L1BlockRef block) => new(block.Number, block.Timestamp);

    private static HeadStatus Head(L2BlockRef block) => new(block.Number, block.Timestamp);

    private string NewestFork(ulong time)
    {
        for (OptimismFork fork = OptimismFork.Karst; fork > OptimismFork.Regolith; fork--)
        {
            if (rollup.IsActive(fork, new L2Time(time))) return fork.ToString();
        }

        return OptimismFork.Regolith.ToString();
    }

    private static string Describe(BatcherStatus status)
    {
        if (!status.Running) return "stopped";
        if (status.LastL1Block is not { } block) return "";
        string carrier = status.LastBlobs > 0 ? $"{status.LastBlobs} blob{(status.LastBlobs == 1 ? "" : "s")}" : "calldata";
        return string.Create(CultureInfo.InvariantCulture, $"L1 block {block}: {status.LastBytes} bytes in {carrier}; {status.Transactions} in all, {status.PendingBlocks} blocks waiting");
    }

    private async Task<string> DescribeAsync(ProposerStatus status, CancellationToken cancellation)
    {
        if (!status.Running) return "stopped";
        if (status.LastL2Block is not { } block) return "";
        if (games is null) return string.Create(CultureInfo.InvariantCulture, $"L2 block {block} in L1 block {status.LastL1Block}; {status.Proposals} in all");
        if (status.LastGame is not { } game) return string.Create(CultureInfo.InvariantCulture, $"L2 block {block}; {status.Proposals} in all");
        string state = await StateOfAsync(game, games, cancellation);
        return string.Create(CultureInfo.InvariantCulture, $"L2 block {block} as game {game.ToChecksumString()}, {state}; {status.Proposals} in all");
    }

    /// <summary>How a game stands, and when its time is over if nobody disputes it.</summary>
    private static async Task<string> StateOfAsync(Address game, GameContracts games, CancellationToken cancellation)
    {
        try
        {
            GameStatus status = await games.StatusAsync(game, cancellation);
            if (status != GameStatus.InProgress) return status == GameStatus.DefenderWins ? "stands" : "fell";
            GameFacts facts = await games.FactsAsync(game, cancellation);
            ulong end = facts.Created + facts.MaxClock, now = await games.HeadTimeAsync(cancellation);
            return end > now ? string.Create(CultureInfo.InvariantCulture, $"resolves in {end - now} s") : "resolves now";
        }
        catch (GameGoneException)
        {
            return "gone in a reorg of L1";
        }
    }
}
