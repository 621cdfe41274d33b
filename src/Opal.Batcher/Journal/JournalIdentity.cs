using System.Globalization;
using Opal.Primitives;

namespace Opal.Batcher;

/// <summary>Whose journal it is: what is in it means nothing to another chain or account.</summary>
/// <param name="L1ChainId">The L1 chain.</param>
/// <param name="L2ChainId">The rollup.</param>
/// <param name="BatchInbox">Where batcher transactions go.</param>
/// <param name="Sender">The account that sends them.</param>
public sealed record JournalIdentity(ulong L1ChainId, ulong L2ChainId, Address BatchInbox, Address Sender)
{
    /// <summary>The version of the journal's format that this program writes.</summary>
    internal const int FormatVersion = 1;

    private const string Heading = "opal batcher journal";

    /// <summary>The identity in words.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"account {Sender} posting the blocks of chain {L2ChainId} to {BatchInbox} on L1 chain {L1ChainId}");

    internal string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Heading} {FormatVersion}\nl1 {L1ChainId}\nl2 {L2ChainId}\ninbox {BatchInbox}\nsender {Sender}\n");

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <param name="text">The file.</param>
    /// <param name="version">The format's version, 0 when the text is none of ours.</param>
    /// <param name="identity">The identity, null when the text cannot be read.</param>
    internal static bool TryParse(string text, out int version, out JournalIdentity? identity)
    {
        version = 0;
        identity = null;
        string[] lines = text.Split('\n');
        if (!lines[0].StartsWith(Heading + " ", StringComparison.Ordinal) || !int.TryParse(lines[0].AsSpan(Heading.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out version)) return false;
        if (version != FormatVersion || lines.Length < 5) return false;
        if (!TryNumber(lines[1], "l1 ", out ulong l1) || !TryNumber(lines[2], "l2 ", out ulong l2) || !TryAddress(lines[3], "inbox ", out Address inbox) || !TryAddress(lines[4], "sender ", out Address sender)) return false;
        identity = new JournalIdentity(l1, l2, inbox, sender);
        return true;
    }

    private static bool TryNumber(string line, string name, out ulong value)
    {
        value = 0;
        return line.StartsWith(name, StringComparison.Ordinal) && ulong.TryParse(line.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryAddress(string line, string name, out Address value)
    {
        value = default;
        return line.StartsWith(name, StringComparison.Ordinal) && Address.TryParse(line.AsSpan(name.Length), out value);
    }
}
