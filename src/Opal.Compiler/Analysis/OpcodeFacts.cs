using Opal.Evm;
using static Opal.Evm.Opcode;

namespace Opal.Compiler;

/// <summary>What a block's analysis needs of an opcode.</summary>
/// <param name="IsKnown">Whether the rules have it; if not it halts, like INVALID.</param>
/// <param name="Gas">Gas charged whatever the operands are; the rest is charged when it runs.</param>
/// <param name="In">Items that must be on the stack.</param>
/// <param name="Out">Items that replace them.</param>
/// <param name="EndsBlock">Whether a block ends behind it: it leaves the straight line, or it can see the gas.</param>
/// <param name="Falls">Whether the next instruction may follow it.</param>
internal readonly record struct OpcodeFacts(bool IsKnown, int Gas, int In, int Out, bool EndsBlock, bool Falls)
{
    private static readonly OpcodeFacts[]?[] Tables = new OpcodeFacts[64][];

    /// <summary>The 256 facts of a set of opcodes.</summary>
    public static OpcodeFacts[] For(OpcodeSet set) => Tables[(int)set] ??= Build(set);

    /// <summary>How many bytes follow as the opcode's immediate.</summary>
    public static int ImmediateLength(byte op) => op is >= (byte)Push1 and <= (byte)Push32 ? op - (byte)Push0 : 0;

    private static OpcodeFacts[] Build(OpcodeSet set)
    {
        var table = new OpcodeFacts[256];
        Array.Fill(table, new OpcodeFacts(false, 0, 0, 0, true, false));
        Add(GasCost.VeryLow, 2, 1, Opcode.Add, Sub, Lt, Gt, SLt, SGt, Eq, And, Or, Xor, Opcode.Byte, Shl, Shr, Sar);
        Add(GasCost.VeryLow, 1, 1, IsZero, Not, CallDataLoad, MLoad);
        Add(GasCost.VeryLow, 2, 0, MStore, MStore8);
        Add(GasCost.VeryLow, 3, 0, CallDataCopy, CodeCopy, ReturnDataCopy);
        Add(GasCost.Low, 2, 1, Mul, Div, SDiv, Mod, SMod, SignExtend);
        Add(GasCost.Mid, 3, 1, AddMod, MulMod);
        Add(GasCost.Exp, 2, 1, Exp);
        Add(GasCost.Keccak, 2, 1, Keccak256);
        Add(GasCost.Base, 0, 1, Opcode.Address, Origin, Caller, CallValue, CallDataSize, CodeSize, GasPrice, ReturnDataSize, Coinbase, Timestamp, Number,
            PrevRandao, GasLimit, ChainId, BaseFee, Pc, MSize);
        Add(GasCost.Low, 0, 1, SelfBalance);
        Add(0, 1, 1, Balance, ExtCodeSize, ExtCodeHash, SLoad);
        Add(0, 4, 0, ExtCodeCopy);
        Add(GasCost.BlockHash, 1, 1, BlockHash);
        Add(GasCost.Base, 1, 0, Pop);
        Add(GasCost.JumpDest, 0, 0, JumpDest);
        for (int n = 1; n <= 32; n++) Add(GasCost.VeryLow, 0, 1, Push0 + (byte)n);
        for (int n = 1; n <= 16; n++)
        {
            Add(GasCost.VeryLow, n, n + 1, Dup1 + (byte)(n - 1));
            Add(GasCost.VeryLow, n + 1, n + 1, Swap1 + (byte)(n - 1));
        }

        for (int n = 0; n <= 4; n++) Add(GasCost.Log, n + 2, 0, Log0 + (byte)n);

        End(true, GasCost.Base, 0, 1, Opcode.Gas);
        End(true, 0, 2, 0, SStore);
        End(true, 0, 7, 1, Call, CallCode);
        End(true, 0, 6, 1, DelegateCall, StaticCall);
        End(true, GasCost.Create, 3, 1, Create);
        End(true, GasCost.Create, 4, 1, Create2);
        End(true, GasCost.High, 2, 0, JumpI);
        End(false, GasCost.Mid, 1, 0, Jump);
        End(false, 0, 0, 0, Stop);
        End(false, 0, 2, 0, Return, Revert);
        End(false, GasCost.SelfDestruct, 1, 0, SelfDestruct);

        if (set.HasFlag(OpcodeSet.Push0)) Add(GasCost.Base, 0, 1, Push0);
        if (set.HasFlag(OpcodeSet.BlobHash)) Add(GasCost.BlobHash, 1, 1, BlobHash);
        if (set.HasFlag(OpcodeSet.BlobBaseFee)) Add(GasCost.Base, 0, 1, BlobBaseFee);
        if (set.HasFlag(OpcodeSet.MemoryCopy)) Add(GasCost.VeryLow, 3, 0, MCopy);
        if (set.HasFlag(OpcodeSet.CountLeadingZeros)) Add(GasCost.Low, 1, 1, Clz);
        if (set.HasFlag(OpcodeSet.TransientStorage))
        {
            Add(GasCost.Transient, 1, 1, TLoad);
            Add(GasCost.Transient, 2, 0, TStore);
        }

        return table;

        void Add(int gas, int @in, int @out, params ReadOnlySpan<Opcode> opcodes)
        {
            foreach (Opcode op in opcodes) table[(byte)op] = new OpcodeFacts(true, gas, @in, @out, EndsBlock: false, Falls: true);
        }

        void End(bool falls, int gas, int @in, int @out, params ReadOnlySpan<Opcode> opcodes)
        {
            foreach (Opcode op in opcodes) table[(byte)op] = new OpcodeFacts(true, gas, @in, @out, EndsBlock: true, falls);
        }
    }
}
