namespace Opal.JsonRpc;

/// <summary>What of a connection lets somebody in, and is taken out of a server's own words before anybody reads them: servers repeat paths ("Cannot POST /…"), keys and headers.</summary>
internal sealed class UrlSecrets
{
    /// <summary>Parts of a path shorter than this are names (v2, mainnet), longer ones may be keys.</summary>
    private const int KeyLength = 16;

    /// <summary>A shorter header value or password is a word that occurs anyway.</summary>
    private const int WordLength = 6;

    private readonly string[] _all;

    /// <summary>The secrets of a connection.</summary>
    /// <param name="url">With its path, query, user and password.</param>
    /// <param name="options">With its headers.</param>
    public UrlSecrets(Uri url, HttpRpcClientOptions options)
    {
        var all = new List<string>();
        string path = url.PathAndQuery.TrimEnd('/');
        all.Add(path);
        all.Add(url.AbsolutePath.TrimEnd('/'));
        all.AddRange(path.Split('/', '?', '&', '=').Where(static part => part.Length >= KeyLength));
        if (HttpRpcClient.BasicOf(url) is { Parameter: { } basic })
        {
            all.Add(basic);
            all.Add(url.UserInfo);
            all.Add(url.UserInfo[(url.UserInfo.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        }

        foreach (string value in options.Headers.Values)
        {
            all.Add(value);
            all.Add(value[(value.IndexOf(' ', StringComparison.Ordinal) + 1)..]); // "Bearer …"
        }

        _all = [.. all.SelectMany(static secret => new[] { secret, Uri.UnescapeDataString(secret) }).Where(static secret => secret.Length >= WordLength).Distinct().OrderByDescending(static secret => secret.Length)];
    }

    /// <summary>A server's text without them.</summary>
    public string Mask(string text)
    {
        foreach (string secret in _all) text = text.Replace(secret, "…", StringComparison.OrdinalIgnoreCase);
        return text;
    }

    /// <summary>Answers whose errors are without them.</summary>
    public RpcReply[] Mask(RpcReply[] replies)
    {
        for (int i = 0; i < replies.Length; i++)
        {
            if (replies[i].Error is { } error) replies[i] = replies[i] with { Error = error with { Message = Mask(error.Message) } };
        }

        return replies;
    }
}
