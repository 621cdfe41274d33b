namespace Opal.Architecture.Tests;

/// <summary>
/// What the core's IL may contain against the rules of docs/architecture.md, each with its reason. A member pattern is
/// "Type.Method" with an optional * at its end; the rule is the name that <see cref="CoreIlScanner"/> reports.
/// </summary>
internal static class CoreExceptions
{
    public static readonly (string Member, string Rule, string Reason)[] All =
    [
        ("*.ToString", "text", "for debuggers and messages; no result depends on it"),
        ("*.PrintMembers", "text", "compiler-written part of a record's ToString"),
        ("*.get_EqualityContract", "banned", "compiler-written part of a record's equality; a type token, no reflection"),
        ("*.Equals", "banned", "compiler-written part of a record's equality; compares two type tokens"),
        ("UInt256.ToQuantity", "text", "wire form of a number; builds the string from a char span, no culture"),
        ("Hex.*", "text", "wire form of bytes; builds the string from a char span, no culture"),
        ("Address.ToChecksumString", "text", "wire form of an address; builds the string from a char span, no culture"),
    ];

    public static bool Permits(string member, string rule)
    {
        foreach ((string pattern, string allowedRule, _) in All)
        {
            if (allowedRule == rule && Matches(pattern, member)) return true;
        }

        return false;
    }

    private static bool Matches(string pattern, string member)
    {
        if (pattern.StartsWith('*')) return member.EndsWith(pattern[1..], StringComparison.Ordinal);
        return pattern.EndsWith('*') ? member.StartsWith(pattern[..^1], StringComparison.Ordinal) : member == pattern;
    }
}
