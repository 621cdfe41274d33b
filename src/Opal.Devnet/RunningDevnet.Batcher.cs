using Microsoft.Extensions.Logging;
using Opal.Batcher;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Devnet;

public sealed partial class RunningDevnet
{
    private async Task<BatcherService> StartBatcherAsync(
        RollupConfig rollup, EthClient l1, ulong? osakaTime, Uri l2Url, RollupNodeClient node, byte[] jwtSecret, CancellationToken cancellation)
    {
        Address account = DevnetKeys.Roles.Batcher.Address;
        var options = new BatcherOptions
        {
            PollInterval = TimeSpan.FromMilliseconds(500),
            DataAvailability = _options.DataAvailability == DataAvailability.Blobs ? DataAvailabilityType.Blobs : DataAvailabilityType.Calldata,
            BatchType = BatchType.Span,
            Compression = ChannelCompression.Brotli,
            MaxChannelDurationBlocks = 3,
            SubSafetyMarginBlocks = 6,
            BatchInbox = rollup.BatchInboxAddress,
            ChannelTimeoutBlocks = rollup.ChannelTimeoutGraniteBlocks,
            SequencingWindowBlocks = rollup.SequencingWindowSize,
            JournalDirectory = DevnetStorage.JournalOf(_options),
        };
        ILogger logger = _loggers.CreateLogger("Opal.Batcher");
        TransactionManager manager = Manager(l1, DevnetKeys.Roles.Batcher, "Batcher", osakaTime);
        var facts = new L1Facts(l1, account, rollup.L1SystemConfigAddress);
        BatcherJournal journal = options.JournalDirectory is { } folder
            ? BatcherJournal.Open(folder, new JournalIdentity(rollup.L1ChainId, rollup.L2ChainId, rollup.BatchInboxAddress, account), _time, logger)
            : BatcherJournal.InMemory();
        BatcherWatches watches = Own(new BatcherWatches(l1, manager, rollup, facts, journal, NativeCrypto.Instance, _alarms, _time, logger));
        SequencerThrottle throttle = Own(new SequencerThrottle(new ThrottleOptions(), [Connect(_sequencer!.Execution.AddressOf("authrpc"), jwtSecret)], _time, logger, _alarms));
        BatcherService batcher = Own(new BatcherService(
            options, new OnlySequencer(new EthClient(Connect(l2Url), trusted: true), node), watches.Watching(new L1Submitter(manager, rollup.BatchInboxAddress)), new ChannelCodec(rollup, options), _time,
            logger, throttle: throttle, journal: journal, l1: facts));
        var registry = new RpcRegistry();
        batcher.Register(registry);
        throttle.Register(registry);
        await ServeAsync(registry, "batcher", _options.Ports.Batcher, cancellation);
        await watches.BeginAsync(cancellation);
        batcher.Start();
        watches.Start();
        return batcher;
    }
}
