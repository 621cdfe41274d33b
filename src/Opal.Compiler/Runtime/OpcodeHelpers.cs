using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler;

/// <summary>
/// Opcodes that are calls in machine code, each under the opcode's name. <c>sp</c> points at the top word; operands and results
/// are in the operand stack. Base gas is charged with the block; those that charge more take the gas and return what is left,
/// negative when they fail.
/// </summary>
internal static unsafe class OpcodeHelpers
{
    public static void AddMod(EvmMachine vm, Frame* f, UInt256* sp) => UInt256.AddModulo(*sp, sp[-1], sp[-2], out sp[-2]);

    public static void MulMod(EvmMachine vm, Frame* f, UInt256* sp) => UInt256.MultiplyModulo(*sp, sp[-1], sp[-2], out sp[-2]);

    public static long Exp(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.Exponentiate(sp, gas);

    public static void SignExtend(EvmMachine vm, Frame* f, UInt256* sp) => WordOperations.SignExtend(sp, sp - 1, sp - 1);

    public static void Clz(EvmMachine vm, Frame* f, UInt256* sp) => *sp = new UInt256((ulong)(256 - sp->BitLength));

    public static long Keccak256(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.Keccak(vm, f, sp, gas);

    public static void Address(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = f->Self.ToUInt256();

    public static long Balance(EvmMachine vm, Frame* f, UInt256* sp, long gas) => StateOperations.Balance(vm, sp, gas);

    public static void Origin(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = vm.Environment.Origin;

    public static void Caller(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = f->Caller.ToUInt256();

    public static long CallDataCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.CallDataCopy(vm, f, sp, gas);

    public static long CodeCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.CodeCopy(vm, f, sp, gas);

    public static void GasPrice(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = vm.Environment.GasPrice;

    public static long ExtCodeSize(EvmMachine vm, Frame* f, UInt256* sp, long gas) => StateOperations.ExtCodeSize(vm, sp, gas);

    public static long ExtCodeCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.ExtCodeCopy(vm, f, sp, gas);

    public static long ReturnDataCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.ReturnDataCopy(vm, f, sp, gas);

    public static long ExtCodeHash(EvmMachine vm, Frame* f, UInt256* sp, long gas) => StateOperations.ExtCodeHash(vm, sp, gas);

    public static void BlockHash(EvmMachine vm, Frame* f, UInt256* sp) => *sp = vm.Environment.BlockHash(*sp);

    public static void Coinbase(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = vm.Environment.Coinbase;

    public static void Timestamp(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = new UInt256(vm.Environment.Timestamp);

    public static void Number(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = new UInt256(vm.Environment.Number);

    public static void PrevRandao(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = vm.Environment.PrevRandao;

    public static void GasLimit(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = new UInt256(vm.Environment.GasLimit);

    public static void ChainId(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = vm.Environment.ChainId;

    public static void SelfBalance(EvmMachine vm, Frame* f, UInt256* sp) => StateOperations.SelfBalance(vm, f, sp + 1);

    public static void BaseFee(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = vm.Environment.BaseFee;

    public static void BlobHash(EvmMachine vm, Frame* f, UInt256* sp) => *sp = vm.Environment.BlobHash(*sp);

    public static void BlobBaseFee(EvmMachine vm, Frame* f, UInt256* sp) => sp[1] = vm.Environment.BlobBaseFee;

    public static long SLoad(EvmMachine vm, Frame* f, UInt256* sp, long gas) => StateOperations.SLoad(vm, f, sp, gas);

    public static long SStore(EvmMachine vm, Frame* f, UInt256* sp, long gas) => StateOperations.SStore(vm, f, sp, gas);

    public static void TLoad(EvmMachine vm, Frame* f, UInt256* sp) => StateOperations.TLoad(vm, f, sp);

    public static long TStore(EvmMachine vm, Frame* f, UInt256* sp, long gas) => StateOperations.TStore(vm, f, sp, gas);

    public static long MCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.MemoryCopy(vm, f, sp, gas);

    public static long Log0(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.Log(vm, f, sp, gas, 0);

    public static long Log1(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.Log(vm, f, sp, gas, 1);

    public static long Log2(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.Log(vm, f, sp, gas, 2);

    public static long Log3(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.Log(vm, f, sp, gas, 3);

    public static long Log4(EvmMachine vm, Frame* f, UInt256* sp, long gas) => MemoryOperations.Log(vm, f, sp, gas, 4);
}
