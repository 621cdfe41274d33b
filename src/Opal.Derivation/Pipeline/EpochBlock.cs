using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>An L1 block that L2 blocks may have as their origin, with all that attributes need of it.</summary>
internal sealed class EpochBlock(L1BlockRef reference, BlockHeader header, EpochLogs logs)
{
    public L1BlockRef Ref { get; } = reference;

    public BlockHeader Header { get; } = header;

    public EpochLogs Logs { get; } = logs;
}
