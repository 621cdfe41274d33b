namespace Opal.Evm;

/// <summary>Chooses at compile time whether the engine reports its steps.</summary>
internal interface ITracing
{
    static abstract bool Enabled { get; }
}

/// <summary>Steps are not reported; the engine's code for it folds away.</summary>
internal readonly struct NoTracing : ITracing
{
    public static bool Enabled => false;
}

/// <summary>Steps are reported to <see cref="EvmMachine.Tracer"/>.</summary>
internal readonly struct StepTracing : ITracing
{
    public static bool Enabled => true;
}
