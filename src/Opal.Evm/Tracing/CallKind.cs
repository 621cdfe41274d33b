namespace Opal.Evm;

/// <summary>How a frame was entered. The values are the opcodes'.</summary>
public enum CallKind : byte
{
    Create = 0xf0,
    Call = 0xf1,
    CallCode = 0xf2,
    DelegateCall = 0xf4,
    Create2 = 0xf5,
    StaticCall = 0xfa,
    SelfDestruct = 0xff,
}
