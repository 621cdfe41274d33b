using System.Buffers.Binary;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>A contract that passes its own call data on to another one, N times, so that one request holds enough work to be timed.</summary>
internal static class LoopDriver
{
    private const byte LoopStart = 9;

    /// <summary>Where the driver lives.</summary>
    public static Address At { get; } = Address.Parse("0xbe9c400000000000000000000000000000d21e01");

    /// <summary>Where the driver lives that loops in the same way and calls nothing.</summary>
    public static Address IdleAt { get; } = Address.Parse("0xbe9c400000000000000000000000000000d21e02");

    /// <summary>Calls <paramref name="target"/> so many times and returns what the last call returned. Fails when a call fails.</summary>
    public static byte[] Calling(in Address target, int times) =>
    [
        .. Begin(target, times),
        (byte)Opcode.Call,
        .. Again(),
        (byte)Opcode.ReturnDataSize, (byte)Opcode.Push0, (byte)Opcode.Push0, (byte)Opcode.ReturnDataCopy,
        (byte)Opcode.ReturnDataSize, (byte)Opcode.Push0, (byte)Opcode.Return,
    ];

    /// <summary>The same without the calls: drops their arguments and returns so many bytes, the call data's and then zeros.</summary>
    public static byte[] Idle(in Address target, int times, int outputLength) =>
    [
        .. Begin(target, times),
        .. Enumerable.Repeat((byte)Opcode.Pop, 7), (byte)Opcode.Push1, 1,
        .. Again(),
        .. Returning(outputLength),
    ];

    /// <summary>Returns so many zero bytes at once.</summary>
    public static byte[] Returning(int outputLength) => [(byte)Opcode.Push4, .. BigEndian(outputLength), (byte)Opcode.Push0, (byte)Opcode.Return];

    /// <summary>Copies the call data to memory and pushes the counter; then, in the loop, the arguments of the call.</summary>
    private static byte[] Begin(in Address target, int times) =>
    [
        (byte)Opcode.CallDataSize, (byte)Opcode.Push0, (byte)Opcode.Push0, (byte)Opcode.CallDataCopy, (byte)Opcode.Push4, .. BigEndian(times),
        (byte)Opcode.JumpDest, // at LoopStart
        (byte)Opcode.Push0, (byte)Opcode.Push0, (byte)Opcode.CallDataSize, (byte)Opcode.Push0, (byte)Opcode.Push0, (byte)Opcode.Push20, .. target.ToArray(), (byte)Opcode.Gas,
    ];

    /// <summary>Jumps to where no jump may go when the call failed; else counts down and begins again until nothing is left.</summary>
    private static byte[] Again() =>
    [
        (byte)Opcode.IsZero, (byte)Opcode.Push0, (byte)Opcode.JumpI,
        (byte)Opcode.Push1, 1, (byte)Opcode.Swap1, (byte)Opcode.Sub, (byte)Opcode.Dup1, (byte)Opcode.Push1, LoopStart, (byte)Opcode.JumpI,
    ];

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
