namespace Opal.Cli.BatcherReports;

/// <summary>What a batcher can be told that moves its cost.</summary>
/// <param name="Encoding">Batches and compression.</param>
/// <param name="Carriage">Blobs or calldata, and how many frames.</param>
/// <param name="Duration"><c>max-channel-duration</c> in L1 blocks; 0: no limit.</param>
internal readonly record struct PlanSetting(ChannelEncoding Encoding, Carriage Carriage, ulong Duration)
{
    /// <summary>The flags of <c>opal batcher</c> that say so.</summary>
    public string Flags =>
        $"--batch-type={(byte)Encoding.Batches} --compression-algo={Encoding.CompressionName} --data-availability-type={(Carriage.AsBlobs ? "blobs" : "calldata")} " +
        $"--target-num-frames={Carriage.Frames} --max-channel-duration={Duration}";
}
