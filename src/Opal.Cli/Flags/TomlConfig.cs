using System.Globalization;
using Opal.JsonRpc;
using Tomlyn;
using Tomlyn.Model;

namespace Opal.Cli.Flags;

/// <summary>Flags as a TOML file, both ways, in geth's sections where geth has one and under <c>[Opal]</c> by flag name otherwise.</summary>
/// <remarks>Durations are whole nanoseconds, as Go writes them, or text such as "5s". A server whose host is empty is off.</remarks>
internal static class TomlConfig
{
    private const string OwnSection = "Opal";

    // TOML keys that say something else than their flag's text
    private const string Archive = "Eth.NoPruning", NoPoolAdmission = "Eth.RollupDisableTxPoolAdmission";

    private static readonly (string Host, string Server)[] Servers = [("Node.HTTPHost", "http"), ("Node.WSHost", "ws")];

    /// <summary>Reads a file into flags that no stronger source has set.</summary>
    /// <exception cref="FlagException">The file is missing, is no TOML, or has a value its flag cannot have.</exception>
    public static void Load(FlagValues values, string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FlagException($"--config {path}: the file cannot be read ({error.Message})");
        }

        Read(values, text, path);
    }

    /// <summary>Reads text that came from <paramref name="name"/>.</summary>
    /// <inheritdoc cref="Load"/>
    public static void Read(FlagValues values, string text, string name)
    {
        TomlTable root;
        try
        {
            root = TomlSerializer.Deserialize<TomlTable>(text) ?? [];
        }
        catch (TomlException error)
        {
            throw new FlagException($"{name}: this is no TOML: {error.Message.ReplaceLineEndings(" ")}");
        }

        Dictionary<string, FlagDefinition> byKey = values.Table.All.Where(flag => flag.Toml is not null).ToDictionary(flag => flag.Toml!, StringComparer.Ordinal);
        ReadTable(values, byKey, root, "", name);
    }

    private static void ReadTable(FlagValues values, Dictionary<string, FlagDefinition> byKey, TomlTable table, string prefix, string file)
    {
        foreach ((string key, object value) in table)
        {
            string path = prefix + key;
            if (value is TomlTable inner) ReadTable(values, byKey, inner, path + ".", file);
            else if (prefix == OwnSection + ".") ReadOwn(values, key, value, file);
            else ReadKey(values, byKey, path, value, file);
        }
    }

    private static void ReadOwn(FlagValues values, string key, object value, string file)
    {
        if (values.Table.Find(key) is not { } flag)
        {
            string? nearest = UsageErrors.Nearest(key, values.Table.Names);
            throw new FlagException($"{file}: [{OwnSection}] has the unknown flag '{key}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")}");
        }

        Set(values, flag, TextOf(flag, value, file, key), $"{file}: {OwnSection}.{key}");
    }

    private static void ReadKey(FlagValues values, Dictionary<string, FlagDefinition> byKey, string path, object value, string file)
    {
        string named = $"{file}: {path}";
        if (path == NoPoolAdmission && value is bool off)
        {
            Set(values, values.Table["rollup.enabletxpooladmission"], off ? "false" : "true", named);
            return;
        }

        if (!byKey.TryGetValue(path, out FlagDefinition? flag))
        {
            values.Warnings.Add($"{named} is not known here and has no effect");
            return;
        }

        if (path == Archive && value is bool all)
        {
            Set(values, flag, all ? "archive" : "full", named);
            return;
        }

        string text = TextOf(flag, value, file, path);
        foreach ((string host, string server) in Servers)
        {
            if (path == host) Set(values, values.Table[server], text.Length > 0 ? "true" : "false", named);
        }

        if (text.Length > 0 || flag.Kind == FlagKind.List) Set(values, flag, text, named);
    }

    private static void Set(FlagValues values, FlagDefinition flag, string text, string named) => FlagParser.Take(values, flag, text, FlagSource.ConfigFile, named);

    private static string TextOf(FlagDefinition flag, object value, string file, string key) => value switch
    {
        string text => text,
        bool flagged => flagged ? "true" : "false",
        long number when flag.Kind == FlagKind.Duration => $"{number.ToString(CultureInfo.InvariantCulture)}ns",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => ((decimal)number).ToString(CultureInfo.InvariantCulture),
        TomlArray list => string.Join(',', list.Select(item => TextOf(flag, item ?? "", file, key))),
        _ => throw new FlagException($"{file}: {key} has a value of a kind no flag has"),
    };

    /// <summary>Writes every flag that acts, with its effective value. Secrets are written too: the result is to be read back.</summary>
    public static string Write(FlagValues values)
    {
        var root = new TomlTable();
        foreach (FlagDefinition flag in values.Table.All)
        {
            if (flag.Effect != FlagEffect.Works || flag.Name is "config" or "exec" or "help" or "version" or "help-markdown") continue;
            if (Array.Exists(Servers, server => server.Server == flag.Name)) continue; // the host says it
            string text = values.Text(flag.Name), path = flag.Toml ?? $"{OwnSection}\n{flag.Name}";
            object? value = path == Archive ? text == "archive" : ValueOf(flag, text);
            int server = Array.FindIndex(Servers, known => known.Host == path);
            if (server >= 0 && !values.Bool(Servers[server].Server)) value = "";
            if (value is not null) Put(root, path.Split(flag.Toml is null ? '\n' : '.'), value);
        }

        return TomlSerializer.Serialize(root);
    }

    private static void Put(TomlTable root, string[] path, object value)
    {
        TomlTable at = root;
        foreach (string section in path[..^1])
        {
            if (!at.TryGetValue(section, out object? inner)) at[section] = inner = new TomlTable();
            at = (TomlTable)inner!;
        }

        at[path[^1]] = value;
    }

    private static object? ValueOf(FlagDefinition flag, string text)
    {
        if (flag.Kind == FlagKind.List)
        {
            var list = new TomlArray();
            foreach (string item in FlagText.Split(text)) list.Add(item);
            return list;
        }

        if (text.Length == 0) return null;
        return flag.Kind switch
        {
            FlagKind.Bool => FlagText.TryBool(text, out bool on) && on,
            FlagKind.BoolOrAddress => FlagText.TryBool(text, out bool on) ? on : text,
            FlagKind.Number or FlagKind.Wei => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : text,
            FlagKind.Ether => double.Parse(text, CultureInfo.InvariantCulture),
            FlagKind.Duration => DurationText.TryParse(text, out TimeSpan duration) ? duration.Ticks * 100 : text,
            _ => text,
        };
    }
}
