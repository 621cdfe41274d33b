namespace Opal.Batcher;

/// <summary>What the sequencer's execution client is asked to keep (<c>miner_setMaxDASize</c>).</summary>
/// <param name="TransactionBytes">The most estimated bytes of a transaction; 0: no limit.</param>
/// <param name="BlockBytes">The most estimated bytes of a block; 0: no limit.</param>
/// <param name="Intensity">How far the limits are between those of no throttling (0) and the narrowest (1).</param>
public readonly record struct ThrottleLimits(ulong TransactionBytes, ulong BlockBytes, double Intensity)
{
    /// <summary>Whether the sequencer is slowed down.</summary>
    public bool IsThrottling => Intensity > 0;

    /// <summary>The limits at an intensity.</summary>
    /// <remarks>
    /// Without throttling transactions have no limit and blocks the upper one. A step goes to the lower limits at once, the others go from the upper to the lower with the
    /// intensity. A lower limit of 0 switches that kind of limit off altogether.
    /// </remarks>
    /// <param name="type">The controller the intensity comes from.</param>
    /// <param name="intensity">0 to 1; anything else is taken as the nearer end.</param>
    /// <param name="options">The limits.</param>
    public static ThrottleLimits At(ThrottleControllerType type, double intensity, ThrottleOptions options)
    {
        intensity = double.IsNaN(intensity) ? 0 : Math.Clamp(intensity, 0, 1);
        bool isOn = intensity > 0;
        ulong transaction = options.TransactionSizeLowerLimit == 0 || !isOn ? 0
            : Between(type, intensity, options.TransactionSizeLowerLimit, options.TransactionSizeUpperLimit);
        ulong block = options.BlockSizeLowerLimit == 0 ? 0
            : isOn ? Between(type, intensity, options.BlockSizeLowerLimit, options.BlockSizeUpperLimit) : options.BlockSizeUpperLimit;
        return new ThrottleLimits(transaction, block, intensity);
    }

    private static ulong Between(ThrottleControllerType type, double intensity, ulong lower, ulong upper) =>
        type == ThrottleControllerType.Step ? lower : Math.Clamp((ulong)(upper - (intensity * (upper - lower))), lower, upper);
}
