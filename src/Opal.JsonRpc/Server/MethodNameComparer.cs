using System.Text;

namespace Opal.JsonRpc;

/// <summary>Compares method names, which are ASCII, with each other and with UTF-8 text, so that a request's name is looked up where it lies.</summary>
internal sealed class MethodNameComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
{
    public static MethodNameComparer Instance { get; } = new();

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public int GetHashCode(string name)
    {
        uint hash = 2166136261;
        foreach (char letter in name) hash = unchecked((hash ^ letter) * 16777619);
        return unchecked((int)hash);
    }

    public bool Equals(ReadOnlySpan<byte> utf8, string name) => Ascii.Equals(utf8, name);

    public int GetHashCode(ReadOnlySpan<byte> utf8)
    {
        uint hash = 2166136261;
        foreach (byte letter in utf8) hash = unchecked((hash ^ letter) * 16777619);
        return unchecked((int)hash);
    }

    public string Create(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
