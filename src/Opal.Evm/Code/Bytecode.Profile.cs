using Opal.Primitives;

namespace Opal.Evm;

/// <content>What the compiler's seam keeps beside the code.</content>
internal sealed unsafe partial class Bytecode
{
    /// <summary>keccak256 of the code when it is an account's; zero for init code, which is never compiled.</summary>
    public Hash256 Hash { get; set; }

    /// <summary>Where <see cref="Profile"/> comes from; null before the first look.</summary>
    public CodeProfiles? Profiles { get; set; }

    /// <summary>The profile under the rules of <see cref="Profiles"/>; null for init code.</summary>
    public CodeProfile? Profile { get; set; }
}
