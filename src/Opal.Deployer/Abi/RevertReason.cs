using Opal.Primitives;

namespace Opal.Deployer.Abi;

/// <summary>Says in words why a call reverted.</summary>
public static class RevertReason
{
    private static readonly AbiFunction Error = new("Error(string)");
    private static readonly AbiFunction Panic = new("Panic(uint256)");

    /// <summary>Describes revert data: Solidity's <c>Error(string)</c> and <c>Panic(uint256)</c>, an error of a known contract, or the raw bytes.</summary>
    /// <param name="data">What the call returned.</param>
    /// <param name="known">Custom errors that may occur.</param>
    public static string Describe(ReadOnlySpan<byte> data, IEnumerable<AbiFunction>? known = null)
    {
        if (data.IsEmpty) return "reverted without a reason";
        if (data.StartsWith(Error.Selector.Span) && AbiCodec.TryDecode(Error.Inputs, data[4..], out AbiValue[] text)) return text[0].AsString();
        if (data.StartsWith(Panic.Selector.Span) && AbiCodec.TryDecode(Panic.Inputs, data[4..], out AbiValue[] code))
        {
            return $"panic {code[0].AsUInt256().ToQuantity()}{Meaning(code[0].AsUInt256())}";
        }

        if (known is not null && data.Length >= 4)
        {
            foreach (AbiFunction error in known)
            {
                if (data.StartsWith(error.Selector.Span)) return error.Signature;
            }
        }

        return Hex.Encode(data.Length > 256 ? data[..256] : data);
    }

    private static string Meaning(in UInt256 code) => code.ToUInt64Saturated() switch
    {
        0x01 => " (assertion failed)",
        0x11 => " (arithmetic overflow)",
        0x12 => " (division by zero)",
        0x21 => " (value outside an enum)",
        0x32 => " (array index out of bounds)",
        0x41 => " (out of memory)",
        _ => "",
    };
}
