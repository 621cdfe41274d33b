using System.Buffers.Binary;
using System.Text;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Makes the error of a reverted call: code 3, the reason in words where Solidity gave one, the revert data as data.</summary>
public static class RevertReason
{
    private const uint ErrorSelector = 0x08c379a0, PanicSelector = 0x4e487b71;

    /// <summary>The JSON-RPC error.</summary>
    public static RpcError ToError(ReadOnlySpan<byte> data) =>
        new(RpcErrorCode.ExecutionReverted, Decode(data) is { } reason ? $"execution reverted: {reason}" : "execution reverted", Hex.Encode(data));

    /// <summary>The text of <c>Error(string)</c> or the meaning of <c>Panic(uint256)</c>; null for anything else.</summary>
    public static string? Decode(ReadOnlySpan<byte> data)
    {
        if (data.Length < 4) return null;
        uint selector = BinaryPrimitives.ReadUInt32BigEndian(data);
        ReadOnlySpan<byte> body = data[4..];
        if (selector == PanicSelector && body.Length >= 32) return DescribePanic(UInt256.FromBigEndian(body[..32]));
        return selector == ErrorSelector ? DecodeString(body) : null;
    }

    private static string? DecodeString(ReadOnlySpan<byte> body)
    {
        if (body.Length < 64) return null;
        UInt256 offset = UInt256.FromBigEndian(body[..32]);
        if (offset > new UInt256((ulong)body.Length - 32)) return null;
        ReadOnlySpan<byte> text = body[(int)offset.U0..];
        UInt256 length = UInt256.FromBigEndian(text[..32]);
        return length > new UInt256((ulong)text.Length - 32) ? null : Encoding.UTF8.GetString(text.Slice(32, (int)length.U0));
    }

    private static string DescribePanic(in UInt256 code) => code.ToUInt64Saturated() switch
    {
        0x00 => "generic panic",
        0x01 => "assert(false)",
        0x11 => "arithmetic underflow or overflow",
        0x12 => "division or modulo by zero",
        0x21 => "enum overflow",
        0x22 => "invalid encoded storage byte array accessed",
        0x31 => "out-of-bounds array access; popping on an empty array",
        0x32 => "out-of-bounds access of an array or bytesN",
        0x41 => "out of memory",
        0x51 => "uninitialized function",
        _ => $"unknown panic code: {code.ToQuantity()}",
    };
}
