using System.Runtime.CompilerServices;

namespace Opal.Evm;

/// <summary>Code made ready to run: pinned, followed by zeros (so that a PUSH at the end reads zeros and falls onto STOP), with its jump destinations.</summary>
internal sealed unsafe partial class Bytecode
{
    /// <summary>Zero bytes after the code.</summary>
    public const int Padding = 40;

    private byte[] _bytes;
    private ulong[]? _destinations;
    private bool _analysed;

    /// <summary>No code.</summary>
    public static readonly Bytecode Empty = new(default);

    /// <summary>The code as instructions, if it was found worth decoding.</summary>
    public DecodedCode? Decoded;

    /// <summary>Gas that frames running this code have used, their callees' included; stays below 2^62.</summary>
    public long GasUsed;

    /// <summary>Copies <paramref name="code"/>.</summary>
    public Bytecode(ReadOnlySpan<byte> code)
    {
        _bytes = Allocate(code.Length);
        Fill(code);
    }

    /// <summary>The length without padding.</summary>
    public int Length { get; private set; }

    /// <summary>The first byte. The array is pinned, so the pointer lives as long as this object.</summary>
    public byte* Start => (byte*)Unsafe.AsPointer(ref _bytes[0]);

    /// <summary>The code.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>The code with the zeros behind it, at least <see cref="Padding"/> of them.</summary>
    public byte[] Padded => _bytes;

    /// <summary>Whether the object is loaded with ever new code; such code runs once.</summary>
    public bool IsInitCode { get; private set; }

    /// <summary>An object for init code, see <see cref="Reload"/>.</summary>
    public static Bytecode ForInitCode() => new(default) { IsInitCode = true };

    /// <summary>The code, not to be kept beyond the life of what it came from.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <summary>One bit a byte of code, set where a jump may land. Found on the first call.</summary>
    public ulong* Destinations
    {
        get
        {
            if (!_analysed) Analyse();
            return (ulong*)Unsafe.AsPointer(ref _destinations![0]);
        }
    }

    /// <summary>Takes other code into the same object, for init code, which runs once.</summary>
    public void Reload(ReadOnlySpan<byte> code)
    {
        if (_bytes.Length < code.Length + Padding) _bytes = Allocate(code.Length);
        Fill(code);
    }

    private static byte[] Allocate(int length) => GC.AllocateUninitializedArray<byte>(length + Padding, pinned: true);

    private void Fill(ReadOnlySpan<byte> code)
    {
        code.CopyTo(_bytes);
        _bytes.AsSpan(code.Length, Padding).Clear();
        Length = code.Length;
        _analysed = false;
        Decoded = null;
    }

    private void Analyse()
    {
        unchecked
        {
            int words = (Length >> 6) + 1;
            if (_destinations is null || _destinations.Length < words) _destinations = GC.AllocateArray<ulong>(words, pinned: true);
            else Array.Clear(_destinations);
            ReadOnlySpan<byte> code = Span;
            for (int i = 0; i < code.Length; i++)
            {
                // as a signed number, everything from JUMPDEST to PUSH32 is at least 0x5b and all the rest is below
                sbyte op = (sbyte)code[i];
                if (op < 0x5b) continue;
                if (op == 0x5b) _destinations[i >> 6] |= 1UL << (i & 63);
                else if (op >= 0x60) i += op - 0x5f;
            }

            _analysed = true;
        }
    }
}
