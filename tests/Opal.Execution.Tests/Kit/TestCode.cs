using Opal.Primitives;

namespace Opal.Execution.Tests;

/// <summary>Small contracts in bytecode, by address.</summary>
internal static class TestCode
{
    /// <summary>Stores the first word of its input in slot 0 and logs 32 bytes with the topic 0xaa.</summary>
    public static Address Store { get; } = Address.FromNumber(0x57013);

    public static byte[] StoreCode { get; } = Hex.Decode("0x60003560005560aa60206000a100");

    /// <summary>Answers slot 0 of itself.</summary>
    public static Address Load { get; } = Address.FromNumber(0x10ad);

    public static byte[] LoadCode { get; } = Hex.Decode("0x60005460005260206000f3");

    /// <summary>Reverts with Error("no").</summary>
    public static Address Revert { get; } = Address.FromNumber(0x12e7e);

    public static byte[] RevertCode { get; } = Hex.Decode(
        "0x7f08c379a00000000000000000000000000000000000000000000000000000000060005260206004526002602452616e6f60f01b60445260646000fd");

    /// <summary>Answers NUMBER.</summary>
    public static Address Number { get; } = Address.FromNumber(0x9999);

    public static byte[] NumberCode { get; } = Hex.Decode("0x4360005260206000f3");

    /// <summary>Calls <see cref="Load"/> and answers what it answers.</summary>
    public static Address Ask { get; } = Address.FromNumber(0xa5c);

    public static byte[] AskCode { get; } = Hex.Decode("0x602060006000600060006110ad5af160206000f3");
}
