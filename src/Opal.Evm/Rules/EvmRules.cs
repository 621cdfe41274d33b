namespace Opal.Evm;

/// <summary>What the EVM does differently from fork to fork, as data. Resolved once a block.</summary>
/// <remarks>The oldest rules are London's; everything before it (gas repricings, EIP-2929 and so on) is fixed in the code.</remarks>
public sealed record EvmRules
{
    /// <summary>The fork's name.</summary>
    public required string Name { get; init; }

    /// <summary>The precompiles.</summary>
    public required PrecompileSet Precompiles { get; init; }

    /// <summary>PUSH0 (EIP-3855, Shanghai).</summary>
    public bool HasPush0 { get; init; }

    /// <summary>The largest init code in bytes (EIP-3860, Shanghai).</summary>
    public int MaxInitCodeSize { get; init; } = int.MaxValue;

    /// <summary>Gas per word of init code (EIP-3860, Shanghai).</summary>
    public int InitCodeWordGas { get; init; }

    /// <summary>The largest deployed code in bytes (EIP-170).</summary>
    public int MaxCodeSize { get; init; } = 24_576;

    /// <summary>TLOAD and TSTORE (EIP-1153, Cancun).</summary>
    public bool HasTransientStorage { get; init; }

    /// <summary>MCOPY (EIP-5656, Cancun).</summary>
    public bool HasMemoryCopy { get; init; }

    /// <summary>BLOBHASH (EIP-4844, Cancun).</summary>
    public bool HasBlobHash { get; init; }

    /// <summary>BLOBBASEFEE (EIP-7516, Cancun).</summary>
    public bool HasBlobBaseFee { get; init; }

    /// <summary>SELFDESTRUCT removes only contracts made in the same transaction (EIP-6780, Cancun).</summary>
    public bool DestroysOnlyNewContracts { get; init; }

    /// <summary>Accounts may delegate to code (EIP-7702, Prague).</summary>
    public bool HasDelegation { get; init; }

    /// <summary>CLZ (EIP-7939, Osaka).</summary>
    public bool HasCountLeadingZeros { get; init; }

    /// <summary>London. Paris runs the same rules: DIFFICULTY becomes PREVRANDAO in <see cref="BlockContext.PrevRandao"/>.</summary>
    public static EvmRules London { get; } = new() { Name = "London", Precompiles = PrecompileSets.Berlin };

    /// <summary>Paris, the merge.</summary>
    public static EvmRules Paris { get; } = London with { Name = "Paris" };

    /// <summary>Shanghai.</summary>
    public static EvmRules Shanghai { get; } = Paris with { Name = "Shanghai", HasPush0 = true, MaxInitCodeSize = 49_152, InitCodeWordGas = 2 };

    /// <summary>Cancun.</summary>
    public static EvmRules Cancun { get; } = Shanghai with
    {
        Name = "Cancun",
        Precompiles = PrecompileSets.Cancun,
        HasTransientStorage = true,
        HasMemoryCopy = true,
        HasBlobHash = true,
        HasBlobBaseFee = true,
        DestroysOnlyNewContracts = true,
    };

    /// <summary>Prague.</summary>
    public static EvmRules Prague { get; } = Cancun with { Name = "Prague", Precompiles = PrecompileSets.Prague, HasDelegation = true };

    /// <summary>Osaka.</summary>
    public static EvmRules Osaka { get; } = Prague with { Name = "Osaka", Precompiles = PrecompileSets.Osaka, HasCountLeadingZeros = true };

    /// <summary>OP Stack Bedrock and Regolith: Paris.</summary>
    public static EvmRules OpBedrock { get; } = Paris with { Name = "OP Bedrock" };

    /// <summary>OP Stack Canyon and Delta: Shanghai.</summary>
    public static EvmRules OpCanyon { get; } = Shanghai with { Name = "OP Canyon" };

    /// <summary>OP Stack Ecotone: Cancun.</summary>
    public static EvmRules OpEcotone { get; } = Cancun with { Name = "OP Ecotone" };

    /// <summary>OP Stack Fjord: adds P256VERIFY (RIP-7212).</summary>
    public static EvmRules OpFjord { get; } = OpEcotone with { Name = "OP Fjord", Precompiles = PrecompileSets.OpFjord };

    /// <summary>OP Stack Granite and Holocene: bounds the bn254 pairing's input.</summary>
    public static EvmRules OpGranite { get; } = OpFjord with { Name = "OP Granite", Precompiles = PrecompileSets.OpGranite };

    /// <summary>OP Stack Isthmus: Prague, with bounds on the BLS12-381 inputs.</summary>
    public static EvmRules OpIsthmus { get; } = Prague with { Name = "OP Isthmus", Precompiles = PrecompileSets.OpIsthmus };

    /// <summary>OP Stack Jovian: lower bounds.</summary>
    public static EvmRules OpJovian { get; } = OpIsthmus with { Name = "OP Jovian", Precompiles = PrecompileSets.OpJovian };

    /// <summary>OP Stack Karst: Osaka, with a lower bound on the bn254 pairing's input.</summary>
    public static EvmRules OpKarst { get; } = Osaka with { Name = "OP Karst", Precompiles = PrecompileSets.OpKarst };
}
