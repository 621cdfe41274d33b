using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Flags;

/// <summary>The flags of a run: every flag of a table with its value and where it came from.</summary>
internal sealed class FlagValues
{
    private readonly Dictionary<string, (string Text, FlagSource Source, string Named)> _given = new(StringComparer.Ordinal);

    public FlagValues(FlagTable table) => Table = table;

    public FlagTable Table { get; }

    /// <summary>What is not a flag: the command and its arguments.</summary>
    public IReadOnlyList<string> Words { get; internal set; } = [];

    /// <summary>What the user should know about the flags given, a line each.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Refuses words, where there is no command to take them. A word beside a secret is not shown: it may be the rest of it, as the words of a mnemonic without quotes are.</summary>
    /// <exception cref="FlagException">There is one.</exception>
    public void RequireNoWords()
    {
        if (Words is not [{ } word, ..]) return;
        if (word is "true" or "false") throw new FlagException($"unexpected word '{word}': a boolean takes its value as --flag={word}");
        throw new FlagException(Table.All.FirstOrDefault(flag => flag.IsSecret && SourceOf(flag.Name) == FlagSource.CommandLine) is { } secret
            ? $"unexpected word, not shown as --{secret.Name} is on the command line, too; a value of several words needs quotes, and there is no space around ="
            : $"unexpected word '{word}'");
    }

    /// <summary>Sets a value unless a stronger source set it; within one source lists grow and other kinds are replaced.</summary>
    /// <param name="flag">The flag.</param>
    /// <param name="text">The value.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="named">What to call it in an error: <c>--http.port</c>, or <c>GETH_HTTP_PORT</c>.</param>
    /// <exception cref="FlagException">The value is not of the flag's kind, or another of its names has said something else.</exception>
    public void Set(FlagDefinition flag, string text, FlagSource source, string named)
    {
        if (FlagText.Fault(flag, text) is { } fault) throw new FlagException($"{named}: '{FlagText.Masked(flag, text)}' {fault}");
        if (flag.Kind == FlagKind.Choice) text = flag.Choices.First(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase)); // programs compare it as it is listed
        if (_given.TryGetValue(flag.Name, out (string Text, FlagSource Source, string Named) before))
        {
            if (before.Source > source) return;
            if (before.Source == source && flag.Kind == FlagKind.List) text = before.Text + "," + text;
            else if (before.Source == source && before.Named.TrimStart('-') != named.TrimStart('-') && before.Text != text) throw new FlagException($"{before.Named} and {named} are one flag and say different things; leave one out");
        }

        _given[flag.Name] = (text, source, named);
    }

    /// <summary>Where the value came from.</summary>
    public FlagSource SourceOf(string name) => _given.TryGetValue(Table[name].Name, out (string Text, FlagSource Source, string Named) found) ? found.Source : FlagSource.Default;

    /// <summary>The flag as its user wrote it, for errors: <c>--http.port</c> or <c>GETH_HTTP_PORT</c>; its name where nobody gave it.</summary>
    public string NamedAs(string name) => _given.TryGetValue(Table[name].Name, out (string Text, FlagSource Source, string Named) found) ? found.Named : $"--{Table[name].Name}";

    /// <summary>Whether somebody gave the flag.</summary>
    public bool IsGiven(string name) => SourceOf(name) != FlagSource.Default;

    /// <summary>The value as text; empty where there is none.</summary>
    public string Text(string name) => _given.TryGetValue(Table[name].Name, out (string Text, FlagSource Source, string Named) found) ? found.Text : Table[name].Default;

    /// <summary>The value as text, or null where there is none.</summary>
    public string? TextOrNull(string name) => Text(name) is { Length: > 0 } text ? text : null;

    public bool Bool(string name) => FlagText.TryBool(Text(name), out bool value) ? value : Text(name).Length > 0; // an address means true

    public ulong Number(string name) => FlagText.TryNumber(Text(name), out ulong value) ? value : 0;

    public ulong? NumberOrNull(string name) => FlagText.TryNumber(Text(name), out ulong value) ? value : null;

    public UInt256 Wei(string name) => FlagText.TryWei(Text(name), out UInt256 value) ? value : UInt256.Zero;

    public UInt256 Ether(string name) => FlagText.TryEther(Text(name), out UInt256 value) ? value : UInt256.Zero;

    /// <summary>An amount given in gwei, as wei.</summary>
    public UInt256 Gwei(string name) => FlagText.TryGwei(Text(name), out UInt256 value) ? value : UInt256.Zero;

    public double Decimal(string name) => FlagText.TryDecimal(Text(name), out double value) ? value : 0;

    public Address? AddressOrNull(string name) => Address.TryParse(Text(name), out Address value) ? value : null;

    public TimeSpan Duration(string name) => DurationText.TryParse(Text(name), out TimeSpan value) ? value : TimeSpan.Zero;

    public Uri? Url(string name) => FlagText.TryUrl(Text(name), out Uri? url) ? url : null;

    public IReadOnlyList<string> List(string name) => FlagText.Split(Text(name));

    /// <summary>A number with an upper bound, as an int.</summary>
    /// <exception cref="FlagException">It is larger.</exception>
    public int Int(string name, int most = int.MaxValue)
    {
        ulong value = Number(name);
        return value <= (ulong)most ? (int)value : throw new FlagException($"--{name}: {value} is more than {most}");
    }

    /// <summary>A TCP or UDP port.</summary>
    /// <exception cref="FlagException">It is above 65535.</exception>
    public int Port(string name) => Int(name, 65535);

    /// <summary>The effective values of a group that act, secrets masked: <c>http=true http.port=8545</c>.</summary>
    public string Describe(string group) => string.Join(' ', Table.All
        .Where(flag => flag.Group == group && flag.Effect == FlagEffect.Works && Text(flag.Name).Length > 0)
        .Select(flag => $"{flag.Name}={FlagText.Masked(flag, Text(flag.Name))}"));
}
