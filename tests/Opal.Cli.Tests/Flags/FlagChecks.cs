using Opal.Cli.Flags;

namespace Opal.Cli.Tests.Flags;

/// <summary>What holds of every flag of a role's table: asserted flag by flag.</summary>
internal static class FlagChecks
{
    public static TheoryData<string> Names(FlagTable table)
    {
        var data = new TheoryData<string>();
        foreach (FlagDefinition flag in table.All) data.Add(flag.Name);
        return data;
    }

    /// <summary>A value of the flag's kind that is not its default, as a user would write it.</summary>
    public static string Sample(FlagDefinition flag) => flag.Kind switch
    {
        FlagKind.Bool => flag.Default == "true" ? "false" : "true",
        FlagKind.BoolOrAddress => "127.0.0.1:6161",
        FlagKind.Choice => flag.Choices.First(choice => choice.Length > 0 && choice != flag.Default),
        FlagKind.Url => "https://node.example:8545/",
        FlagKind.Number or FlagKind.Wei => "4321",
        FlagKind.Ether or FlagKind.Gwei or FlagKind.Decimal => "0.25",
        FlagKind.HexAddress => "0x00000000000000000000000000000000000000aB",
        FlagKind.Duration => "1m30s",
        FlagKind.List => "one,two",
        FlagKind.FilePath => "./a/file",
        _ => "some-text",
    };

    public static FlagValues Parse(FlagTable table, IReadOnlyList<string> arguments, params (string, string)[] environment) =>
        FlagParser.Parse(table, arguments, environment.Select(e => new KeyValuePair<string, string>(e.Item1, e.Item2)));

    /// <summary>It is taken by each of its names and variables, with the effect that it states.</summary>
    public static void IsTakenByEachName(FlagTable table, string name)
    {
        FlagDefinition flag = table[name];
        string sample = Sample(flag);
        string[] variables = [.. flag.Names.Select(table.VariableOf), .. flag.Variables.Select(variable => table.Prefix + variable)];
        Func<FlagValues>[] ways =
        [
            .. flag.Names.SelectMany(known => new Func<FlagValues>[]
            {
                () => Parse(table, [$"--{known}={sample}"]), () => Parse(table, flag.Kind == FlagKind.Bool ? [$"-{known}={sample}"] : [$"--{known}", sample]),
            }),
            .. variables.Select<string, Func<FlagValues>>(variable => () => Parse(table, [], (variable, sample))),
        ];
        bool switchesOff = flag.Kind == FlagKind.Bool && sample == "false";
        foreach (Func<FlagValues> way in ways)
        {
            if (flag.Effect == FlagEffect.Refused)
            {
                Assert.Contains(flag.Note, Assert.Throws<FlagException>(way).Message);
                continue;
            }

            FlagValues values = way();
            Assert.Equal(sample, values.Text(name));
            Assert.True(values.IsGiven(name));
            Assert.Empty(values.Words);
            if (flag.Effect == FlagEffect.Ignored && !switchesOff) Assert.EndsWith($"is accepted and has no effect: {flag.Note}", Assert.Single(values.Warnings));
            else Assert.Empty(values.Warnings);
        }
    }

    /// <summary>Its value is read as its kind from the environment; the command line is stronger; a value of another kind is refused.</summary>
    public static void IsReadAsItsKind(FlagTable table, string name)
    {
        FlagDefinition flag = table[name];
        if (flag.Effect == FlagEffect.Refused) return;
        string variable = table.VariableOf(flag);
        FlagValues values = Parse(table, [], (variable, Sample(flag)));
        Assert.Equal(FlagSource.Environment, values.SourceOf(name));
        switch (flag.Kind)
        {
            case FlagKind.Bool: Assert.Equal(flag.Default != "true", values.Bool(name)); break;
            case FlagKind.BoolOrAddress: Assert.True(values.Bool(name)); break;
            case FlagKind.Number: Assert.Equal(4321ul, values.Number(name)); break;
            case FlagKind.Wei: Assert.Equal(4321ul, (ulong)values.Wei(name)); break;
            case FlagKind.Ether: Assert.Equal(250_000_000_000_000_000ul, (ulong)values.Ether(name)); break;
            case FlagKind.Gwei: Assert.Equal(250_000_000ul, (ulong)values.Gwei(name)); break;
            case FlagKind.Decimal: Assert.Equal(0.25, values.Decimal(name)); break;
            case FlagKind.HexAddress: Assert.Equal(Opal.Primitives.Address.FromNumber(0xab), values.AddressOrNull(name)); break;
            case FlagKind.Duration: Assert.Equal(TimeSpan.FromSeconds(90), values.Duration(name)); break;
            case FlagKind.List: Assert.Equal(["one", "two"], values.List(name)); break;
            case FlagKind.Url: Assert.Equal("node.example", values.Url(name)!.Host); break;
        }

        string other = flag.Default.Length > 0 ? flag.Default : Sample(flag);
        FlagValues both = Parse(table, [$"--{name}={other}"], (variable, Sample(flag)));
        Assert.Equal((other, FlagSource.CommandLine), (both.Text(name), both.SourceOf(name)));
        string wrong = flag.Kind switch { FlagKind.Text or FlagKind.FilePath or FlagKind.List => "", _ => "?" };
        if (wrong.Length > 0) Assert.StartsWith(variable + ":", Assert.Throws<FlagException>(() => Parse(table, [], (variable, wrong))).Message);
    }

    /// <summary>Every default is of its flag's kind, every variable leads to its flag, and notes stand where they are shown.</summary>
    public static void AreWellFormed(FlagTable table)
    {
        foreach (FlagDefinition flag in table.All)
        {
            if (flag.Default.Length > 0) Assert.Null(FlagText.Fault(flag, flag.Default));
            Assert.NotEmpty(flag.Group);
            Assert.Same(flag, table.FindVariable(table.VariableOf(flag)));
            Assert.Equal(flag.Effect is FlagEffect.Ignored or FlagEffect.Refused, flag.Note.Length > 0);
        }
    }

    /// <summary>A flag that states an effect and that nobody asks for would do nothing in silence.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">The flag.</param>
    /// <param name="folders">The folders of src/Opal.Cli that read it; tables of flags count for nothing there.</param>
    public static void IsReadByTheProgram(FlagTable table, string name, params string[] folders)
    {
        if (table[name].Effect != FlagEffect.Works) return;
        string root = Path.Combine(Testing.Vectors.RepositoryRoot, "src", "Opal.Cli");
        IEnumerable<string> files = folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs")).Where(file => !file.EndsWith("Flags.cs", StringComparison.Ordinal))
            .Append(Path.Combine(root, "Logs", "LogSetup.Services.cs"));
        string asked = name.StartsWith("override.", StringComparison.Ordinal) ? $"Given(\"{name["override.".Length..]}\")" : $"\"{name}\"";
        Assert.Contains(files, file => File.ReadAllText(file).Contains(asked, StringComparison.Ordinal));
    }

    /// <summary>Names, variables and defaults of the program whose command line is taken over: a line each, <c>*</c> where a default of our own is right, <c>-</c> where there is none.</summary>
    public static TheoryData<string, string, string> Lines(string lines)
    {
        var data = new TheoryData<string, string, string>();
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] words = line.Split(' ');
            data.Add(words[0], words[1], words[2]);
        }

        return data;
    }

    /// <summary>It has the variable and the default of the program whose command line is taken over.</summary>
    public static void IsAsUpstream(FlagTable table, string name, string variable, string preset)
    {
        FlagDefinition? flag = table.Find(name);
        Assert.NotNull(flag);
        Assert.Same(flag, table.FindVariable(table.Prefix + variable));
        if (preset != "*") Assert.Equal(preset == "-" ? "" : preset, flag.Default);
    }

    /// <summary>The help names every flag and its variable, and the role's page lists them between its marks as the program does.</summary>
    public static void AreDocumented(FlagTable table, string page)
    {
        string help = FlagHelp.Text(table);
        foreach (FlagDefinition flag in table.All)
        {
            Assert.Contains($"--{flag.Name}", help);
            Assert.Contains($"[{table.VariableOf(flag)}]", help);
        }

        const string begin = "a test compares -->\n";
        string text = File.ReadAllText(Path.Combine(Testing.Vectors.RepositoryRoot, "docs", page));
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length, to = text.IndexOf("<!-- /flags -->", StringComparison.Ordinal);
        Assert.True(FlagHelp.Markdown(table) == text[from..to], $"docs/{page} is behind: put the output of '{table.Role} --help-markdown' between its flags marks");
    }
}
