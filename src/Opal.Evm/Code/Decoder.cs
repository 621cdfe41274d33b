using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Turns code into blocks of instructions whose gas and stack bounds are checked once, at the block's Begin.</summary>
/// <remarks>
/// A block ends at a jump or an end of the frame, before a JUMPDEST, and behind the opcodes that <see cref="OpcodeFacts"/> names.
/// Within a block nothing can observe that the gas was charged at its beginning, save GAS, which is told what is still to come.
/// Frequent sequences become one instruction (<see cref="Fused"/>); they are taken greedily and never cross a JUMPDEST.
/// </remarks>
internal sealed partial class Decoder
{
    /// <summary>The number of the code's first instruction.</summary>
    public const int FirstInstruction = 2;

    /// <summary>A block is closed when its gas reaches this, so that a block's gas always fits its 32 bits.</summary>
    private const int LargestBlockGas = 1 << 30;

    private const int StackWords = 1024;
    private const int LargestKeptScratch = 1 << 17;

    private Instruction[] _out = [];
    private int _count;
    private byte[] _code = [];      // the code, followed by zeros
    private int _length;
    private OpcodeSet _opcodes;

    // The open block.
    private bool _open;
    private int _begin;
    private int _gas;
    private int _height;
    private int _lowest;
    private int _highest;
    private int _firstGas;          // first GAS instruction of the block, -1 for none

    /// <summary>Decodes code for a set of opcodes.</summary>
    public DecodedCode Decode(Bytecode code, OpcodeSet opcodes)
    {
        unchecked
        {
            _code = code.Padded;
            _length = code.Length;
            _opcodes = opcodes;
            _count = 0;
            _open = false;
            // a byte of code gives two instructions at most, a Begin and itself
            int most = (_length * 2) + 8;
            if (_out.Length < most) _out = new Instruction[most];
            int[] targets = GC.AllocateArray<int>(_length + 1, pinned: true);

            Emit(new Instruction { Op = Fused.Begin, Argument = (ulong)(StackWords * 32) << 48 });
            Emit(new Instruction { Op = Fused.BadJump });
            int at = 0;
            while (at < _length)
            {
                bool isTarget = _code[at] == (byte)Opcode.JumpDest;
                if (isTarget || !_open)
                {
                    if (_open) Close();
                    if (isTarget) targets[at] = _count;
                    Open(at);
                    if (isTarget)
                    {
                        Account(Opcode.JumpDest);
                        at++;
                        continue;
                    }
                }

                at = DecodeAt(at);
                if (_open && _gas >= LargestBlockGas) Close();
            }

            if (!_open) Open(_length);
            Emit(new Instruction { Op = Opcode.Stop });
            Close();
            Link(targets);

            Instruction[] program = GC.AllocateUninitializedArray<Instruction>(_count, pinned: true);
            Array.Copy(_out, program, _count);
            if (_out.Length > LargestKeptScratch) _out = [];
            _code = [];
            return new DecodedCode(opcodes, program, targets);
        }
    }

    private byte ByteAt(int at) => at < _length ? _code[at] : (byte)Opcode.Stop;

    private Opcode OpcodeAt(int at) => (Opcode)ByteAt(at);

    /// <summary>The constant that the PUSH at a place pushes; bytes beyond the end of the code are zeros.</summary>
    private UInt256 ConstantAt(int at) => unchecked(UInt256.FromBigEndian(_code.AsSpan(at + 1, _code[at] - (byte)Opcode.Push0)));

    private void Emit(in Instruction instruction) => _out[_count++] = instruction;

    private void Emit(Opcode op, ulong argument = 0, int below = 0, int offset = 0) =>
        Emit(new Instruction { Op = op, Argument = argument, Below = unchecked((ushort)below), Offset = offset });

    /// <summary>Emits an instruction whose word follows.</summary>
    private void EmitWide(Opcode op, in UInt256 word)
    {
        Emit(op);
        Emit(Words(word.U0, word.U1));
        Emit(Words(word.U2, word.U3));
    }

    private static unsafe Instruction Words(ulong low, ulong high)
    {
        // two limbs in the place of an instruction, to be read as part of a UInt256
        Instruction pair = default;
        ulong* limbs = (ulong*)&pair;
        limbs[0] = low;
        limbs[1] = high;
        return pair;
    }

    private void Open(int at)
    {
        _open = true;
        _begin = _count;
        _gas = 0;
        _height = 0;
        _lowest = 0;
        _highest = 0;
        _firstGas = -1;
        Emit(Fused.Begin, offset: at);
    }

    /// <summary>Adds an opcode of the code to the block's gas and bounds.</summary>
    private void Account(Opcode op)
    {
        unchecked
        {
            OpcodeFacts facts = OpcodeFacts.Of(op, _opcodes);
            _gas += facts.Gas;
            _height -= facts.Taken;
            if (_height < _lowest) _lowest = _height;
            _height += facts.Left;
            if (_height > _highest) _highest = _height;
        }
    }

    private void Close()
    {
        unchecked
        {
            _open = false;
            int needed = -_lowest, room = StackWords - _highest - needed;
            if (needed > StackWords || room < 0)
            {
                _out[_begin].Argument = (uint)_gas | ((ulong)ushort.MaxValue << 32); // more bytes than any stack has: no height will do
            }
            else
            {
                _out[_begin].Argument = (uint)_gas | ((ulong)(needed * 32) << 32) | ((ulong)(room * 32) << 48);
            }

            if (_firstGas < 0) return;
            for (int i = _firstGas; i < _count; i += Fused.IsWide(_out[i].Op) ? 3 : 1)
            {
                // it holds the block's gas up to and including itself; the engine needs what comes after
                if (_out[i].Op == Opcode.Gas) _out[i].Argument = (ulong)_gas - _out[i].Argument;
            }
        }
    }

    /// <summary>Turns the targets of jumps from offsets in the code into ways through the program.</summary>
    private unsafe void Link(int[] targets)
    {
        unchecked
        {
            for (int i = FirstInstruction; i < _count; i += Fused.IsWide(_out[i].Op) ? 3 : 1)
            {
                if (!Fused.IsJump(_out[i].Op)) continue;
                int target = _out[i].Offset;
                _out[i].Offset = ((target < 0 ? 0 : targets[target]) - i) * sizeof(Instruction);
            }
        }
    }
}
