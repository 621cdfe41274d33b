using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>An unsafe block with the message that its sequencer signed.</summary>
/// <param name="Message">As it is passed on.</param>
/// <param name="Block">The block in it, its hash checked.</param>
public sealed record SignedBlock(UnsafeBlockMessage Message, Block Block)
{
    /// <summary>Signs a block.</summary>
    public static SignedBlock Create(Block block, RollupConfig config, IPayloadSigner signer)
    {
        PayloadEnvelope envelope = PayloadEnvelopes.FromBlock(block, config);
        int version = PayloadSsz.VersionAt(config, new L2Time(block.Header.Timestamp));
        var message = new UnsafeBlockMessage(version, default, version >= 3 ? envelope.ParentBeaconBlockRoot ?? default : null, PayloadSsz.Encode(envelope.Payload, version));
        return new SignedBlock(message with { Signature = signer.Sign(message.Digest(config.L2ChainId)) }, block);
    }

    /// <summary>Reads a message of another node: the version that its time has, a block with the stated hash, no withdrawals, no blobs.</summary>
    /// <param name="message">The message.</param>
    /// <param name="config">The rollup.</param>
    /// <param name="signed">The block.</param>
    /// <param name="fault">What is wrong.</param>
    /// <remarks>Spec: protocol/rollup-node-p2p.md#block-validation; who signed it is the caller's question.</remarks>
    public static bool TryRead(UnsafeBlockMessage message, RollupConfig config, out SignedBlock? signed, out string fault)
    {
        signed = null;
        fault = "its block is not encoded as its version says";
        if (!PayloadSsz.TryDecode(message.Payload.Span, message.Version, out ExecutionPayload? payload)) return false;
        int version = PayloadSsz.VersionAt(config, new L2Time(payload!.Timestamp));
        fault = $"its block is in version {message.Version}, and the fork of its time has version {version}";
        if (version != message.Version) return false;
        fault = "an L2 block has no withdrawals and no blobs";
        if (payload.Withdrawals is { Count: > 0 } || (version == 3 && payload.BlobGasUsed != 0) || payload.ExcessBlobGas is not (null or 0)) return false;
        var envelope = new PayloadEnvelope { Payload = payload, ParentBeaconBlockRoot = message.ParentBeaconBlockRoot };
        bool good = envelope.TryGetBlock(config, out Block? block, out PayloadError error);
        fault = $"its block is invalid: {error}";
        if (good) signed = new SignedBlock(message, block!);
        return good;
    }
}
