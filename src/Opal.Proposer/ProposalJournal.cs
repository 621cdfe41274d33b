using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Storage;
using Opal.TxManager;

namespace Opal.Proposer;

/// <summary>The proposal on its way, on disk before L1 sees it. One at a time.</summary>
/// <param name="path">The file; null keeps it in memory.</param>
/// <param name="sender">The account.</param>
internal sealed class ProposalJournal(string? path, Address sender) : ITxRecorder
{
    private const int CurrentVersion = 1;

    private Proposal? _sending;
    private bool _wasRead;

    /// <summary>What is on its way; null when nothing is.</summary>
    public PendingProposal? Pending { get; private set; }

    /// <summary>Reads what an earlier run left; once.</summary>
    /// <exception cref="IOException">The file cannot be read, or is none of this kind.</exception>
    public void ReadOnce()
    {
        if (_wasRead) return;
        if (path is not null) InFolder(() => Pending = File.Exists(path) ? Parse(File.ReadAllBytes(path)) : null);
        _wasRead = true;
    }

    /// <summary>The versions told of from now on are this proposal's.</summary>
    public void Begin(Proposal proposal) => _sending = proposal;

    /// <inheritdoc/>
    public ValueTask PublishingAsync(TxVersion version, CancellationToken cancellation)
    {
        Proposal proposal = _sending ?? throw new InvalidOperationException("a version of no proposal");
        TxVersion[] earlier = Pending is { } pending && pending.Versions[^1].Nonce == version.Nonce ? [.. pending.Versions] : [];
        var next = new PendingProposal(sender, proposal, [.. earlier.Where(known => known.Hash != version.Hash), version]);
        if (path is not null) InFolder(() => DurableFile.Write(path, Encode(next)));
        Pending = next;
        return ValueTask.CompletedTask;
    }

    /// <summary>Its end is known.</summary>
    /// <exception cref="IOException">The file cannot be removed.</exception>
    public void Clear()
    {
        Pending = null;
        if (path is not null) InFolder(() => File.Delete(path));
    }

    private void InFolder(Action act)
    {
        try
        {
            act();
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"the journal {path} cannot be kept: {error.Message}", error);
        }
    }

    private static byte[] Encode(PendingProposal pending)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", CurrentVersion);
            json.WriteAddress("sender"u8, pending.Sender);
            json.WriteAddress("to"u8, pending.Proposal.To);
            json.WriteData("data"u8, pending.Proposal.Data);
            json.WriteQuantity("value"u8, pending.Proposal.Value);
            json.WriteNumber("l2Block", pending.Proposal.L2Block);
            json.WriteHash("outputRoot"u8, pending.Proposal.OutputRoot);
            json.WriteStartArray("versions");
            foreach (TxVersion version in pending.Versions)
            {
                json.WriteStartObject();
                json.WriteNumber("nonce", version.Nonce);
                json.WriteHash("hash"u8, version.Hash);
                json.WriteQuantity("tip"u8, version.Fees.Tip);
                json.WriteQuantity("feeCap"u8, version.Fees.FeeCap);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private PendingProposal Parse(byte[] content)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            var value = new JsonValue(document.RootElement, Path.GetFileName(path)!);
            if (value["version"].AsNumber() != CurrentVersion) throw value.Fault($"expected version {CurrentVersion}");
            TxVersion[] versions = value["versions"].AsArray(static v => new TxVersion(v["nonce"].AsNumber(), v["hash"].AsHash(), new TxFees(v["tip"].AsUInt256(), v["feeCap"].AsUInt256(), UInt256.Zero)));
            if (versions.Length == 0) throw value.Fault("expected a version of the transaction");
            var proposal = new Proposal(value["to"].AsAddress(), value["data"].AsData(), value["value"].AsUInt256(), value["l2Block"].AsNumber(), value["outputRoot"].AsHash());
            return new PendingProposal(value["sender"].AsAddress(), proposal, versions);
        }
        catch (Exception error) when (error is JsonException or JsonFormatException)
        {
            throw new IOException($"{path} does not name the proposal on its way ({error.Message}); remove it, and the proposer decides by what is on L1", error);
        }
    }
}
