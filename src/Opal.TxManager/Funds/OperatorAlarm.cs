namespace Opal.TxManager;

/// <summary>Something that needs a person and has not been put right yet.</summary>
/// <param name="Kind">What it is about, e.g. <c>runway</c>: there is one alarm of a kind at a time.</param>
/// <param name="Level">How soon to look.</param>
/// <param name="Text">What is wrong and what to do, as last heard.</param>
/// <param name="Since">When it was raised.</param>
public sealed record OperatorAlarm(string Kind, AlarmLevel Level, string Text, DateTimeOffset Since);
