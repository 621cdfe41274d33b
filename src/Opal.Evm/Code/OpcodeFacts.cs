namespace Opal.Evm;

/// <summary>What the decoder must know of an opcode: its base gas, what it does to the height of the stack, and whether a block ends behind it.</summary>
/// <remarks>
/// The byte engine carries the same facts as constants of its cases; the tests run both on every opcode. A block ends behind every
/// instruction that passes on the gas left (calls, creations, SSTORE), that may fail for another reason than gas (writes in a static
/// frame, return data out of bounds), that a tracer of frames sees (logs), and that reads the world (so that a block which runs out
/// of gas has read exactly what byte by byte execution reads).
/// </remarks>
internal readonly struct OpcodeFacts(int gas, int taken, int left, bool endsBlock)
{
    /// <summary>The gas charged before the instruction looks at its operands.</summary>
    public readonly int Gas = gas;

    /// <summary>How many words must be there.</summary>
    public readonly int Taken = taken;

    /// <summary>How many words are in their place afterwards.</summary>
    public readonly int Left = left;

    /// <summary>Whether the next instruction begins a block.</summary>
    public readonly bool EndsBlock = endsBlock;

    private static OpcodeFacts Plain(int gas, int taken, int left) => new(gas, taken, left, endsBlock: false);

    private static OpcodeFacts Last(int gas, int taken, int left) => new(gas, taken, left, endsBlock: true);

    /// <summary>The facts of an opcode that the rules define; of any other, those of INVALID.</summary>
    public static OpcodeFacts Of(Opcode op, OpcodeSet defined)
    {
        unchecked
        {
            if (op is >= Opcode.Push1 and <= Opcode.Push32) return Plain(GasCost.VeryLow, 0, 1);
            if (op is >= Opcode.Dup1 and <= Opcode.Dup16) return Plain(GasCost.VeryLow, op - Opcode.Dup1 + 1, op - Opcode.Dup1 + 2);
            if (op is >= Opcode.Swap1 and <= Opcode.Swap16) return Plain(GasCost.VeryLow, op - Opcode.Swap1 + 2, op - Opcode.Swap1 + 2);
            if (op is >= Opcode.Log0 and <= Opcode.Log4) return Last(GasCost.Log, op - Opcode.Log0 + 2, 0);
        }

        switch (op)
        {
            case Opcode.Add or Opcode.Sub: return Plain(GasCost.VeryLow, 2, 1);
            case Opcode.Mul or Opcode.Div or Opcode.SDiv or Opcode.Mod or Opcode.SMod or Opcode.SignExtend: return Plain(GasCost.Low, 2, 1);
            case Opcode.AddMod or Opcode.MulMod: return Plain(GasCost.Mid, 3, 1);
            case Opcode.Exp: return Plain(GasCost.Exp, 2, 1);
            case Opcode.Lt or Opcode.Gt or Opcode.SLt or Opcode.SGt or Opcode.Eq or Opcode.And or Opcode.Or or Opcode.Xor: return Plain(GasCost.VeryLow, 2, 1);
            case Opcode.Byte or Opcode.Shl or Opcode.Shr or Opcode.Sar: return Plain(GasCost.VeryLow, 2, 1);
            case Opcode.IsZero or Opcode.Not or Opcode.CallDataLoad or Opcode.MLoad: return Plain(GasCost.VeryLow, 1, 1);
            case Opcode.Clz when defined.Has(OpcodeSet.CountLeadingZeros): return Plain(GasCost.Low, 1, 1);
            case Opcode.Keccak256: return Plain(GasCost.Keccak, 2, 1);
            case Opcode.Address or Opcode.Origin or Opcode.Caller or Opcode.CallValue or Opcode.CallDataSize or Opcode.CodeSize: return Plain(GasCost.Base, 0, 1);
            case Opcode.GasPrice or Opcode.ReturnDataSize or Opcode.Coinbase or Opcode.Timestamp or Opcode.Number: return Plain(GasCost.Base, 0, 1);
            case Opcode.PrevRandao or Opcode.GasLimit or Opcode.ChainId or Opcode.BaseFee: return Plain(GasCost.Base, 0, 1);
            case Opcode.Pc or Opcode.MSize or Opcode.Gas: return Plain(GasCost.Base, 0, 1);
            case Opcode.BlobBaseFee when defined.Has(OpcodeSet.BlobBaseFee): return Plain(GasCost.Base, 0, 1);
            case Opcode.Push0 when defined.Has(OpcodeSet.Push0): return Plain(GasCost.Base, 0, 1);
            case Opcode.SelfBalance: return Plain(GasCost.Low, 0, 1);
            case Opcode.BlobHash when defined.Has(OpcodeSet.BlobHash): return Plain(GasCost.BlobHash, 1, 1);
            case Opcode.BlockHash: return Last(GasCost.BlockHash, 1, 1);
            case Opcode.Balance or Opcode.ExtCodeSize or Opcode.ExtCodeHash or Opcode.SLoad: return Last(0, 1, 1);
            case Opcode.ExtCodeCopy: return Last(0, 4, 0);
            case Opcode.CallDataCopy or Opcode.CodeCopy: return Plain(GasCost.VeryLow, 3, 0);
            case Opcode.ReturnDataCopy: return Last(GasCost.VeryLow, 3, 0);
            case Opcode.MCopy when defined.Has(OpcodeSet.MemoryCopy): return Plain(GasCost.VeryLow, 3, 0);
            case Opcode.Pop: return Plain(GasCost.Base, 1, 0);
            case Opcode.MStore or Opcode.MStore8: return Plain(GasCost.VeryLow, 2, 0);
            case Opcode.SStore: return Last(0, 2, 0);
            case Opcode.TLoad when defined.Has(OpcodeSet.TransientStorage): return Plain(GasCost.Transient, 1, 1);
            case Opcode.TStore when defined.Has(OpcodeSet.TransientStorage): return Last(GasCost.Transient, 2, 0);
            case Opcode.Jump: return Last(GasCost.Mid, 1, 0);
            case Opcode.JumpI: return Last(GasCost.High, 2, 0);
            case Opcode.JumpDest: return Plain(GasCost.JumpDest, 0, 0);
            case Opcode.Create: return Last(GasCost.Create, 3, 1);
            case Opcode.Create2: return Last(GasCost.Create, 4, 1);
            case Opcode.Call or Opcode.CallCode: return Last(0, 7, 1);
            case Opcode.DelegateCall or Opcode.StaticCall: return Last(0, 6, 1);
            case Opcode.Return or Opcode.Revert: return Last(0, 2, 0);
            case Opcode.SelfDestruct: return Last(GasCost.SelfDestruct, 1, 0);
            default: return Last(0, 0, 0);
        }
    }

    /// <summary>Whether the rules define the opcode. INVALID counts as undefined, for both end the frame alike.</summary>
    public static bool IsDefined(Opcode op, OpcodeSet defined) => op switch
    {
        <= Opcode.SignExtend => true,
        >= Opcode.Lt and <= Opcode.Sar => true,
        Opcode.Clz => defined.Has(OpcodeSet.CountLeadingZeros),
        Opcode.Keccak256 => true,
        >= Opcode.Address and <= Opcode.BaseFee => true,
        Opcode.BlobHash => defined.Has(OpcodeSet.BlobHash),
        Opcode.BlobBaseFee => defined.Has(OpcodeSet.BlobBaseFee),
        >= Opcode.Pop and <= Opcode.JumpDest => true,
        Opcode.TLoad or Opcode.TStore => defined.Has(OpcodeSet.TransientStorage),
        Opcode.MCopy => defined.Has(OpcodeSet.MemoryCopy),
        Opcode.Push0 => defined.Has(OpcodeSet.Push0),
        >= Opcode.Push1 and <= Opcode.Log4 => true,
        >= Opcode.Create and <= Opcode.Create2 => true,
        Opcode.StaticCall or Opcode.Revert or Opcode.SelfDestruct => true,
        _ => false,
    };
}
