using Opal.Evm;

namespace Opal.Compiler;

/// <summary>A code's basic blocks, the chunks of consecutive blocks that become one method each, and where jumps land.</summary>
/// <remarks>
/// A block ends behind every instruction that can see the gas left (GAS, SSTORE, CALL and CREATE of all kinds) or leaves the
/// straight line, and before every JUMPDEST. So charging a block at its start cannot be observed: if the gas does not suffice,
/// the frame would have failed somewhere inside the block, and a failure loses everything either way. Code that nothing can
/// reach, behind a STOP or JUMP up to the next JUMPDEST, is in no block.
/// </remarks>
internal sealed class CodeLayout
{
    private const int MaxBlockWeight = 100, MaxChunkWeight = 250, MaxChunkBlocks = 150;

    private CodeLayout(ReadOnlySpan<byte> code, OpcodeSet set)
    {
        Code = code.ToArray();
        Facts = OpcodeFacts.For(set);
        DestinationMap = GC.AllocateArray<ushort>(code.Length + 1, pinned: true);
        var weights = new List<int>();
        Blocks = FindBlocks(weights);
        ChunkStarts = FindChunks(weights);
    }

    /// <summary>The code, without padding.</summary>
    public byte[] Code { get; }

    /// <summary>The opcodes.</summary>
    public OpcodeFacts[] Facts { get; }

    /// <summary>In order of their offsets. The last is empty and stands for the implicit STOP behind the code.</summary>
    public BasicBlock[] Blocks { get; }

    /// <summary>The number of each chunk's first block, then the number of blocks.</summary>
    public int[] ChunkStarts { get; }

    /// <summary>By offset: 1 + the number of the block that begins with the JUMPDEST there, else 0. Pinned.</summary>
    public ushort[] DestinationMap { get; }

    /// <summary>Lays out code of 1 to 65,534 bytes.</summary>
    public static CodeLayout Of(ReadOnlySpan<byte> code, OpcodeSet set) => new(code, set);

    /// <summary>The block that a jump to <paramref name="offset"/> lands on; -1 when it is no destination.</summary>
    public int BlockAt(ulong offset) => offset < (ulong)Code.Length ? DestinationMap[offset] - 1 : -1;

    private BasicBlock[] FindBlocks(List<int> weights)
    {
        var blocks = new List<BasicBlock>();
        bool reachable = true;
        int at = 0;
        while (at < Code.Length)
        {
            bool isDestination = Code[at] == (byte)Opcode.JumpDest;
            if (!reachable && !isDestination)
            {
                at += 1 + OpcodeFacts.ImmediateLength(Code[at]);
                continue;
            }

            if (isDestination) DestinationMap[at] = (ushort)(blocks.Count + 1);
            blocks.Add(ReadBlock(at, out reachable, out int weight));
            weights.Add(weight);
            at = blocks[^1].End;
        }

        // the implicit STOP behind the code, where a call that is the last instruction goes on
        blocks.Add(new BasicBlock(Code.Length, Code.Length, 0, 0, 0));
        weights.Add(1);
        return [.. blocks];
    }

    private BasicBlock ReadBlock(int start, out bool falls, out int weight)
    {
        long gas = 0;
        int height = 0, need = 0, growth = 0, at = start;
        falls = true;
        weight = 0;
        while (at < Code.Length)
        {
            byte op = Code[at];
            if (at != start && (op == (byte)Opcode.JumpDest || weight >= MaxBlockWeight)) break;
            OpcodeFacts facts = Facts[op];
            weight += WeightOf((Opcode)op);
            gas += facts.Gas;
            need = Math.Max(need, facts.In - height);
            height += facts.Out - facts.In;
            growth = Math.Max(growth, height);
            at += 1 + OpcodeFacts.ImmediateLength(op);
            if (!facts.EndsBlock) continue;
            falls = facts.Falls;
            break;
        }

        return new BasicBlock(start, at, gas, need, growth);
    }

    /// <summary>About how much IL an instruction becomes, 1 being little. The JIT gives up optimising methods that are too large.</summary>
    private static int WeightOf(Opcode op) => op switch
    {
        Opcode.Mul or Opcode.Shl or Opcode.Shr or Opcode.Sar => 4,
        Opcode.Div or Opcode.Mod or Opcode.SDiv or Opcode.SMod => 3,
        Opcode.SignExtend or Opcode.Byte or Opcode.CallDataLoad => 2,
        _ => 1,
    };

    private static int[] FindChunks(List<int> weights)
    {
        var starts = new List<int>();
        int weight = 0;
        for (int block = 0; block < weights.Count; block++)
        {
            if (block == 0 || weight + weights[block] > MaxChunkWeight || block - starts[^1] >= MaxChunkBlocks)
            {
                starts.Add(block);
                weight = 0;
            }

            weight += weights[block];
        }

        starts.Add(weights.Count);
        return [.. starts];
    }
}
