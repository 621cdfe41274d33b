using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>What operators ask of the driver. Each command runs on the driver's loop, between two steps.</summary>
public sealed partial class Driver
{
    /// <summary>Whether blocks are being produced.</summary>
    public bool IsSequencing => _sequencer is { IsActive: true };

    /// <summary>
    /// Starts the sequencer on top of <paramref name="unsafeHead"/>. The answer is null, or why it was refused: no sequencer here, running already, or
    /// another unsafe head than the operator believes in (starting then could fork the chain).
    /// </summary>
    public Task<string?> StartSequencerAsync(Hash256 unsafeHead) => Command<string?>(answer =>
    {
        if (_sequencer is null) answer("sequencer is not enabled on this node");
        else if (_sequencer.IsActive) answer("sequencer already running");
        else if (!IsSettled) answer("the node is still finding its heads");
        else if (_heads.Unsafe.Hash != unsafeHead) answer($"block hash does not match: the unsafe head is {_heads.Unsafe.Hash}, received {unsafeHead}");
        else
        {
            if (Persist(true) is { } fault)
            {
                answer(fault);
                return true;
            }

            _sequencer.Start();
            _logger.LogInformation("sequencing starts on {Number} {Hash}", _heads.Unsafe.Number, unsafeHead);
            answer(null);
        }

        return true;
    });

    /// <summary>Stops the sequencer, after the insertion of a block already sealed. The answer is the unsafe head then, or why it was refused.</summary>
    public Task<(Hash256 Head, string? Refusal)> StopSequencerAsync() => Command<(Hash256, string?)>(answer =>
    {
        if (_sequencer is null or { IsActive: false })
        {
            answer((default, _sequencer is null ? "sequencer is not enabled on this node" : "sequencer not running"));
            return true;
        }

        if (_haltReason is null && !_sequencer.TryStop()) return false;
        if (_sequencer.IsActive) _sequencer.TryStop();
        _logger.LogInformation("sequencing stops at {Number} {Hash}", _heads.Unsafe.Number, _heads.Unsafe.Hash);
        answer((_heads.Unsafe.Hash, Persist(false) is { } fault ? $"sequencing has stopped at {_heads.Unsafe.Hash}, but a restart will not know of it: {fault}" : null));
        return true;
    });

    /// <summary>Remembers over restarts whether blocks are made. The answer is what went wrong, or null.</summary>
    private string? Persist(bool sequencing)
    {
        if (_options.AdminState is not { } file) return null;
        try
        {
            file.Write(sequencing);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{file.Path} cannot be written: {error.Message}";
        }
    }

    /// <summary>Whether the sequencer is in recover mode.</summary>
    public bool IsRecovering => _sequencer is { IsRecovering: true };

    /// <summary>Turns recover mode on or off. The answer is null, or why it was refused.</summary>
    public Task<string?> SetRecoverModeAsync(bool recover) => Command<string?>(answer =>
    {
        if (_sequencer is not null) _sequencer.RecoverMode = recover;
        answer(_sequencer is null ? "sequencer is not enabled on this node" : null);
        return true;
    });

    /// <summary>Throws away all derivation state and walks back.</summary>
    public Task ResetDerivationAsync() => Command<bool>(answer =>
    {
        RequestReset("asked for by the operator");
        _mustWalk = true; // nothing that is remembered is believed then
        _snapshots.Cut(0);
        answer(true);
        return true;
    });

    /// <summary>Adds an unsafe block. It is inserted as soon as it is the next one. False: known already.</summary>
    public Task<bool> PostUnsafePayloadAsync(PayloadEnvelope payload) => Command<bool>(answer =>
    {
        answer(_unsafePayloads.Add(payload));
        return true;
    });

    private Task<T> Command<T>(Func<Action<T>, bool> attempt)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands.Enqueue(() => attempt(result => completion.TrySetResult(result)));
        Wake();
        return completion.Task;
    }

    private void RunCommands()
    {
        for (int waiting = _commands.Count; waiting > 0 && _commands.TryDequeue(out Func<bool>? command); waiting--)
        {
            if (!command()) _commands.Enqueue(command);
        }
    }
}
