namespace Opal.Cli.Flags;

/// <summary>What a flag's value is.</summary>
internal enum FlagKind : byte
{
    /// <summary>True or false; the bare flag means true.</summary>
    Bool,
    /// <summary>As <see cref="Bool"/>, or <c>HOST:PORT</c>, which means true and says where.</summary>
    BoolOrAddress,
    /// <summary>Any text.</summary>
    Text,
    /// <summary>One of <see cref="FlagDefinition.Choices"/>.</summary>
    Choice,
    /// <summary>A path of the file system.</summary>
    FilePath,
    /// <summary>An http, https, ws or wss URL.</summary>
    Url,
    /// <summary>A whole number below 2^64, decimal or 0x.</summary>
    Number,
    /// <summary>A whole number of wei below 2^256, decimal or 0x.</summary>
    Wei,
    /// <summary>A decimal number of ether, at most 18 places.</summary>
    Ether,
    /// <summary>A decimal number of gwei, at most 9 places.</summary>
    Gwei,
    /// <summary>A decimal number, zero or more.</summary>
    Decimal,
    /// <summary>An address, 0x and 40 hex digits.</summary>
    HexAddress,
    /// <summary>A duration: 300ms, 12s, 1h30m.</summary>
    Duration,
    /// <summary>Texts, comma-separated or repeated.</summary>
    List,
}
