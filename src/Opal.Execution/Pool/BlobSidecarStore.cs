using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>
/// Sidecars of blob transactions by transaction hash: of pooled ones, and of included ones for as long as there is room. Thread-safe.
/// The zeros at the end of a blob, most of it on a quiet chain, are not stored.
/// </summary>
public sealed class BlobSidecarStore(int maxBlobs)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Hash256, Kept> _byTransaction = [];
    private readonly Queue<Hash256> _order = new();
    private readonly Dictionary<Hash256, FrameAddress> _addresses = [];
    private IFrameLog? _log;
    private int _blobs;

    /// <summary>Takes over what a log holds, and writes to it from now on: a sidecar is durable when <see cref="Put"/> returns. The log stays its owner's.</summary>
    public void Persist(IFrameLog log)
    {
        lock (_lock)
        {
            foreach (Frame frame in log.ReadFrom(log.Begin))
            {
                (Hash256 transaction, Kept kept) = Kept.Decode(frame);
                Keep(transaction, kept, frame.Address);
            }

            _log = log;
            DropOld();
        }
    }

    /// <summary>Keeps a sidecar; the oldest ones make room.</summary>
    public void Put(in Hash256 transaction, BlobSidecar sidecar)
    {
        lock (_lock)
        {
            if (_byTransaction.ContainsKey(transaction)) return;
            var kept = Kept.Of(sidecar);
            FrameAddress address = default;
            if (_log is not null)
            {
                address = _log.Append(Kept.FrameType, kept.Encode(transaction));
                _log.Sync();
            }

            Keep(transaction, kept, address);
            DropOld();
        }
    }

    private void Keep(in Hash256 transaction, Kept kept, FrameAddress address)
    {
        if (!_byTransaction.TryAdd(transaction, kept)) return;
        _order.Enqueue(transaction);
        _addresses[transaction] = address;
        _blobs += kept.Blobs.Length;
    }

    private void DropOld()
    {
        bool dropped = false;
        while (_blobs > maxBlobs && _order.Count > 1)
        {
            Hash256 oldest = _order.Dequeue();
            _addresses.Remove(oldest);
            if (_byTransaction.Remove(oldest, out Kept? kept)) _blobs -= kept.Blobs.Length;
            dropped = true;
        }

        if (dropped && _log is not null) _log.DropBefore(_addresses[_order.Peek()]);
    }

    /// <summary>The sidecar of a transaction, if it is still kept.</summary>
    public BlobSidecar? Find(in Hash256 transaction)
    {
        Kept? kept;
        lock (_lock) kept = _byTransaction.GetValueOrDefault(transaction);
        return kept?.Restore();
    }

    /// <summary>A sidecar with its blobs cut behind their last byte that is not zero.</summary>
    private sealed record Kept(byte WrapperVersion, byte[][] Blobs, int[] Sizes, byte[][] Commitments, byte[][] Proofs)
    {
        public static Kept Of(BlobSidecar sidecar) => new(
            sidecar.WrapperVersion,
            [.. sidecar.Blobs.Select(static b => b.AsSpan(0, b.AsSpan().LastIndexOfAnyExcept((byte)0) + 1).ToArray())],
            [.. sidecar.Blobs.Select(static b => b.Length)],
            [.. sidecar.Commitments],
            [.. sidecar.Proofs]);

        /// <summary>The type of the frames.</summary>
        public const byte FrameType = 1;

        /// <summary>rlp([transaction hash, version, [[size, blob up to its last byte that is not zero]…], [commitment…], [proof…]]).</summary>
        public ReadOnlySpan<byte> Encode(in Hash256 transaction)
        {
            var writer = new RlpWriter(1024);
            int all = writer.BeginList();
            writer.WriteHash(transaction);
            writer.WriteUInt64(WrapperVersion);
            int list = writer.BeginList();
            for (int i = 0; i < Blobs.Length; i++)
            {
                int blob = writer.BeginList();
                writer.WriteUInt64((ulong)Sizes[i]);
                writer.WriteBytes(Blobs[i]);
                writer.EndList(blob);
            }

            writer.EndList(list);
            WriteList(writer, Commitments);
            WriteList(writer, Proofs);
            writer.EndList(all);
            return writer.Written;
        }

        private static void WriteList(RlpWriter writer, byte[][] items)
        {
            int list = writer.BeginList();
            foreach (byte[] item in items) writer.WriteBytes(item);
            writer.EndList(list);
        }

        /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
        /// <exception cref="StoreCorruptException">It is something else.</exception>
        public static (Hash256 Transaction, Kept Kept) Decode(in Frame frame)
        {
            List<byte[]> blobs = [], commitments = [], proofs = [];
            List<int> sizes = [];
            if (frame.Type == FrameType
                && RlpReader.TryOpenList(frame.Payload.Span, out RlpReader parts)
                && parts.TryReadHash(out Hash256 transaction)
                && parts.TryReadUInt64(out ulong version)
                && parts.TryReadList(out RlpReader list)
                && TryReadBlobs(ref list, blobs, sizes)
                && TryReadItems(ref parts, commitments)
                && TryReadItems(ref parts, proofs))
            {
                return (transaction, new Kept((byte)version, [.. blobs], [.. sizes], [.. commitments], [.. proofs]));
            }

            throw new StoreCorruptException($"file {frame.Address.File} of the blobs, offset {frame.Address.Offset}: this is no blob sidecar; remove the directory of the blobs, and batches in them are lost");
        }

        private static bool TryReadBlobs(ref RlpReader list, List<byte[]> blobs, List<int> sizes)
        {
            while (!list.AtEnd)
            {
                if (!list.TryReadList(out RlpReader blob) || !blob.TryReadUInt64(out ulong size) || !blob.TryReadBytes(out ReadOnlySpan<byte> bytes)) return false;
                if (size > BlobSidecar.BlobSize || (ulong)bytes.Length > size) return false;
                sizes.Add((int)size);
                blobs.Add(bytes.ToArray());
            }

            return true;
        }

        private static bool TryReadItems(ref RlpReader parts, List<byte[]> items)
        {
            if (!parts.TryReadList(out RlpReader list)) return false;
            while (!list.AtEnd)
            {
                if (!list.TryReadBytes(out ReadOnlySpan<byte> item)) return false;
                items.Add(item.ToArray());
            }

            return true;
        }

        public BlobSidecar Restore()
        {
            var blobs = new byte[Blobs.Length][];
            for (int i = 0; i < blobs.Length; i++)
            {
                blobs[i] = new byte[Sizes[i]];
                Blobs[i].CopyTo(blobs[i], 0);
            }

            return new BlobSidecar { WrapperVersion = WrapperVersion, Blobs = blobs, Commitments = Commitments, Proofs = Proofs };
        }
    }
}
