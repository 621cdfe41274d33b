using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler.Tests;

/// <summary>Random bytecode that mostly does something: segments joined by jumps, with the stack kept filled, and all opcodes.</summary>
internal sealed class ProgramBuilder(Random random)
{
    private static readonly Opcode[] Words =
    [
        Opcode.Add, Opcode.Mul, Opcode.Sub, Opcode.Div, Opcode.SDiv, Opcode.Mod, Opcode.SMod, Opcode.SignExtend, Opcode.Lt, Opcode.Gt, Opcode.SLt,
        Opcode.SGt, Opcode.Eq, Opcode.And, Opcode.Or, Opcode.Xor, Opcode.Byte, Opcode.Shl, Opcode.Shr, Opcode.Sar,
    ];

    private static readonly Opcode[] Pushes =
    [
        Opcode.Address, Opcode.Origin, Opcode.Caller, Opcode.CallValue, Opcode.CallDataSize, Opcode.CodeSize, Opcode.GasPrice, Opcode.ReturnDataSize,
        Opcode.Coinbase, Opcode.Timestamp, Opcode.Number, Opcode.PrevRandao, Opcode.GasLimit, Opcode.ChainId, Opcode.SelfBalance, Opcode.BaseFee,
        Opcode.BlobBaseFee, Opcode.Pc, Opcode.MSize, Opcode.Gas,
    ];

    private static readonly Opcode[] Unary =
    [
        Opcode.IsZero, Opcode.Not, Opcode.Clz, Opcode.CallDataLoad, Opcode.Balance, Opcode.ExtCodeSize, Opcode.ExtCodeHash, Opcode.BlockHash,
        Opcode.BlobHash, Opcode.SLoad, Opcode.TLoad,
    ];

    private static readonly ulong[] Limbs = [0, 1, 2, 31, 32, 63, 64, 255, 256, ulong.MaxValue, 1UL << 63, (1UL << 63) - 1, 1UL << 32];

    private readonly List<byte> _code = [];
    private readonly List<(int At, int Label)> _jumps = [];
    private int[] _labels = [];
    private int _height;

    /// <summary>A program.</summary>
    public byte[] Build()
    {
        int segments = random.Next(1, 5);
        _labels = new int[segments + 1];
        for (int segment = 0; segment < segments; segment++)
        {
            if (segment > 0 && random.Next(5) != 0) BeginSegment(segment);
            int length = random.Next(3, random.Next(10) == 0 ? 160 : 20);
            for (int i = 0; i < length; i++) Step();
            EndSegment(segments);
        }

        _labels[segments] = _code.Count;
        Emit(Opcode.JumpDest);
        ReturnSomething();
        foreach ((int at, int label) in _jumps)
        {
            _code[at] = (byte)(_labels[label] >> 8);
            _code[at + 1] = (byte)_labels[label];
        }

        byte[] program = [.. _code];
        if (random.Next(8) == 0) Mutate(program);
        return random.Next(20) == 0 ? program[..random.Next(1, program.Length)] : program;
    }

    private void Mutate(byte[] program)
    {
        for (int i = random.Next(1, 4); i > 0; i--) program[random.Next(program.Length)] = (byte)random.Next(256);
    }

    private void BeginSegment(int segment)
    {
        _labels[segment] = _code.Count;
        Emit(Opcode.JumpDest);
        if (random.Next(3) == 0) _height = Math.Min(_height, 2);
    }

    private void EndSegment(int segments)
    {
        int label = random.Next(1, segments + 1);
        switch (random.Next(8))
        {
            case 0:
                PushLabel(label);
                Emit(Opcode.Jump);
                _height--;
                break;
            case 1:
                // a target that is computed
                PushLabel(label);
                Emit(Opcode.Dup1);
                Emit(Opcode.Xor, Opcode.Pop);
                PushLabel(label);
                Emit(Opcode.CallDataSize, Opcode.Dup1, Opcode.Sub, Opcode.Add);
                Emit(Opcode.Jump);
                break;
            case 2 or 3 or 4:
                Need(1);
                PushLabel(label);
                Emit(Opcode.JumpI);
                _height -= 2;
                break;
            case 5:
                // jump back or forth by memory
                PushLabel(label);
                Emit(Opcode.Push0, Opcode.MStore, Opcode.Push0, Opcode.MLoad, Opcode.Jump);
                _height--;
                break;
            case 6 when random.Next(3) == 0:
                Emit(random.Next(3) switch { 0 => Opcode.Stop, 1 => Opcode.Invalid, _ => Opcode.SelfDestruct });
                break;
            case 7 when random.Next(3) == 0:
                ReturnSomething();
                break;
        }
    }

    private void ReturnSomething()
    {
        for (int i = 0; i < Math.Min(_height, 6); i++)
        {
            PushSmall(i * 32);
            Emit(Opcode.MStore);
            _height--;
        }

        PushSmall(random.Next(200));
        PushSmall(random.Next(40));
        Emit(random.Next(6) == 0 ? Opcode.Revert : Opcode.Return);
    }

    private void Step()
    {
        switch (random.Next(20))
        {
            case <= 2: PushValue(); break;
            case <= 8:
                if (random.Next(2) == 0) PushValue();
                if (random.Next(4) == 0) PushSmall(random.Next(300));
                Need(2);
                Emit(Words[random.Next(Words.Length)]);
                _height--;
                break;
            case 9:
                if (random.Next(2) == 0) PushValue();
                Need(1);
                Emit(Unary[random.Next(Unary.Length)]);
                break;
            case 10: Need(random.Next(1, 17)); Duplicate(); break;
            case 11: Swap(); break;
            case 12: Emit(Pushes[random.Next(Pushes.Length)]); _height++; break;
            case 13: Memory(); break;
            case 14: Copy(); break;
            case 15: Storage(); break;
            case 16: Ternary(); break;
            case 17: if (random.Next(2) == 0) Log(); else { Need(1); Emit(Opcode.Pop); _height--; } break;
            case 18: if (random.Next(3) == 0) Call(); else { Need(1); Emit(Opcode.Pop); _height--; } break;
            default: if (random.Next(10) == 0) Create(); else if (random.Next(60) == 0) Emit((Opcode)random.Next(256)); else { Need(2); Emit(Opcode.IsZero); } break;
        }
    }

    private void Duplicate()
    {
        int n = random.Next(1, Math.Clamp(_height, 1, 16) + 1);
        Emit(Opcode.Dup1 + (byte)(n - 1));
        _height++;
    }

    private void Swap()
    {
        Need(2);
        int n = random.Next(1, Math.Clamp(_height - 1, 1, 16) + 1);
        Emit(Opcode.Swap1 + (byte)(n - 1));
    }

    private void Memory()
    {
        Opcode op = random.Next(4) switch { 0 => Opcode.MLoad, 1 => Opcode.MStore8, _ => Opcode.MStore };
        if (op != Opcode.MLoad) Need(1);
        PushOffset();
        Emit(op);
        if (op != Opcode.MLoad) _height -= 2;
    }

    private void Copy()
    {
        Opcode op = random.Next(6) switch { 0 => Opcode.CallDataCopy, 1 => Opcode.CodeCopy, 2 => Opcode.ReturnDataCopy, 3 => Opcode.MCopy, 4 => Opcode.ExtCodeCopy, _ => Opcode.Keccak256 };
        PushSmall(op == Opcode.ReturnDataCopy ? random.Next(20) / 19 : random.Next(100));
        if (op != Opcode.Keccak256)
        {
            if (random.Next(3) == 0 && op is not (Opcode.ReturnDataCopy or Opcode.MCopy)) PushValue(); else PushSmall(op == Opcode.ReturnDataCopy ? 0 : random.Next(64));
        }

        PushOffset();
        if (op == Opcode.ExtCodeCopy) PushAddress();
        Emit(op);
        _height -= op switch { Opcode.Keccak256 => 1, Opcode.ExtCodeCopy => 4, _ => 3 };
    }

    private void Storage()
    {
        Need(1);
        PushSmall(random.Next(4));
        Emit(random.Next(3) switch { 0 => Opcode.TStore, _ => Opcode.SStore });
        _height -= 2;
    }

    private void Ternary()
    {
        PushValue();
        Need(3);
        Opcode op = random.Next(3) switch { 0 => Opcode.AddMod, 1 => Opcode.MulMod, _ => Opcode.Exp };
        if (op == Opcode.Exp) PushSmall(random.Next(20));
        Emit(op);
        _height -= op == Opcode.Exp ? 1 : 2;
    }

    private void Log()
    {
        int topics = random.Next(5);
        Need(topics);
        PushSmall(random.Next(70));
        PushOffset();
        Emit(Opcode.Log0 + (byte)topics);
        _height -= topics + 2;
    }

    private void Call()
    {
        Opcode op = random.Next(4) switch { 0 => Opcode.CallCode, 1 => Opcode.DelegateCall, 2 => Opcode.StaticCall, _ => Opcode.Call };
        PushSmall(random.Next(70));
        PushOffset();
        PushSmall(random.Next(70));
        PushOffset();
        bool hasValue = op is Opcode.Call or Opcode.CallCode;
        if (hasValue) PushSmall(random.Next(3) == 0 ? 1 : 0);
        PushAddress();
        if (random.Next(2) == 0) Emit(Opcode.Gas); else { PushSmall(random.Next(60_000)); _height--; }
        Emit(op);
        _height -= hasValue ? 5 : 4;
    }

    private void Create()
    {
        // init code from memory, mostly nonsense; or returning a piece of memory: PUSH1 n PUSH0 RETURN
        Emit(Opcode.Push4, Opcode.Push1);
        _code.AddRange([(byte)random.Next(40), (byte)Opcode.Push0, (byte)Opcode.Return]);
        PushSmall(0);
        _height--;
        Emit(Opcode.MStore);
        bool two = random.Next(2) == 0;
        if (two) PushValue();
        PushSmall(4);
        PushSmall(28);
        PushSmall(random.Next(2));
        Emit(two ? Opcode.Create2 : Opcode.Create);
        _height -= two ? 3 : 2;
    }

    private void PushAddress()
    {
        switch (random.Next(6))
        {
            case 0: PushSmall(random.Next(1, 12)); break;
            case 1: Emit(Opcode.Address); _height++; break;
            case 2: Emit(Opcode.Caller); _height++; break;
            default: PushConstant(new UInt256(0xb0001UL + (ulong)random.Next(4))); break;
        }
    }

    private void PushOffset()
    {
        if (random.Next(200) == 0) PushValue();
        else PushSmall(random.Next(random.Next(4) == 0 ? 2000 : 200));
    }

    private void PushValue()
    {
        switch (random.Next(6))
        {
            case 0: PushSmall(random.Next(300)); break;
            case 1:
                // from call data: not a constant
                PushSmall(random.Next(160));
                Emit(Opcode.CallDataLoad);
                break;
            case 2: PushConstant(new UInt256(Limb())); break;
            default: PushConstant(new UInt256(Limb(), Limb(), Limb(), Limb())); break;
        }
    }

    private ulong Limb() => random.Next(4) == 0 ? (ulong)random.NextInt64() * 2 + (ulong)random.Next(2) : Limbs[random.Next(Limbs.Length)];

    private void PushSmall(int value)
    {
        if (value == 0 && random.Next(2) == 0)
        {
            Emit(Opcode.Push0);
            _height++;
        }
        else
        {
            PushConstant(new UInt256((ulong)value));
        }
    }

    private void PushConstant(in UInt256 value)
    {
        byte[] bytes = value.ToBigEndianArray();
        int length = Math.Max(1, value.ByteLength);
        Emit(Opcode.Push0 + (byte)length);
        _code.AddRange(bytes.AsSpan(32 - length));
        _height++;
    }

    private void PushLabel(int label)
    {
        Emit(Opcode.Push2);
        _jumps.Add((_code.Count, label));
        _code.AddRange([0, 0]);
        _height++;
    }

    /// <summary>Makes sure, mostly, that the stack holds n items.</summary>
    private void Need(int n)
    {
        while (_height < n && random.Next(3000) != 0) PushValue();
    }

    private void Emit(params ReadOnlySpan<Opcode> opcodes)
    {
        foreach (Opcode op in opcodes) _code.Add((byte)op);
    }
}
