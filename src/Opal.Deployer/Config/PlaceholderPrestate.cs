using System.Text;
using Opal.Primitives;

namespace Opal.Deployer.Config;

/// <summary>
/// The absolute prestate of a chain that has no fault-proof program: the hash of a sentence, not of a program. Games can be made with it, and resolve when nobody
/// disputes them; a dispute about an execution trace cannot be played, since no machine state has this hash.
/// </summary>
public static class PlaceholderPrestate
{
    /// <summary>What is hashed.</summary>
    public const string Text = "opal: there is no fault-proof program yet";

    /// <summary>What an operator must know of it, to follow the name of the setting.</summary>
    public const string Meaning = "is a placeholder, not a program's: games resolve while nobody disputes them, and a dispute cannot be played to its end; put the prestate of a real fault-proof program there before anything of value depends on it";

    /// <summary>keccak256 of <see cref="Text"/>, the first byte 3, as in every hash of a machine that has not ended.</summary>
    public static Hash256 Hash { get; } = Make();

    private static Hash256 Make()
    {
        byte[] hash = Keccak256.Hash(Encoding.UTF8.GetBytes(Text)).ToArray();
        hash[0] = 3;
        return new Hash256(hash);
    }
}
