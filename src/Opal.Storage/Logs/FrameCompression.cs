using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Opal.Storage;

/// <summary>Payloads of codec 1.</summary>
internal static class FrameCompression
{
    private const int Smallest = 512, Quality = 1, Window = 22;

    /// <summary>Compresses a payload where that saves an eighth or more.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="rented">To be given back to the shared pool, when it worked.</param>
    /// <param name="size">Bytes of it in use.</param>
    public static bool TryCompress(ReadOnlySpan<byte> payload, out byte[] rented, out int size)
    {
        (rented, size) = ([], 0);
        if (payload.Length < Smallest) return false;
        int most = payload.Length - (payload.Length >> 3);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(most);
        if (!BrotliEncoder.TryCompress(payload, buffer.AsSpan(4, most - 4), out int written, Quality, Window))
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return false;
        }

        BinaryPrimitives.WriteInt32LittleEndian(buffer, payload.Length);
        (rented, size) = (buffer, written + 4);
        return true;
    }

    /// <summary>The payload again; null when the bytes are none.</summary>
    public static byte[]? TryDecompress(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4) return null;
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size > FrameFormat.MaxPayload) return null;
        byte[] payload = GC.AllocateUninitializedArray<byte>((int)size);
        return BrotliDecoder.TryDecompress(bytes[4..], payload, out int written) && written == payload.Length ? payload : null;
    }
}
