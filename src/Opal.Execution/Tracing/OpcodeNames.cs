using Opal.Evm;

namespace Opal.Execution;

/// <summary>Opcodes by the names traces show.</summary>
internal static class OpcodeNames
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 256).Select(static code => NameOf((Opcode)code))];

    public static string Of(byte code) => Names[code];

    private static string NameOf(Opcode code) => code switch
    {
        Opcode.PrevRandao => "DIFFICULTY", // what tools expect, though the fork renamed it
        _ when Enum.IsDefined(code) => code.ToString().ToUpperInvariant(),
        _ => $"opcode 0x{(int)code:x} not defined",
    };
}
