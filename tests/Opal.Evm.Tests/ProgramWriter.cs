using Opal.Evm;

namespace Opal.Evm.Tests;

/// <summary>Writes random programs that do something: mostly well-formed code with jumps, memory, storage, calls and creations, a part of it damaged.</summary>
internal sealed class ProgramWriter(Random random)
{
    private static readonly Opcode[] Binary =
    [
        Opcode.Add, Opcode.Mul, Opcode.Sub, Opcode.Div, Opcode.SDiv, Opcode.Mod, Opcode.SMod, Opcode.Exp, Opcode.SignExtend, Opcode.Lt, Opcode.Gt,
        Opcode.SLt, Opcode.SGt, Opcode.Eq, Opcode.And, Opcode.Or, Opcode.Xor, Opcode.Byte, Opcode.Shl, Opcode.Shr, Opcode.Sar,
    ];

    private static readonly Opcode[] Comparisons = [Opcode.Lt, Opcode.Gt, Opcode.SLt, Opcode.SGt, Opcode.Eq, Opcode.IsZero];

    private static readonly Opcode[] Nullary =
    [
        Opcode.Address, Opcode.Origin, Opcode.Caller, Opcode.CallValue, Opcode.CallDataSize, Opcode.CodeSize, Opcode.GasPrice, Opcode.ReturnDataSize,
        Opcode.Coinbase, Opcode.Timestamp, Opcode.Number, Opcode.PrevRandao, Opcode.GasLimit, Opcode.ChainId, Opcode.SelfBalance, Opcode.BaseFee,
        Opcode.BlobBaseFee, Opcode.Pc, Opcode.MSize, Opcode.Gas, Opcode.Push0,
    ];

    private static readonly Opcode[] Unary = [Opcode.IsZero, Opcode.Not, Opcode.Clz, Opcode.CallDataLoad, Opcode.BlobHash, Opcode.BlockHash];

    private readonly List<byte> _code = [];
    private readonly List<(int At, int Height)> _labels = [];
    private readonly List<(int At, int Height)> _references = [];   // places of two-byte jump targets, and how much is on the stack
    private int _height;

    /// <summary>The addresses that programs call.</summary>
    public static readonly int[] Callees = [0xb0001, 0xc0001, 0xd0001, 0xe0001, 1, 2, 4, 5, 0x100];

    /// <summary>A program of roughly <paramref name="fragments"/> parts.</summary>
    public byte[] Write(int fragments)
    {
        _code.Clear();
        _labels.Clear();
        _references.Clear();
        _height = 0;
        if (random.Next(60) == 0) Pile();
        if (random.Next(2) == 0) Label();
        for (int i = 0; i < fragments; i++) Fragment();
        if (random.Next(3) != 0) End();
        byte[] code = [.. _code];
        foreach ((int at, int height) in _references)
        {
            // mostly a label that finds what it needs on the stack
            var labels = random.Next(30) == 0 ? _labels : _labels.FindAll(l => l.Height <= height);
            int target = labels.Count == 0 || random.Next(60) == 0 ? random.Next(code.Length + 4) : labels[random.Next(labels.Count)].At;
            code[at] = (byte)(target >> 8);
            code[at + 1] = (byte)target;
        }

        return random.Next(4) == 0 ? Damage(code) : code;
    }

    private byte[] Damage(byte[] code)
    {
        var bytes = code.ToList();
        for (int i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }

        return [.. bytes];
    }

    private void Emit(Opcode op, int taken, int left)
    {
        // sometimes without its operands
        if (random.Next(200) != 0)
        {
            while (_height < taken) Push();
        }

        _code.Add((byte)op);
        _height = Math.Max(0, _height - taken) + left;
    }

    private void Push() => PushBytes(random.Next(10) switch
    {
        0 => [0],
        1 => Enumerable.Repeat((byte)0xff, random.Next(1, 33)).ToArray(),
        2 => Bytes(random.Next(9, 33)),
        3 => [(byte)(1 << random.Next(8)), .. new byte[random.Next(32)]],
        4 => Bytes(random.Next(2, 9)),
        _ => [(byte)random.Next(random.Next(3) == 0 ? 256 : 40)],
    });

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private void PushBytes(params byte[] bytes)
    {
        _code.Add((byte)((int)Opcode.Push0 + bytes.Length));
        _code.AddRange(bytes);
        _height++;
    }

    private void PushSmall(int below) => PushBytes(below <= 256 ? [(byte)random.Next(below)] : [(byte)(random.Next(below) >> 8), (byte)random.Next(256)]);

    private void PushTarget()
    {
        _code.Add((byte)Opcode.Push2);
        _references.Add((_code.Count, _height));
        _code.AddRange([0, 0]);
        _height++;
    }

    private void Label()
    {
        _labels.Add((_code.Count, _height));
        _code.Add((byte)Opcode.JumpDest);
    }

    /// <summary>Fills the stack to its end or nearly so.</summary>
    private void Pile()
    {
        Push();
        int count = random.Next(1015, 1026);
        for (int i = 1; i < count; i++) _code.Add((byte)Opcode.Dup1);
        _height = count;
    }

    private void Fragment()
    {
        switch (random.Next(34))
        {
            case 0 or 1 or 2: Push(); break;
            case 3: Emit(Binary[random.Next(Binary.Length)], 2, 1); break;
            case 4 or 5: Push(); Emit(Binary[random.Next(Binary.Length)], 2, 1); break;
            case 6 or 7: Dup(); Emit(Binary[random.Next(Binary.Length)], 2, 1); break;
            case 8: Emit(Nullary[random.Next(Nullary.Length)], 0, 1); break;
            case 9: Emit(Unary[random.Next(Unary.Length)], 1, 1); break;
            case 10: Emit(random.Next(2) == 0 ? Opcode.AddMod : Opcode.MulMod, 3, 1); break;
            case 11: Dup(); if (random.Next(2) == 0) Dup(); break;
            case 12: Swap(); if (random.Next(2) == 0) Swap(); break;
            case 13: Swap(); Emit(random.Next(2) == 0 ? Opcode.Pop : Opcode.Sub, random.Next(2) + 1, 0); break;
            case 14: Emit(Opcode.Pop, 1, 0); if (random.Next(2) == 0) Emit(Opcode.Pop, 1, 0); break;
            case 15: Dup(); Push(); Emit(Opcode.Add, 2, 1); break;
            case 16: Push(); Emit(Opcode.Swap1, 2, 2); Emit(Opcode.Sub, 2, 1); break;
            case 17 or 18 or 19: Label(); break;
            case 20 or 21: Branch(); break;
            case 22: Jump(); break;
            case 23 or 24: Memory(); break;
            case 25: Copy(); break;
            case 26 or 27: Storage(); break;
            case 28: Log(); break;
            case 29: Hash(); break;
            case 30: Call(); break;
            case 31: if (random.Next(3) == 0) Create(); else Push(); break;
            case 32: if (random.Next(8) == 0) End(); else Dup(); break;
            default: if (random.Next(3) == 0) _code.Add((byte)random.Next(256)); else Inspect(); break;
        }
    }

    private void Dup()
    {
        int n = random.Next(1, Math.Clamp(_height, 1, 16) + 1);
        Emit((Opcode)((int)Opcode.Dup1 + n - 1), n, n + 1);
    }

    private void Swap()
    {
        int n = random.Next(1, Math.Clamp(_height - 1, 1, 16) + 1);
        Emit((Opcode)((int)Opcode.Swap1 + n - 1), n + 1, n + 1);
    }

    private void Branch()
    {
        Opcode comparison = Comparisons[random.Next(Comparisons.Length)];
        if (random.Next(4) != 0)
        {
            if (random.Next(3) == 0) Dup();
            Emit(comparison, comparison == Opcode.IsZero ? 1 : 2, 1);
        }

        for (int i = random.Next(8) == 0 ? random.Next(8) : random.Next(3); i > 0; i--) Emit(Opcode.IsZero, 1, 1);
        PushTarget();
        if (random.Next(12) == 0) Push();
        Emit(Opcode.JumpI, 2, 0);
    }

    private void Jump()
    {
        PushTarget();
        switch (random.Next(4))
        {
            case 0: Emit(Opcode.Jump, 1, 0); break;
            case 1: Push(); Emit(Opcode.Swap1, 2, 2); Emit(Opcode.Jump, 1, 0); break;
            case 2: Push(); Push(); Emit(Opcode.Swap2, 3, 3); Emit(Opcode.Pop, 1, 0); Emit(Opcode.Swap1, 2, 2); Emit(Opcode.Jump, 1, 0); break;
            default: Push(); Emit(Opcode.Swap1, 2, 2); Emit(Opcode.Pop, 1, 0); Emit(Opcode.Jump, 1, 0); break;
        }

        if (random.Next(2) == 0) Label();
    }

    private void Offset()
    {
        if (random.Next(40) == 0) Push();
        else if (random.Next(12) == 0) PushSmall(6000);
        else PushSmall(200);
    }

    private void Memory()
    {
        switch (random.Next(5))
        {
            case 0: Offset(); Emit(Opcode.MLoad, 1, 1); break;
            case 1: Offset(); Emit(Opcode.MStore, 2, 0); break;
            case 2: Offset(); Emit(Opcode.MStore8, 2, 0); break;
            case 3: Dup(); Emit(random.Next(2) == 0 ? Opcode.MLoad : Opcode.MStore, 1, 1); break;
            default: Offset(); Offset(); Offset(); Emit(Opcode.MCopy, 3, 0); break;
        }
    }

    private void Copy()
    {
        if (random.Next(3) == 0) PushSmall(40);
        else Offset();
        Offset();
        Offset();
        switch (random.Next(4))
        {
            case 0: Emit(Opcode.CallDataCopy, 3, 0); break;
            case 1: Emit(Opcode.CodeCopy, 3, 0); break;
            case 2 when random.Next(3) == 0: Emit(Opcode.ReturnDataCopy, 3, 0); break;
            default: Callee(); Emit(Opcode.ExtCodeCopy, 4, 0); break;
        }
    }

    private void Storage()
    {
        PushSmall(4);
        switch (random.Next(5))
        {
            case 0 or 1: Emit(Opcode.SLoad, 1, 1); break;
            case 2 or 3: Emit(Opcode.SStore, 2, 0); break;
            default: Emit(random.Next(2) == 0 ? Opcode.TLoad : Opcode.TStore, 1, 1); break;
        }
    }

    private void Log()
    {
        PushSmall(40);
        PushSmall(100);
        int topics = random.Next(5);
        Emit((Opcode)((int)Opcode.Log0 + topics), 2 + topics, 0);
    }

    private void Hash()
    {
        PushSmall(100);
        Offset();
        Emit(Opcode.Keccak256, 2, 1);
    }

    private void Callee()
    {
        int callee = Callees[random.Next(Callees.Length)];
        PushBytes((byte)(callee >> 16), (byte)(callee >> 8), (byte)callee);
    }

    private void Call()
    {
        for (int i = 0; i < 4; i++) PushSmall(70);
        Opcode kind = random.Next(4) switch { 0 => Opcode.CallCode, 1 => Opcode.DelegateCall, 2 => Opcode.StaticCall, _ => Opcode.Call };
        bool hasValue = kind is Opcode.Call or Opcode.CallCode;
        if (hasValue) PushSmall(random.Next(3) == 0 ? 20 : 1);
        Callee();
        if (random.Next(3) == 0) PushSmall(5000);
        else Emit(Opcode.Gas, 0, 1);
        Emit(kind, hasValue ? 7 : 6, 1);
    }

    private void Create()
    {
        // init code in memory: random bytes, or a little that returns something
        byte[] init = random.Next(3) == 0 ? Bytes(8) : [0x60, (byte)random.Next(256), 0x60, 0x00, 0x53, 0x60, (byte)random.Next(4), 0x60, 0x00, 0xf3];
        PushBytes(init);
        PushBytes(0);
        Emit(Opcode.MStore, 2, 0);
        PushSmall(3);
        PushBytes((byte)init.Length);
        PushBytes((byte)(32 - init.Length));
        PushSmall(2);
        if (random.Next(2) == 0) Emit(Opcode.Create, 3, 1);
        else Emit(Opcode.Create2, 4, 1);
    }

    private void Inspect()
    {
        Callee();
        Emit(random.Next(3) switch { 0 => Opcode.Balance, 1 => Opcode.ExtCodeSize, _ => Opcode.ExtCodeHash }, 1, 1);
    }

    private void End()
    {
        switch (random.Next(12))
        {
            case 0: _code.Add((byte)Opcode.Stop); break;
            case 1: _code.Add((byte)Opcode.Invalid); break;
            case 2: Callee(); Emit(Opcode.SelfDestruct, 1, 0); break;
            case 3 or 4: PushSmall(100); Offset(); Emit(Opcode.Revert, 2, 0); break;
            default: PushSmall(100); Offset(); Emit(Opcode.Return, 2, 0); break;
        }
    }
}
