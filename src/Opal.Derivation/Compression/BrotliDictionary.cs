using System.Buffers;
using System.Buffers.Text;

namespace Opal.Derivation;

internal static partial class BrotliDictionary
{
    /// <summary>The number of bytes.</summary>
    public const int Size = 122_784;

    private static readonly byte[] Unpacked = Unpack();

    /// <summary>The words, all of one length after those of the length below.</summary>
    public static ReadOnlySpan<byte> Words => Unpacked;

    // log2 of the number of words of each length; 0 where there are none
    private static ReadOnlySpan<byte> CountBits => [0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5];

    private static ReadOnlySpan<int> Starts =>
    [
        0, 0, 0, 0, 0, 4096, 9216, 21504, 35840, 44032, 53248, 63488, 74752, 87040, 93696, 100864, 104704, 106752, 108928, 113536, 115968, 118528,
        119872, 121280, 122016,
    ];

    /// <summary>Finds the word of a length that a reference beyond the window stands for, and its transformation. False: there is none.</summary>
    public static bool TryFind(int length, int reference, out ReadOnlySpan<byte> word, out int transform)
    {
        word = default;
        transform = 0;
        if (length is < 4 or > 24) return false;
        int bits = CountBits[length];
        int index = reference & ((1 << bits) - 1);
        transform = reference >> bits;
        word = Words.Slice(Starts[length] + (index * length), length);
        return transform < BrotliTransforms.Count;
    }

    private static byte[] Unpack()
    {
        var packed = new byte[Base64.GetMaxDecodedFromUtf8Length(Packed.Length)];
        OperationStatus decoded = Base64.DecodeFromUtf8(Packed, packed, out _, out int length);
        var output = new DecompressionBuffer();
        output.Begin(Size);
        CompressionStatus status = new Inflate().DecompressZlib(packed.AsSpan(0, length), output);
        if (decoded != OperationStatus.Done || status != CompressionStatus.Complete || output.Length != Size)
        {
            throw new InvalidOperationException("the packed Brotli dictionary is damaged");
        }

        return output.Written.ToArray();
    }
}
