using System.Net;

namespace Opal.JsonRpc;

/// <summary>Who may call from where: browser origins and Host headers.</summary>
internal static class OriginRules
{
    /// <summary>Whether an Origin header is among the allowed ones.</summary>
    public static bool Allows(IReadOnlyCollection<string> allowed, string origin)
    {
        foreach (string pattern in allowed)
        {
            int star = pattern.IndexOf('*', StringComparison.Ordinal);
            if (star < 0)
            {
                if (Same(pattern, origin)) return true;
                continue;
            }

            if (origin.Length >= pattern.Length - 1
                && origin.StartsWith(pattern[..star], StringComparison.OrdinalIgnoreCase)
                && origin.EndsWith(pattern[(star + 1)..], StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    /// <summary>A rule without a scheme matches the origin's host whatever its scheme and port.</summary>
    private static bool Same(string rule, string origin)
    {
        if (string.Equals(rule, origin, StringComparison.OrdinalIgnoreCase)) return true;
        if (rule.Contains("://", StringComparison.Ordinal)) return false;
        return Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && string.Equals(uri.Host, rule, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a Host header is allowed: listed, or an IP address (which DNS rebinding cannot forge), or absent.</summary>
    public static bool AllowsHost(IReadOnlyCollection<string> allowed, string host)
    {
        if (host.Length == 0 || IPAddress.TryParse(host.Trim('[', ']'), out _)) return true;
        foreach (string name in allowed)
        {
            if (name == "*" || string.Equals(name, host, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
