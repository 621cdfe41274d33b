using Opal.Primitives;

namespace Opal.Protocol.Tests.Mixes;

/// <summary>The contracts of the mixes, in bytecode. Input is words: the first says where to (a slot, an address), the second what (a value).</summary>
internal static class MixContracts
{
    private const string CopyInput = "36 6000 6000 37";
    private const string RestLength = "6020 36 03";
    private const string CopyRest = RestLength + "6020 6000 37";

    /// <summary>keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)").</summary>
    private const string DepositTopic = "649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5";

    /// <summary>sstore(a, b).</summary>
    public static readonly Address Store = At(0);

    /// <summary>selfdestruct(a).</summary>
    public static readonly Address Destroyer = At(4);

    /// <summary>Calls a with the rest of the input and all its ether, and stores whether that went well.</summary>
    public static readonly Address Forwarder = At(7);

    /// <summary>The beacon deposit contract: logs a deposit.</summary>
    public static readonly Address BeaconDeposits = At(14);

    /// <summary>The contract that burns all gas.</summary>
    public const int Burner = 3;

    public const int Count = 15;

    public static Address At(int index) => Address.FromNumber(0xc0de00 + (ulong)index);

    public static GenesisAccount[] Accounts()
    {
        string[] codes =
        [
            "6020 35 6000 35 55 00",                                                                       // 0: sstore(a, b)
            "6020 35 6000 35 55 6000 6000 fd",                                                             // 1: sstore(a, b), revert
            CopyInput + "6020 35 6000 35 36 6000 a2 00",                                                   // 2: log2(input; a, b)
            "5b 6000 56",                                                                                  // 3: burns all gas
            "6000 35 ff",                                                                                  // 4: selfdestruct(a)
            CopyInput + "36 6000 34 f0 50 00",                                                             // 5: create(value, input)
            CopyInput + "6000 36 6000 34 f5 50 00",                                                        // 6: create2(value, input, 0)
            CopyRest + "6000 6000" + RestLength + "6000 34 6000 35 5a f1 6077 55 00",                      // 7: call(a, value, rest)
            CopyRest + "6000 6000" + RestLength + "6000 6000 35 5a f4 6001 55 00",                         // 8: delegatecall(a, rest)
            "fe",                                                                                          // 9: fails
            "6020 35 6000 35 5d 6000 35 5c 6001 55 00",                                                    // 10: tstore(a, b), sstore(1, tload(a))
            "3a 6001 55 48 6002 55 41 6003 55 44 6004 55 47 6005 55 6001 43 03 40 6006 55 00",             // 11: notes what it sees
            "6000 6000 35 55 00",                                                                          // 12: sstore(a, 0)
            "6020 35 6000 35 55 6020 6000 f3",                                                             // 13: sstore(a, b), returns
            "610240 6030 6000 39 7f" + DepositTopic + "610240 6000 a1 00" + DepositLog(),                  // 14: logs a deposit
        ];
        var accounts = new List<GenesisAccount>();
        for (int i = 0; i < codes.Length; i++)
        {
            (UInt256, UInt256)[] storage = i is 0 or 12 or 13 ? [(1, 5), (2, 6), (3, 7)] : [];
            accounts.Add(new GenesisAccount(At(i), i % 3 == 0 ? 1000ul : 0, 1, Code(codes[i]), storage));
        }

        return accounts.ToArray();
    }

    private static string DepositLog()
    {
        var data = new byte[576];
        (int Offset, int Size)[] fields = [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)];
        for (int i = 0; i < fields.Length; i++)
        {
            new UInt256((ulong)fields[i].Offset).WriteBigEndian(data.AsSpan(i * 32, 32));
            new UInt256((ulong)fields[i].Size).WriteBigEndian(data.AsSpan(fields[i].Offset, 32));
            data.AsSpan(fields[i].Offset + 32, fields[i].Size).Fill((byte)(i + 1));
        }

        return Hex.Encode(data)[2..];
    }

    private static byte[] Code(string hex) => Hex.Decode(hex.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>Stand-ins for L1's system contracts, which write and answer something.</summary>
    public static GenesisAccount[] SystemAccounts() =>
    [
        new(SystemContracts.BeaconRoots, UInt256.Zero, 1, Code("6000 35 42 55 00"), []),
        new(SystemContracts.BlockHashes, UInt256.Zero, 1, Code("6000 35 43 55 00"), []),
        new(SystemContracts.WithdrawalRequests, UInt256.Zero, 1, Code("43 6001 55 43 6000 53 6003 43 06 6000 f3"), []),
        new(SystemContracts.ConsolidationRequests, UInt256.Zero, 1, Code("6002 43 06 6000 f3"), []),
    ];
}
