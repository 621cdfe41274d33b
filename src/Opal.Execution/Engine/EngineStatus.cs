using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Makes the payload statuses.</summary>
internal static class EngineStatus
{
    public static PayloadStatus Syncing { get; } = new(PayloadVerdict.Syncing);

    public static PayloadStatus Accepted { get; } = new(PayloadVerdict.Accepted);

    public static PayloadStatus Valid(in Hash256 hash) => new(PayloadVerdict.Valid, hash);

    public static PayloadStatus Invalid(Hash256? latestValid, string why) => new(PayloadVerdict.Invalid, latestValid, why);
}
