using System.Text.Json;
using Opal.Cli.Flags;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Attach;

/// <summary>One line of the console, read: a method with its parameters.</summary>
/// <param name="Method">The full name: <c>eth_getBalance</c>.</param>
/// <param name="Parameters">The parameters as JSON.</param>
/// <param name="IsScript">Whether it was written as geth's JavaScript console has it, which shows numbers in decimal.</param>
internal sealed record ConsoleLine(string Method, IReadOnlyList<JsonElement> Parameters, bool IsScript)
{
    // methods of geth's console that are named otherwise over RPC
    private static readonly (string Script, string ByNumber, string ByHash)[] Renamed =
    [
        ("eth_getBlock", "eth_getBlockByNumber", "eth_getBlockByHash"),
        ("eth_getHeader", "eth_getHeaderByNumber", "eth_getHeaderByHash"),
        ("eth_getTransaction", "eth_getTransactionByHash", "eth_getTransactionByHash"),
        ("eth_getRawTransaction", "eth_getRawTransactionByHash", "eth_getRawTransactionByHash"),
        ("eth_getBlockTransactionCount", "eth_getBlockTransactionCountByNumber", "eth_getBlockTransactionCountByHash"),
    ];

    /// <summary>Reads <c>eth_getBalance 0x… latest</c>, <c>eth.getBalance("0x…")</c>, <c>eth.blockNumber</c>, or a JSON-RPC request.</summary>
    /// <exception cref="FlagException">It is none of these.</exception>
    public static ConsoleLine Read(string line)
    {
        line = line.Trim().TrimEnd(';');
        try
        {
            if (line.StartsWith('{')) return FromRequest(line);
            int open = line.IndexOf('(', StringComparison.Ordinal), space = line.IndexOf(' ', StringComparison.Ordinal);
            if (open > 0 && line.EndsWith(')') && (space < 0 || open < space)) return Named(line[..open], Elements($"[{line[(open + 1)..^1].Replace('\'', '"')}]"));
            string name = space < 0 ? line : line[..space];
            return Named(name, space < 0 ? [] : [.. Words(line[(space + 1)..]).Select(Parameter)]);
        }
        catch (JsonException)
        {
            throw new FlagException("the parameters are no JSON; write eth_getBalance 0x… latest, or eth.getBalance(\"0x…\", \"latest\")");
        }
    }

    private static ConsoleLine FromRequest(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        if (!root.TryGetProperty("method", out JsonElement method) || method.ValueKind != JsonValueKind.String) throw new FlagException("a JSON-RPC request has a \"method\"");
        bool has = root.TryGetProperty("params", out JsonElement given);
        if (has && given.ValueKind != JsonValueKind.Array) throw new FlagException("\"params\" is an array");
        return new ConsoleLine(method.GetString()!, has ? [.. given.EnumerateArray().Select(static p => p.Clone())] : [], IsScript: false);
    }

    private static ConsoleLine Named(string name, IReadOnlyList<JsonElement> parameters)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        bool isScript = dot > 0;
        string method = isScript ? $"{name[..dot]}_{name[(dot + 1)..]}" : name;
        int under = method.IndexOf('_', StringComparison.Ordinal);
        if (under <= 0 || under == method.Length - 1 || !method.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw new FlagException($"'{name}' is no method; write eth_blockNumber, eth.blockNumber or a JSON-RPC request ('help' shows more)");
        }

        if (isScript) parameters = [.. parameters.Select(static p => p.ValueKind == JsonValueKind.Number ? AsQuantity(p) : p)];
        foreach ((string script, string byNumber, string byHash) in Renamed)
        {
            if (method != script) continue;
            bool isHash = parameters.Count > 0 && parameters[0].ValueKind == JsonValueKind.String && parameters[0].GetString()!.Length == 66;
            method = isHash ? byHash : byNumber;
            if (script == "eth_getBlock" && parameters.Count == 1) parameters = [.. parameters, JsonElement.Parse("false")];
        }

        return new ConsoleLine(method, parameters, isScript);
    }

    private static List<JsonElement> Elements(string array)
    {
        using JsonDocument document = JsonDocument.Parse(array);
        return [.. document.RootElement.EnumerateArray().Select(static p => p.Clone())];
    }

    /// <summary>Splits at spaces that are not inside quotes, braces or brackets.</summary>
    private static IEnumerable<string> Words(string text)
    {
        int depth = 0, start = 0;
        bool quoted = false;
        for (int i = 0; i <= text.Length; i++)
        {
            char c = i < text.Length ? text[i] : ' ';
            if (c == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
            if (!quoted && c is '{' or '[') depth++;
            if (!quoted && c is '}' or ']') depth--;
            if (i < text.Length && (c != ' ' || quoted || depth > 0)) continue;
            if (i > start) yield return text[start..i];
            start = i + 1;
        }
    }

    /// <summary>JSON as it is; a whole number as a quantity; any other word as a string.</summary>
    private static JsonElement Parameter(string word)
    {
        if (word[0] is '{' or '[' or '"' || word is "true" or "false" or "null") return JsonElement.Parse(word);
        return FlagText.TryNumber(word, out ulong number) && !word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? Text(Hex.Quantity(number)) : Text(word);
    }

    private static JsonElement AsQuantity(JsonElement number) => number.TryGetUInt64(out ulong value) ? Text(Hex.Quantity(value)) : number;

    private static JsonElement Text(string text) => JsonElement.Parse($"\"{JsonEncodedText.Encode(text)}\"");

    /// <summary>The request.</summary>
    public RpcRequest ToRequest() => new(Method, json =>
    {
        foreach (JsonElement parameter in Parameters) parameter.WriteTo(json);
    });
}
