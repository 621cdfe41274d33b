using System.Reflection;
using System.Reflection.Emit;
using Opal.Evm;

namespace Opal.Compiler;

/// <content>Jumps, calls, and the ends of frames.</content>
internal sealed partial class ChunkEmitter
{
    private void EmitJump()
    {
        Word target = InLocals(Pop());
        EndSymbols();
        JumpTo(target);
    }

    /// <summary>Jumps to a target in constants and locals.</summary>
    private void JumpTo(in Word target)
    {
        if (target.IsConstant)
        {
            int block = TargetOf(target);
            if (block < 0) _il.Emit(OpCodes.Br, _fail);
            else GoTo(block);
            return;
        }

        Limb upper = OrUpper(target);
        if (!upper.IsZero)
        {
            Load(upper);
            _il.Emit(OpCodes.Brtrue, _fail);
        }

        Load(target.L0);
        _il.Emit(OpCodes.Ldc_I8, (long)_layout.Code.Length);
        _il.Emit(OpCodes.Bge_Un, _fail);
        _il.Emit(OpCodes.Ldarg, CodeArgument);
        _il.Emit(OpCodes.Ldfld, Members.CodeMap);
        Load(target.L0);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Shl);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldind_U2);
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Sub);
        Store(_next);
        Load(_next);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Blt, _fail);
        _il.Emit(OpCodes.Br, _dispatch);
    }

    private int TargetOf(in Word target) => target.IsSmall ? _layout.BlockAt(target.L0.Value) : -1;

    private void EmitJumpIf(int block)
    {
        Word target = InLocals(Pop());
        Word condition = Pop();
        Limb truth = OrAll(condition);
        if (truth.Kind == LimbKind.Stack) truth = InLocal(truth);
        if (truth.IsConstant)
        {
            EndSymbols();
            if (truth.IsZero) FallThrough(block);
            else JumpTo(target);
            return;
        }

        EndSymbols();
        if (target.IsConstant)
        {
            int to = TargetOf(target);
            Label label = to < 0 ? _fail : to >= _first && to < _end ? _labels[to - _first] : OutOfLine(() => GoTo(to));
            BranchIf(truth, nonZero: true, label);
        }
        else
        {
            Label not = _il.DefineLabel();
            BranchIf(truth, nonZero: false, not);
            JumpTo(target);
            _il.MarkLabel(not);
        }

        FallThrough(block);
    }

    private void EmitStop()
    {
        // what is on the stack does not matter any more
        _il.Emit(OpCodes.Br, _stop);
    }

    private void EmitEndWithOutput(Halt halt)
    {
        WriteBackTop(2);
        _il.Emit(OpCodes.Ldarg, MachineArgument);
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        _il.Emit(OpCodes.Ldc_I4, (int)halt);
        LoadAddress(_top, 0);
        Load(_gas);
        _il.Emit(OpCodes.Call, Members.EndWithOutput);
        _il.Emit(OpCodes.Ret);
    }

    private void EmitSelfDestruct()
    {
        WriteBackTop(1);
        _il.Emit(OpCodes.Ldarg, MachineArgument);
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        LoadAddress(_top, 0);
        Load(_gas);
        _il.Emit(OpCodes.Call, Members.EndDestructed);
        _il.Emit(OpCodes.Ret);
    }

    /// <summary>A call or creation: the machine sets sp and gas in the frame; it goes on at the next block.</summary>
    private void EmitEnter(int block, MethodInfo enter, CallKind kind)
    {
        WriteBackAll();
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        _il.Emit(OpCodes.Ldc_I4, block + 1);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Stfld, Members.FramePc);
        _il.Emit(OpCodes.Ldarg, MachineArgument);
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        _il.Emit(OpCodes.Ldc_I4, (int)kind);
        LoadAddress(_top, 0);
        Load(_gas);
        _il.Emit(OpCodes.Call, enter);
        _il.Emit(OpCodes.Ret);
    }

    /// <summary>Writes the top n words back.</summary>
    private void WriteBackTop(int n)
    {
        Reach(_top - n + 1);
        for (int position = _top; position > _top - n; position--) WriteBack(position);
    }

    /// <summary>Calls an instruction's helper: operands in memory, results in memory, gas through the helper when it charges any.</summary>
    private void CallHelper(MethodInfo helper, int inputs, int outputs)
    {
        WriteBackTop(inputs);
        int top = _top;
        _top -= inputs;
        for (int i = 0; i < outputs; i++)
        {
            Push(default);
            TakeFromMemory(_top);
        }

        bool charges = helper.ReturnType != typeof(void);
        _il.Emit(OpCodes.Ldarg, MachineArgument);
        _il.Emit(OpCodes.Ldarg, FrameArgument);
        LoadAddress(top, 0);
        if (charges) Load(_gas);
        _il.Emit(OpCodes.Call, helper);
        if (!charges) return;
        Store(_gas);
        FailIfOutOfGas();
    }
}
