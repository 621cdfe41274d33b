using Opal.Evm;
using Opal.Primitives;

namespace Opal.Differential.Tests;

/// <summary>Assembles code: pushes of the shortest or of any width, and labels that become PUSH2.</summary>
internal sealed class CodeWriter
{
    private readonly List<byte> _code = [];
    private readonly List<(int At, int Label)> _fixups = [];
    private readonly List<int> _labels = [];

    /// <summary>The bytes so far.</summary>
    public int Length => _code.Count;

    public CodeWriter Op(Opcode op)
    {
        _code.Add((byte)op);
        return this;
    }

    public CodeWriter Raw(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes) _code.Add(b);
        return this;
    }

    /// <summary>Pushes a value with as many bytes as it needs, at least 1, or more.</summary>
    public CodeWriter Push(in UInt256 value, int width = 0)
    {
        int bytes = Math.Max(Math.Max(value.ByteLength, 1), width);
        _code.Add((byte)(0x5f + bytes));
        return Raw(value.ToBigEndianArray().AsSpan(32 - bytes));
    }

    public CodeWriter Push(in Address address) => Push(address.ToUInt256(), 20);

    /// <summary>A place that is not decided yet.</summary>
    public int NewLabel()
    {
        _labels.Add(-1);
        return _labels.Count - 1;
    }

    /// <summary>Pushes a label's place.</summary>
    public CodeWriter PushLabel(int label)
    {
        _code.Add(0x61);
        _fixups.Add((_code.Count, label));
        _code.Add(0);
        _code.Add(0);
        return this;
    }

    /// <summary>Places a label here, without a JUMPDEST.</summary>
    public CodeWriter PlaceData(int label)
    {
        _labels[label] = _code.Count;
        return this;
    }

    /// <summary>Places a label here, with a JUMPDEST.</summary>
    public CodeWriter Place(int label)
    {
        PlaceData(label);
        _code.Add(0x5b);
        return this;
    }

    /// <summary>The code. Labels that were never placed point at 0.</summary>
    public byte[] ToArray()
    {
        byte[] code = [.. _code];
        foreach ((int at, int label) in _fixups)
        {
            int place = Math.Max(_labels[label], 0);
            code[at] = (byte)(place >> 8);
            code[at + 1] = (byte)place;
        }

        return code;
    }
}
