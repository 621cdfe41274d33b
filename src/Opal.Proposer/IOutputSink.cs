using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Proposer;

/// <summary>Where outputs are proposed.</summary>
internal interface IOutputSink
{
    /// <summary>The L2 block whose output is due, given the newest block that may be proposed; null when none is.</summary>
    Task<ulong?> NextBlockAsync(ulong newest, CancellationToken cancellation);

    /// <summary>Posts an output.</summary>
    /// <returns>The L1 block that holds it.</returns>
    Task<BlockId> ProposeAsync(OutputAtBlock output, CancellationToken cancellation);
}
