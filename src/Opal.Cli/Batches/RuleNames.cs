using System.Text;
using Opal.Derivation;

namespace Opal.Cli.Batches;

/// <summary>The rules of derivation in words: <c>timed out</c> for <see cref="ChannelRule.TimedOut"/>.</summary>
internal static class RuleNames
{
    public static string Of(Enum rule)
    {
        string name = rule.ToString();
        var words = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            bool begins = i > 0 && char.IsUpper(name[i]) && !(char.IsUpper(name[i - 1]) && (i + 1 == name.Length || char.IsUpper(name[i + 1])));
            if (begins) words.Append(' ');
            words.Append(char.ToLowerInvariant(name[i]));
        }

        return words.ToString();
    }
}
