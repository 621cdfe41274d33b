using Opal.Primitives;

namespace Opal.Evm;

/// <summary>EIP-7702: code of the form 0xef0100 ++ address makes an account run the code at that address.</summary>
public static class Delegation
{
    /// <summary>The length of a delegation designator.</summary>
    public const int Length = 23;

    /// <summary>Whether <paramref name="code"/> is a designator, and of whom.</summary>
    public static bool TryParse(ReadOnlySpan<byte> code, out Address target)
    {
        bool is7702 = code.Length == Length && code[0] == 0xef && code[1] == 0x01 && code[2] == 0x00;
        target = is7702 ? new Address(code[3..]) : default;
        return is7702;
    }

    /// <summary>The designator for <paramref name="target"/>.</summary>
    public static byte[] Create(in Address target)
    {
        var code = new byte[Length];
        code[0] = 0xef;
        code[1] = 0x01;
        target.CopyTo(code.AsSpan(3));
        return code;
    }
}
