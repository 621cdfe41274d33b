namespace Opal.Node;

/// <summary>
/// The one table that gives every engine answer its next step. There is no answer without a row, and no row asks for an immediate repetition:
/// a retry always waits for the driver's back-off.
/// </summary>
/// <remarks>Spec: protocol/derivation.md#engine-queue, error handling of L1-sync and of unsafe payloads.</remarks>
public static class EngineAnswersTable
{
    /// <summary>SYNCING answers in a row after which the engine is taken to have lost blocks (a restart with an older head): the driver walks back.</summary>
    public const int SyncingBeforeReset = 8;

    /// <summary>How often in a row a block of nothing but deposits is called invalid before the node stops: such a block can never be invalid, and nothing can take its place.</summary>
    public const int DepositsRefusedBeforeHalt = 6;

    /// <summary>engine_forkchoiceUpdated without attributes. <paramref name="syncingInARow"/> counts this answer too.</summary>
    public static EngineStep Forkchoice(EngineVerdict verdict, int syncingInARow, string? detail) => verdict switch
    {
        EngineVerdict.Valid => EngineStep.Done,
        EngineVerdict.Syncing or EngineVerdict.Accepted => Syncing(syncingInARow, detail),
        EngineVerdict.Unreachable => EngineStep.Retry(With("the engine does not answer", detail)),
        EngineVerdict.Invalid => EngineStep.Reset(With("the engine calls our head invalid", detail)),
        EngineVerdict.InvalidForkchoiceState => EngineStep.Reset(With("the engine refuses the forkchoice state", detail)),
        _ => EngineStep.Reset(With("the engine refuses the forkchoice update", detail)),
    };

    /// <summary>engine_forkchoiceUpdated with attributes. <paramref name="hasPayloadId"/>: a job was started.</summary>
    public static EngineStep StartBuild(EngineVerdict verdict, bool hasPayloadId, int syncingInARow, string? detail) => verdict switch
    {
        EngineVerdict.Valid when hasPayloadId => EngineStep.Done,
        EngineVerdict.Valid => EngineStep.Retry(With("the engine started no building job", detail)),
        EngineVerdict.Syncing or EngineVerdict.Accepted => Syncing(syncingInARow, detail),
        EngineVerdict.Unreachable => EngineStep.Retry(With("the engine does not answer", detail)),
        EngineVerdict.Invalid => EngineStep.Invalid(With("the engine calls the attributes' transactions invalid", detail)),
        EngineVerdict.InvalidAttributes => EngineStep.Invalid(With("the engine refuses the payload attributes", detail)),
        EngineVerdict.InvalidForkchoiceState => EngineStep.Reset(With("the engine refuses the forkchoice state", detail)),
        _ => EngineStep.Reset(With("the engine refuses to build", detail)),
    };

    /// <summary>engine_getPayload.</summary>
    public static EngineStep GetPayload(EngineVerdict verdict, bool hasPayload, string? detail) => verdict switch
    {
        EngineVerdict.Valid when hasPayload => EngineStep.Done,
        EngineVerdict.Valid or EngineVerdict.Syncing or EngineVerdict.Accepted => EngineStep.Retry(With("the engine returned no payload", detail)),
        EngineVerdict.UnknownPayload => EngineStep.Retry(With("the engine no longer knows the building job", detail)),
        EngineVerdict.Unreachable => EngineStep.Retry(With("the engine does not answer", detail)),
        EngineVerdict.Invalid or EngineVerdict.InvalidAttributes => EngineStep.Invalid(With("the engine could not build from the attributes", detail)),
        _ => EngineStep.Reset(With("the engine refuses to hand out the payload", detail)),
    };

    /// <summary>engine_newPayload.</summary>
    public static EngineStep NewPayload(EngineVerdict verdict, int syncingInARow, string? detail) => verdict switch
    {
        EngineVerdict.Valid => EngineStep.Done,
        EngineVerdict.Invalid => EngineStep.Invalid(With("the engine calls the block invalid", detail)),
        EngineVerdict.Syncing or EngineVerdict.Accepted => Syncing(syncingInARow, detail),
        EngineVerdict.Unreachable => EngineStep.Retry(With("the engine does not answer", detail)),
        EngineVerdict.InvalidForkchoiceState => EngineStep.Reset(With("the engine refuses the forkchoice state", detail)),
        _ => EngineStep.Reset(With("the engine refuses the block without judging it", detail)),
    };

    private static EngineStep Syncing(int inARow, string? detail) => inARow < SyncingBeforeReset
        ? EngineStep.Retry(With("the engine is syncing", detail))
        : EngineStep.Reset(With("the engine keeps syncing: it seems to have lost blocks", detail));

    private static string With(string text, string? detail) => string.IsNullOrEmpty(detail) ? text : $"{text}: {detail}";
}
