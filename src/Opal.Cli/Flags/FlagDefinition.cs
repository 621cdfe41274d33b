namespace Opal.Cli.Flags;

/// <summary>One flag, as data.</summary>
/// <param name="Name">The name without dashes: <c>http.port</c>.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Default">The value when nothing is given, in the form it would be given; empty where there is none.</param>
/// <param name="Level">How common it is.</param>
/// <param name="Group">The heading it is listed under.</param>
/// <param name="Help">What it does, in one line.</param>
internal sealed record FlagDefinition(string Name, FlagKind Kind, string Default, FlagLevel Level, string Group, string Help)
{
    /// <summary>Other names it is known by.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Its environment variables without the table's prefix, where they do not follow from the name.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    /// <summary>The values a <see cref="FlagKind.Choice"/> may have.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What giving it does.</summary>
    public FlagEffect Effect { get; init; }

    /// <summary>Why it is ignored or refused, and what to do instead.</summary>
    public string Note { get; init; } = "";

    /// <summary>Whether its value may never be shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether help leaves it out: it is taken so that another role's command line can be given as it is.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Its place in a TOML file, <c>Node.HTTPPort</c>; null puts it under <c>[Opal]</c> by its own name.</summary>
    public string? Toml { get; init; }

    /// <summary>Whether the flag needs no value.</summary>
    public bool MayBeBare => Kind is FlagKind.Bool or FlagKind.BoolOrAddress;

    /// <summary>All names, the main one first.</summary>
    public IEnumerable<string> Names => Aliases.Prepend(Name);
}
