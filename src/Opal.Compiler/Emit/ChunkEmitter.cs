using System.Reflection;
using System.Reflection.Emit;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler;

/// <summary>Makes one method of a chunk of basic blocks.</summary>
/// <remarks>
/// Between blocks the operand stack lives in memory at <c>sp</c>, as in the other engines, so every block is a place to enter and
/// to leave. Inside a block it is symbolic (see the content on the stack): DUP, SWAP, POP and PUSH emit nothing, constants fold
/// limb by limb, and only what changed is written back at the end. The method's state is in the locals sp, gas and the frame. A
/// call returns the callee's frame to the trampoline: no native recursion. Failures branch to one exit.
/// </remarks>
internal sealed partial class ChunkEmitter
{
    /// <summary>Arguments of a <see cref="ChunkBody"/>.</summary>
    private const int CodeArgument = 0, MachineArgument = 1, FrameArgument = 2;

    /// <summary>Locals in use after which a block forgets what it knows; far below what the JIT tracks.</summary>
    private const int ManyLocals = 400;

    private readonly CodeLayout _layout;
    private readonly int _first, _end;
    private readonly DynamicMethod _method;
    private readonly ILGenerator _il;
    private readonly LocalBuilder _sp, _gas, _stackBase, _next, _scratch;
    private readonly Label _fail, _stop, _leave, _dispatch;
    private readonly Label[] _labels;
    private readonly List<(Label Label, Action Emit)> _outOfLine = [];

    private ChunkEmitter(CodeLayout layout, int chunk)
    {
        _layout = layout;
        _first = layout.ChunkStarts[chunk];
        _end = layout.ChunkStarts[chunk + 1];
        _method = new DynamicMethod("evm", typeof(Frame).MakePointerType(), [typeof(CompiledCode), typeof(EvmMachine), typeof(Frame).MakePointerType()],
            typeof(ChunkEmitter).Module, skipVisibility: true) { InitLocals = false };
        _il = _method.GetILGenerator(1 << 14);
        _sp = _il.DeclareLocal(typeof(UInt256).MakePointerType());
        _gas = _il.DeclareLocal(typeof(long));
        _stackBase = _il.DeclareLocal(typeof(UInt256).MakePointerType());
        _next = _il.DeclareLocal(typeof(int));
        _scratch = _il.DeclareLocal(typeof(Scratch));
        _fail = _il.DefineLabel();
        _stop = _il.DefineLabel();
        _leave = _il.DefineLabel();
        _dispatch = _il.DefineLabel();
        _labels = new Label[_end - _first];
        for (int i = 0; i < _labels.Length; i++) _labels[i] = _il.DefineLabel();
    }

    /// <summary>Emits a chunk.</summary>
    /// <param name="layout">The code.</param>
    /// <param name="chunk">The chunk's number.</param>
    /// <param name="ilBytes">The size of the method's IL.</param>
    /// <param name="localReferences">How often it names a local; the JIT stops optimising beyond 8,000.</param>
    public static ChunkBody Emit(CodeLayout layout, int chunk, out int ilBytes, out int localReferences)
    {
        var emitter = new ChunkEmitter(layout, chunk);
        emitter.EmitMethod();
        ilBytes = emitter._il.ILOffset;
        localReferences = emitter._localReferences;
        return emitter._method.CreateDelegate<ChunkBody>();
    }

    private void EmitMethod()
    {
        LoadField(Members.FrameSp);
        Store(_sp);
        LoadField(Members.FrameGas);
        Store(_gas);
        LoadField(Members.FrameStack);
        Store(_stackBase);
        LoadField(Members.FramePc);
        _il.Emit(OpCodes.Conv_I4);
        EmitSwitch();
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Conv_U);
        _il.Emit(OpCodes.Ret);

        for (int block = _first; block < _end; block++) EmitBlock(block);
        for (int i = 0; i < _outOfLine.Count; i++)
        {
            _il.MarkLabel(_outOfLine[i].Label);
            _outOfLine[i].Emit();
        }

        // a jump whose target was computed: its block is in _next
        _il.MarkLabel(_dispatch);
        Load(_next);
        EmitSwitch();
        _il.MarkLabel(_leave);
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        Load(_next);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Stfld, Members.FramePc);
        SaveStackAndGas();
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        _il.Emit(OpCodes.Ret);

        _il.MarkLabel(_stop);
        _il.Emit(OpCodes.Ldarg, MachineArgument);
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        Load(_gas);
        _il.Emit(OpCodes.Call, Members.EndStopped);
        _il.Emit(OpCodes.Ret);

        _il.MarkLabel(_fail);
        _il.Emit(OpCodes.Ldarg, MachineArgument);
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        _il.Emit(OpCodes.Call, Members.EndFailed);
        _il.Emit(OpCodes.Ret);
    }

    /// <summary>Goes to the block whose number is on the IL stack, if it is in this chunk.</summary>
    private void EmitSwitch()
    {
        if (_first != 0)
        {
            _il.Emit(OpCodes.Ldc_I4, _first);
            _il.Emit(OpCodes.Sub);
        }

        _il.Emit(OpCodes.Switch, _labels);
    }

    private void EmitBlock(int number)
    {
        BasicBlock block = _layout.Blocks[number];
        _il.MarkLabel(_labels[number - _first]);
        BeginSymbols();
        if (!EmitChecks(block)) return;
        for (int at = block.Start; at < block.End;)
        {
            if (_usedLocals > ManyLocals) ForgetSymbols();
            byte op = _layout.Code[at];
            if (!EmitInstruction(number, at, (Opcode)op)) return;
            at += 1 + OpcodeFacts.ImmediateLength(op);
        }

        EndSymbols();
        FallThrough(number);
    }

    /// <summary>Gas and stack bounds of the whole block.</summary>
    /// <returns>False when it can only fail.</returns>
    private bool EmitChecks(in BasicBlock block)
    {
        if (block.Gas != 0)
        {
            Load(_gas);
            _il.Emit(OpCodes.Ldc_I8, block.Gas);
            _il.Emit(OpCodes.Sub);
            Store(_gas);
            FailIfOutOfGas();
        }

        if (block.Need == 0 && block.Growth == 0) return true;
        int range = StackItems - block.Need - block.Growth;
        if (range < 0)
        {
            _il.Emit(OpCodes.Br, _fail);
            return false;
        }

        // (height - need) * 32 > range * 32, unsigned, catches too few and too many at once
        Load(_sp);
        Load(_stackBase);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Ldc_I4, WordBytes * (1 - block.Need));
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldc_I4, WordBytes * range);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Bgt_Un, _fail);
        return true;
    }

    private void FailIfOutOfGas()
    {
        Load(_gas);
        _il.Emit(OpCodes.Ldc_I8, 0L);
        _il.Emit(OpCodes.Blt, _fail);
    }

    private void FallThrough(int block)
    {
        if (_layout.Blocks[block].End >= _layout.Code.Length) _il.Emit(OpCodes.Br, _stop);
        else if (block + 1 == _end) GoTo(block + 1);
    }

    /// <summary>Goes to a block, wherever it is.</summary>
    private void GoTo(int block)
    {
        if (block >= _first && block < _end)
        {
            _il.Emit(OpCodes.Br, _labels[block - _first]);
            return;
        }

        _il.Emit(OpCodes.Ldc_I4, block);
        Store(_next);
        _il.Emit(OpCodes.Br, _leave);
    }

    /// <summary>A place at the end of the method for what happens rarely.</summary>
    private Label OutOfLine(Action emit)
    {
        Label label = _il.DefineLabel();
        _outOfLine.Add((label, emit));
        return label;
    }

    private void LoadField(FieldInfo field)
    {
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        _il.Emit(OpCodes.Ldfld, field);
    }

    private void SaveStackAndGas()
    {
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        Load(_sp);
        _il.Emit(OpCodes.Stfld, Members.FrameSp);
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        Load(_gas);
        _il.Emit(OpCodes.Stfld, Members.FrameGas);
    }
}
