using System.Text;
using Opal.Primitives;

namespace Opal.Deployer.L1;

/// <summary>How to deploy; what to deploy is the deploy config's.</summary>
public sealed record L1DeploymentOptions
{
    /// <summary>Salt text of the CREATE2 implementations; the default gives them their universal addresses.</summary>
    public string ImplementationSalt { get; init; } = "ethers phoenix";

    /// <summary>False: implementations are created plainly, for an L1 that has no deterministic deployer and cannot get it.</summary>
    public bool UseCreate2 { get; init; } = true;

    /// <summary>Deploys the output oracle's and the fault proofs' contracts both, as the official script does, whichever the portal uses.</summary>
    public bool DeployBothSets { get; init; }

    /// <summary>File of the resumable journal; null = memory only.</summary>
    public string? JournalPath { get; init; }

    /// <summary>How many transactions may wait in L1's pool at a time.</summary>
    public int MaxInFlight { get; init; } = 16;

    /// <summary>Pause between two looks at L1.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Without a new transaction in a block for this long, what waits is sent again at higher fees.</summary>
    public TimeSpan ResubmitAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Without a new transaction in a block for this long, the deployment gives up; it can be resumed.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Told what happens, a line each; null = silence.</summary>
    public Action<string>? Progress { get; init; }

    /// <summary>keccak256 of the salt text.</summary>
    public Hash256 Salt => Keccak256.Hash(Encoding.UTF8.GetBytes(ImplementationSalt));
}
