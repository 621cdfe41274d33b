namespace Opal.Evm;

/// <summary>The opcodes from London to Osaka, by their names in the execution specifications.</summary>
public enum Opcode : byte
{
    Stop = 0x00, Add = 0x01, Mul = 0x02, Sub = 0x03, Div = 0x04, SDiv = 0x05, Mod = 0x06, SMod = 0x07, AddMod = 0x08, MulMod = 0x09,
    Exp = 0x0a, SignExtend = 0x0b,
    Lt = 0x10, Gt = 0x11, SLt = 0x12, SGt = 0x13, Eq = 0x14, IsZero = 0x15, And = 0x16, Or = 0x17, Xor = 0x18, Not = 0x19, Byte = 0x1a,
    Shl = 0x1b, Shr = 0x1c, Sar = 0x1d, Clz = 0x1e,
    Keccak256 = 0x20,
    Address = 0x30, Balance = 0x31, Origin = 0x32, Caller = 0x33, CallValue = 0x34, CallDataLoad = 0x35, CallDataSize = 0x36,
    CallDataCopy = 0x37, CodeSize = 0x38, CodeCopy = 0x39, GasPrice = 0x3a, ExtCodeSize = 0x3b, ExtCodeCopy = 0x3c,
    ReturnDataSize = 0x3d, ReturnDataCopy = 0x3e, ExtCodeHash = 0x3f,
    BlockHash = 0x40, Coinbase = 0x41, Timestamp = 0x42, Number = 0x43, PrevRandao = 0x44, GasLimit = 0x45, ChainId = 0x46,
    SelfBalance = 0x47, BaseFee = 0x48, BlobHash = 0x49, BlobBaseFee = 0x4a,
    Pop = 0x50, MLoad = 0x51, MStore = 0x52, MStore8 = 0x53, SLoad = 0x54, SStore = 0x55, Jump = 0x56, JumpI = 0x57, Pc = 0x58,
    MSize = 0x59, Gas = 0x5a, JumpDest = 0x5b, TLoad = 0x5c, TStore = 0x5d, MCopy = 0x5e,
    Push0 = 0x5f, Push1, Push2, Push3, Push4, Push5, Push6, Push7, Push8, Push9, Push10, Push11, Push12, Push13, Push14, Push15, Push16,
    Push17, Push18, Push19, Push20, Push21, Push22, Push23, Push24, Push25, Push26, Push27, Push28, Push29, Push30, Push31, Push32,
    Dup1 = 0x80, Dup2, Dup3, Dup4, Dup5, Dup6, Dup7, Dup8, Dup9, Dup10, Dup11, Dup12, Dup13, Dup14, Dup15, Dup16,
    Swap1 = 0x90, Swap2, Swap3, Swap4, Swap5, Swap6, Swap7, Swap8, Swap9, Swap10, Swap11, Swap12, Swap13, Swap14, Swap15, Swap16,
    Log0 = 0xa0, Log1, Log2, Log3, Log4,
    Create = 0xf0, Call = 0xf1, CallCode = 0xf2, Return = 0xf3, DelegateCall = 0xf4, Create2 = 0xf5, StaticCall = 0xfa, Revert = 0xfd,
    Invalid = 0xfe, SelfDestruct = 0xff,
}
