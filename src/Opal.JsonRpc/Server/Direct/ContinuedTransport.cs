using System.Buffers;
using System.IO.Pipelines;

namespace Opal.JsonRpc;

/// <summary>A connection's bytes for a second reader, which begins with what the first one read last and did not take.</summary>
internal sealed class ContinuedTransport(IDuplexPipe transport, ReadResult last, long examined) : IDuplexPipe
{
    public PipeReader Input { get; } = new Reader(transport.Input, last.Buffer, last.IsCompleted, examined);

    public PipeWriter Output => transport.Output;

    /// <param name="input">The bytes' source; its last read is still open.</param>
    /// <param name="first">What that read gave.</param>
    /// <param name="isCompleted">Whether there will be no more.</param>
    /// <param name="examined">How much of it the first reader had examined before: a source takes nothing back.</param>
    private sealed class Reader(PipeReader input, ReadOnlySequence<byte> first, bool isCompleted, long examined) : PipeReader
    {
        private bool _isUnread = true, _isFirst = true;

        public override bool TryRead(out ReadResult result)
        {
            if (!_isUnread) return input.TryRead(out result);
            _isUnread = false;
            result = new ReadResult(first, isCanceled: false, isCompleted);
            return true;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            _isUnread && TryRead(out ReadResult result) ? new ValueTask<ReadResult>(result) : input.ReadAsync(cancellationToken);

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examinedTo)
        {
            if (_isFirst)
            {
                _isFirst = false;
                long begin = first.GetOffset(first.Start);
                if (first.GetOffset(consumed) - begin < examined && first.GetOffset(examinedTo) - begin < examined) examinedTo = first.GetPosition(examined);
                first = default;
            }

            input.AdvanceTo(consumed, examinedTo);
        }

        public override void CancelPendingRead() => input.CancelPendingRead();

        public override void Complete(Exception? exception = null) => input.Complete(exception);
    }
}
