namespace Opal.Cli.Flags;

/// <summary>The flags of one role, with the prefix of its environment variables.</summary>
internal sealed class FlagTable
{
    private readonly Dictionary<string, FlagDefinition> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FlagDefinition> _byVariable = new(StringComparer.Ordinal);

    /// <param name="role">The words that start the role: <c>opal geth</c>.</param>
    /// <param name="prefix">What its environment variables begin with: <c>GETH_</c>.</param>
    /// <param name="flags">The flags, in the order they are listed.</param>
    /// <exception cref="ArgumentException">A name is given twice.</exception>
    public FlagTable(string role, string prefix, IEnumerable<FlagDefinition> flags)
    {
        (Role, Prefix, All) = (role, prefix, [.. flags]);
        foreach (FlagDefinition flag in All)
        {
            foreach (string name in flag.Names)
            {
                _byName.Add(name, flag);
                _byVariable.TryAdd(VariableOf(name), flag);
            }

            foreach (string variable in flag.Variables) _byVariable[prefix + variable] = flag;
        }
    }

    public string Role { get; }

    public string Prefix { get; }

    public IReadOnlyList<FlagDefinition> All { get; }

    /// <summary>All names and aliases.</summary>
    public IEnumerable<string> Names => _byName.Keys;

    /// <summary>Finds a flag by name or alias, without dashes.</summary>
    public FlagDefinition? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Finds the flag an environment variable sets.</summary>
    public FlagDefinition? FindVariable(string variable) => _byVariable.GetValueOrDefault(variable);

    /// <summary>The environment variable of a flag: the prefix, and the name in upper case with dots and dashes as underscores.</summary>
    public string VariableOf(string name) => Prefix + name.ToUpperInvariant().Replace('.', '_').Replace('-', '_');

    /// <summary>The environment variable of a flag, as help shows it.</summary>
    public string VariableOf(FlagDefinition flag) => flag.Variables is [{ } own, ..] ? Prefix + own : VariableOf(flag.Name);

    /// <summary>The flag of a name that must be there: for the program's own use of its table.</summary>
    public FlagDefinition this[string name] => Find(name) ?? throw new ArgumentException($"{Role} has no flag {name}", nameof(name));
}
