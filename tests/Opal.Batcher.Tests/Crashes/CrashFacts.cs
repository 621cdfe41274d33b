using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>The facts of an L1 in memory; each question is a point at which the process may die.</summary>
internal sealed class CrashFacts(CrashL1 l1, CrashPoints points) : IL1Facts
{
    public Address Sender => Address.FromNumber(0xba);

    public Task<BlockId?> FindBlockAsync(ulong number, CancellationToken cancellation)
    {
        points.Step();
        return Task.FromResult<BlockId?>(number < (ulong)l1.Chain.Count ? l1.Chain[(int)number].Ref.Id : null);
    }

    public Task<L1Inclusion?> FindInclusionAsync(Hash256 transaction, CancellationToken cancellation)
    {
        points.Step();
        return Task.FromResult(l1.Find(transaction));
    }

    public Task<Address?> FindBatcherAsync(CancellationToken cancellation) => Task.FromResult<Address?>(Sender);

    public Task<ulong?> FindNewestOwnBlockAsync(int depth, CancellationToken cancellation)
    {
        points.Step();
        return Task.FromResult(l1.Chain.TakeLast(depth).LastOrDefault(static b => b.Transactions.Count > 0)?.Ref.Number);
    }
}
