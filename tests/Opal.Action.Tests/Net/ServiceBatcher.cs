using Microsoft.Extensions.Logging.Abstractions;
using Opal.Batcher;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.ActionTests;

/// <summary>The product's batcher over a net's sequencer, in its own tasks. What it sends waits until the test mines it.</summary>
public sealed class ServiceBatcher : IL1Submitter, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(L1Item Item, TaskCompletionSource<BlockId> Mined)> _waiting = [];
    private readonly ActorNet _net;
    private readonly BatcherService _service;

    public ServiceBatcher(ActorNet net, BatcherOptions options)
    {
        _net = net;
        _service = new BatcherService(
            options, new OnlySequencer(net.Sequencer.Eth, new RollupNodeClient(new InProcessRpcClient(net.Sequencer.Node.Registry))), this,
            new ChannelCodec(net.Rollup.Config, options), TimeProvider.System, NullLogger.Instance);
        _service.Start();
    }

    public BatcherStatus Status => _service.Status;

    /// <summary>Transactions sent and not mined.</summary>
    public int Sent
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>Closes the open channel.</summary>
    public void Flush() => _service.Flush();

    public Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
    {
        var mined = new TaskCompletionSource<BlockId>(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellation.Register(() => mined.TrySetCanceled(cancellation));
        lock (_gate) _waiting.Add((asBlobs ? _net.Batcher.PostBlobs([.. carriers.Select(BatcherActor.Blob)]) : _net.Batcher.Post(carriers[0]), mined));
        return mined.Task;
    }

    /// <summary>Mines all that waits.</summary>
    public void Mine()
    {
        (L1Item Item, TaskCompletionSource<BlockId> Mined)[] waiting;
        lock (_gate)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        L1BlockRef block = _net.L1.Mine([.. waiting.Select(static entry => entry.Item)]);
        foreach ((_, TaskCompletionSource<BlockId> mined) in waiting) mined.SetResult(block.Id);
    }

    /// <summary>Lets the batcher's tasks go on until something holds.</summary>
    public async Task UntilAsync(Func<bool> holds)
    {
        for (int i = 0; i < 3000 && !holds(); i++) await Task.Delay(5);
        Assert.True(holds(), $"{_service.Status}");
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
