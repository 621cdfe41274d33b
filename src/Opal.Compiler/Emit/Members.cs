using System.Buffers.Binary;
using System.Reflection;
using System.Runtime.Intrinsics.X86;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler;

/// <summary>The fields and methods that machine code names.</summary>
internal static class Members
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    public static readonly FieldInfo FrameSp = Field(typeof(Frame), nameof(Frame.Sp));
    public static readonly FieldInfo FrameGas = Field(typeof(Frame), nameof(Frame.Gas));
    public static readonly FieldInfo FrameStack = Field(typeof(Frame), nameof(Frame.Stack));
    public static readonly FieldInfo FramePc = Field(typeof(Frame), nameof(Frame.Pc));
    public static readonly FieldInfo FrameMemory = Field(typeof(Frame), nameof(Frame.Memory));
    public static readonly FieldInfo FrameMemorySize = Field(typeof(Frame), nameof(Frame.MemorySize));
    public static readonly FieldInfo FrameInput = Field(typeof(Frame), nameof(Frame.Input));
    public static readonly FieldInfo FrameInputLength = Field(typeof(Frame), nameof(Frame.InputLength));
    public static readonly FieldInfo FrameReturnLength = Field(typeof(Frame), nameof(Frame.ReturnLength));
    public static readonly FieldInfo FrameValue = Field(typeof(Frame), nameof(Frame.Value));
    public static readonly FieldInfo CodeMap = Field(typeof(CompiledCode), nameof(CompiledCode.Map));

    public static readonly FieldInfo[] WordLimbs =
    [
        Field(typeof(UInt256), nameof(UInt256.U0)), Field(typeof(UInt256), nameof(UInt256.U1)),
        Field(typeof(UInt256), nameof(UInt256.U2)), Field(typeof(UInt256), nameof(UInt256.U3)),
    ];

    public static readonly MethodInfo EnterCall = Method(typeof(EvmMachine), nameof(EvmMachine.EnterCall));
    public static readonly MethodInfo EnterCreation = Method(typeof(EvmMachine), nameof(EvmMachine.EnterCreation));
    public static readonly MethodInfo EndStopped = Method(typeof(EvmMachine), nameof(EvmMachine.EndStopped));
    public static readonly MethodInfo EndWithOutput = Method(typeof(EvmMachine), nameof(EvmMachine.EndWithOutput));
    public static readonly MethodInfo EndDestructed = Method(typeof(EvmMachine), nameof(EvmMachine.EndDestructed));
    public static readonly MethodInfo EndFailed = Method(typeof(EvmMachine), nameof(EvmMachine.EndFailed));
    public static readonly MethodInfo Expand = Method(typeof(Helpers), nameof(Helpers.Expand));
    public static readonly MethodInfo ScratchDivide = Method(typeof(Helpers), nameof(Helpers.ScratchDivide));
    public static readonly MethodInfo ScratchModulo = Method(typeof(Helpers), nameof(Helpers.ScratchModulo));
    public static readonly MethodInfo ScratchSignedDivide = Method(typeof(Helpers), nameof(Helpers.ScratchSignedDivide));
    public static readonly MethodInfo ScratchSignedModulo = Method(typeof(Helpers), nameof(Helpers.ScratchSignedModulo));
    public static readonly MethodInfo CallDataLoadPartly = Method(typeof(MemoryOperations), nameof(MemoryOperations.CallDataLoadPartly));
    public static readonly MethodInfo MultiplyHigh = Method(typeof(Helpers), nameof(Helpers.MultiplyHigh));
    public static readonly MethodInfo MultiplyHighBmi2 = Method(typeof(Bmi2.X64), nameof(Bmi2.X64.MultiplyNoFlags), typeof(ulong), typeof(ulong));
    public static readonly MethodInfo ReverseEndianness = Method(typeof(BinaryPrimitives), nameof(BinaryPrimitives.ReverseEndianness), typeof(ulong));

    private static readonly MethodInfo?[] OpcodeHelpers = FindOpcodeHelpers();

    /// <summary>The method that carries out an opcode: (machine, frame, pointer to the top word[, gas]) → nothing [or gas left].</summary>
    public static MethodInfo Helper(Opcode op) =>
        OpcodeHelpers[(byte)op] ?? throw new InvalidOperationException($"no helper carries out {op}");

    private static MethodInfo?[] FindOpcodeHelpers()
    {
        var helpers = new MethodInfo?[256];
        foreach (MethodInfo method in typeof(OpcodeHelpers).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
        {
            helpers[(byte)Enum.Parse<Opcode>(method.Name)] = method;
        }

        return helpers;
    }

    private static FieldInfo Field(Type type, string name) => type.GetField(name, Any) ?? throw new MissingFieldException(type.Name, name);

    private static MethodInfo Method(Type type, string name, params Type[] parameters) =>
        (parameters.Length == 0 ? type.GetMethod(name, Any) : type.GetMethod(name, Any, parameters)) ?? throw new MissingMethodException(type.Name, name);
}
