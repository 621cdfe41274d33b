namespace Opal.Evm;

/// <summary>The precompile sets of the forks, each by what it adds or changes.</summary>
public static class PrecompileSets
{
    private const int Bn254PairingAt = 0x08, BlsG1MsmAt = 0x0c, BlsG2MsmAt = 0x0e, BlsPairingAt = 0x0f, P256VerifyAt = 0x100;

    /// <summary>Berlin to Shanghai.</summary>
    public static PrecompileSet Berlin { get; } = PrecompileSet.Empty
        .With(0x01, new EcRecover())
        .With(0x02, new Sha256Precompile())
        .With(0x03, new Ripemd160Precompile())
        .With(0x04, new Identity())
        .With(0x05, new ModExp(osaka: false))
        .With(0x06, new Bn254Add())
        .With(0x07, new Bn254Mul())
        .With(Bn254PairingAt, new Bn254Pairing())
        .With(0x09, new Blake2F());

    /// <summary>Cancun: EIP-4844.</summary>
    public static PrecompileSet Cancun { get; } = Berlin.With(0x0a, new PointEvaluation());

    /// <summary>Prague: EIP-2537.</summary>
    public static PrecompileSet Prague { get; } = Cancun
        .With(0x0b, new BlsG1Add())
        .With(BlsG1MsmAt, new BlsG1Msm())
        .With(0x0d, new BlsG2Add())
        .With(BlsG2MsmAt, new BlsG2Msm())
        .With(BlsPairingAt, new BlsPairing())
        .With(0x10, new BlsMapFpToG1())
        .With(0x11, new BlsMapFp2ToG2());

    /// <summary>Osaka: EIP-7823, 7883, 7951.</summary>
    public static PrecompileSet Osaka { get; } = Prague
        .With(0x05, new ModExp(osaka: true))
        .With(P256VerifyAt, new P256Verify(6_900));

    /// <summary>OP Stack Fjord: RIP-7212.</summary>
    public static PrecompileSet OpFjord { get; } = Cancun.With(P256VerifyAt, new P256Verify(3_450));

    /// <summary>OP Stack Granite: protocol/granite/exec-engine.md#bn256pairing-precompile-input-restriction.</summary>
    public static PrecompileSet OpGranite { get; } = OpFjord.With(Bn254PairingAt, new Bn254Pairing(112_687));

    /// <summary>OP Stack Isthmus: protocol/isthmus/exec-engine.md#bls-precompiles.</summary>
    public static PrecompileSet OpIsthmus { get; } = Prague
        .With(P256VerifyAt, new P256Verify(3_450))
        .With(Bn254PairingAt, new Bn254Pairing(112_687))
        .With(BlsG1MsmAt, new BlsG1Msm(513_760))
        .With(BlsG2MsmAt, new BlsG2Msm(488_448))
        .With(BlsPairingAt, new BlsPairing(235_008));

    /// <summary>OP Stack Jovian: protocol/jovian/exec-engine.md#precompile-input-size-restrictions.</summary>
    public static PrecompileSet OpJovian { get; } = OpIsthmus
        .With(Bn254PairingAt, new Bn254Pairing(81_984))
        .With(BlsG1MsmAt, new BlsG1Msm(288_960))
        .With(BlsG2MsmAt, new BlsG2Msm(278_784))
        .With(BlsPairingAt, new BlsPairing(156_672));

    /// <summary>OP Stack Karst: Osaka's precompiles at Ethereum's prices, and protocol/karst/exec-engine.md#precompile-input-size-restrictions.</summary>
    public static PrecompileSet OpKarst { get; } = OpJovian
        .With(0x05, new ModExp(osaka: true))
        .With(P256VerifyAt, new P256Verify(6_900))
        .With(Bn254PairingAt, new Bn254Pairing(57_600));
}
