using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Proposer;

/// <summary>Proposes by creating a dispute game for the newest output every proposal interval.</summary>
internal sealed class DisputeGameSink(Address factory, uint gameType, TimeSpan interval, EthClient l1, IProposalSender sender, TimeProvider time) : IOutputSink
{
    /// <summary>Games looked at, newest first, for the proposer's own last one.</summary>
    private const ulong SearchDepth = 100;

    private DateTimeOffset? _last;
    private bool _searched;

    public async Task<ulong?> NextBlockAsync(ulong newest, CancellationToken cancellation)
    {
        if (!_searched)
        {
            _last = await FindLastGameAsync(cancellation);
            _searched = true;
        }

        if (newest == 0 || (_last is { } last && time.GetUtcNow() - last < interval)) return null;
        return newest;
    }

    /// <summary>When the newest game of our type was made, so that a restart keeps the interval.</summary>
    private async Task<DateTimeOffset?> FindLastGameAsync(CancellationToken cancellation)
    {
        ulong count = UInt256.FromBigEndian(Checked(await l1.CallAsync(factory, CallData.GameCount(), cancellation: cancellation), 32)).ToUInt64Saturated();
        for (ulong i = count; i > 0 && count - i < SearchDepth; i--)
        {
            // (uint32 gameType, uint64 timestamp, address proxy)
            byte[] game = Checked(await l1.CallAsync(factory, CallData.GameAtIndex(i - 1), cancellation: cancellation), 96);
            if (UInt256.FromBigEndian(game.AsSpan(0, 32)) == gameType)
            {
                return DateTimeOffset.FromUnixTimeSeconds((long)UInt256.FromBigEndian(game.AsSpan(32, 32)).U0);
            }
        }

        return null;
    }

    private byte[] Checked(byte[] answer, int length) => answer.Length == length
        ? answer
        : throw new ProposalException($"{factory} does not answer as a DisputeGameFactory does; is it the right address?");

    public async Task<BlockId> ProposeAsync(OutputAtBlock output, CancellationToken cancellation)
    {
        UInt256 bond = UInt256.FromBigEndian(Checked(await l1.CallAsync(factory, CallData.InitBonds(gameType), cancellation: cancellation), 32));
        BlockId included = await sender.SendAsync(factory, CallData.CreateGame(gameType, output.OutputRoot, output.Block.Number), bond, cancellation);
        _last = time.GetUtcNow();
        return included;
    }
}
