using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Opal.Protocol;
using Opal.State;

namespace Opal.Execution;

public sealed partial class Blockchain
{
    /// <summary>The newest blocks are not given to the state store to persist: an unsafe chain is often replaced at its tip.</summary>
    private const ulong UnsettledBlocks = 2;

    /// <summary>Blocks between two notes of progress while states are made again.</summary>
    private const ulong ProgressInterval = 1000;

    /// <summary>Blocks between two offers to the state store to write them, while states are made again.</summary>
    private const ulong FlushInterval = 64;

    private readonly List<BlockState> _unpersisted = []; // canonical, ascending, without gaps, up to the head

    /// <summary>Tells the state store how the canonical chain goes on.</summary>
    private void TellStates(List<ExecutedBlock> removed, List<ExecutedBlock> added)
    {
        if (_states.Persisted is not { } persisted) return;
        if (removed.Count > 0) _unpersisted.RemoveAll(state => state.Number >= removed[^1].Number);
        foreach (ExecutedBlock block in added) _unpersisted.Add(block.State);
        ForgetPersisted(persisted);
        if (Head.Number < UnsettledBlocks) return;
        Advance(Head.Number - UnsettledBlocks);
    }

    /// <summary>Where the state on disk is on a branch that was left, the store takes it back when it is told the new one.</summary>
    private void ForgetPersisted(in BlockState persisted)
    {
        (ulong number, Primitives.Hash256 hash) = (persisted.Number, persisted.Hash);
        if (_blocks.TryGetCanonicalHash(number, out Primitives.Hash256 canonical) && canonical == hash) _unpersisted.RemoveAll(state => state.Number <= number);
    }

    private void Advance(ulong settled)
    {
        BlockState[] told = [.. _unpersisted.TakeWhile(state => state.Number <= settled)];
        if (told.Length == 0) return;
        _blocks.Sync(); // a state on disk must not be newer than the journal
        _states.Advance(told);
    }

    /// <summary>Makes the states of a branch available: takes the persisted state back when the head moves back behind it, and executes blocks again whose states are gone.</summary>
    private bool TryBringStateTo(ExecutedBlock ancestor, List<ExecutedBlock> added)
    {
        if (added.Count == 0 && _states.Persisted is { } persisted && persisted.Number > ancestor.Number)
        {
            if (!_states.TryRewind(ancestor.State)) return false;
            _logger.LogInformation("The state on disk was taken back from block {From} to {To} {Hash}", persisted.Number, ancestor.Number, ancestor.Hash);
        }

        if (!_blocks.IsDurable) return true;
        for (int i = 0; i < added.Count; i++)
        {
            if (_states.Open(added[i].State) is not null) continue;
            if (TryExecuteAgain(i == 0 ? ancestor : added[i - 1], added[i]) is { } problem)
            {
                _logger.LogError("Block {Number} {Hash} cannot be executed again: {Problem}", added[i].Number, added[i].Hash, problem);
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes the state after a block of the journal. Null when it went well, else what is wrong.</summary>
    private string? TryExecuteAgain(ExecutedBlock parent, ExecutedBlock block)
    {
        if (OpenState(parent) is not { } state) return $"the state of its parent {parent.Number} is not there";
        if (block.Header.ParentHash != parent.Hash || block.Number != parent.Number + 1) return $"it is not a child of block {parent.Number} {parent.Hash}";
        ExecutionResult result = Execute(parent, block.Block, state);
        if (!result.IsValid) return Describe(result);
        _states.Commit(parent.State, result.Diff, block.State);
        return null;
    }

    /// <summary>After a start: brings the state on disk and the chain of the journal together, and makes the states of the newest blocks again.</summary>
    private void Recover()
    {
        long began = Stopwatch.GetTimestamp();
        ChainHeads found = _heads;
        BlockState persisted = _states.Persisted ?? Genesis.State;
        ExecutedBlock from = Anchor(persisted);
        ExecutedBlock good = from;
        ulong executed = 0;
        for (ulong number = from.Number + 1; number <= _heads.Head.Number; number++)
        {
            ExecutedBlock? block = FindCanonical(number);
            string? problem = block is null ? "it is not in the journal" : _states.Open(block.State) is null ? TryExecuteAgain(good, block) : null;
            if (problem is not null)
            {
                _logger.LogError("Block {Number} of the journal cannot be made again: {Problem}", number, problem);
                break;
            }

            good = block!;
            _unpersisted.Add(good.State);
            if (++executed % FlushInterval == 0 && _states.Persisted is { } written)
            {
                ForgetPersisted(written);
                Advance(number);
            }

            if (executed % ProgressInterval == 0) _logger.LogInformation("Made the states of {Count} blocks again, {Left} to go", executed, _heads.Head.Number - number);
        }

        if (good.Number < _heads.Head.Number) RollBackTo(good);
        if (Head.Equals(Genesis) && found.Head.Equals(Genesis)) return;
        _logger.LogInformation(
            "Recovered the chain at block {Number} {Hash} (safe {Safe}, finalized {Finalized}): state on disk at block {Persisted}, {Executed} blocks executed again, {Milliseconds:0} ms",
            Head.Number, Head.Hash, _heads.Safe?.Number, _heads.Finalized?.Number, persisted.Number, executed, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>The canonical block after which the state on disk stands, once it is brought there.</summary>
    private ExecutedBlock Anchor(in BlockState persisted)
    {
        if (_blocks.TryGetCanonicalHash(persisted.Number, out Primitives.Hash256 hash) && hash == persisted.Hash) return FindCanonical(persisted.Number)!;
        if (Find(persisted.Hash) is { } block)
        {
            List<ExecutedBlock> removed = [], added = [];
            if (FindFork(Head, block, removed, added) is { } ancestor)
            {
                if (removed.Count == 0)
                {
                    // the state was written for a head whose fork choice was lost with the power
                    _logger.LogWarning("The state on disk is ahead of the last fork choice kept: the head becomes block {Number} {Hash} instead of {Old}", block.Number, block.Hash, Head.Number);
                    var moved = new ChainHeads(block, _heads.Safe, _heads.Finalized);
                    _blocks.MoveHead(moved, removed, added);
                    _heads = moved;
                    return block;
                }

                if (_states.TryRewind(ancestor.State))
                {
                    _logger.LogInformation("The state on disk was taken back from block {From} to {To}, where its branch left the chain", persisted.Number, ancestor.Number);
                    return ancestor;
                }
            }
        }

        // the journal does not know the block: the newest one that history leads back to
        ulong lowest = Math.Max(Genesis.Number, _states.OldestState);
        for (ulong number = Math.Min(Head.Number, persisted.Number); ; number--)
        {
            if (FindCanonical(number) is { } candidate && _states.TryRewind(candidate.State))
            {
                _logger.LogWarning("The state on disk was at block {From} {Hash}, which the journal does not know; it was taken back to block {To}", persisted.Number, persisted.Hash, number);
                return candidate;
            }

            if (number <= lowest) break;
        }

        throw new ChainDatabaseException(
            $"the state on disk is at block {persisted.Number} {persisted.Hash}, which is not in the chain of the journal (head {Head.Number} {Head.Hash}), and history does not lead back to that chain; restore the data directory from a backup, or remove it with `opal geth removedb` and sync again");
    }

    private void RollBackTo(ExecutedBlock good)
    {
        ChainHeads old = _heads;
        List<ExecutedBlock> removed = [];
        for (ExecutedBlock block = old.Head; !block.Equals(good); block = Find(block.Header.ParentHash)!) removed.Add(block);
        ExecutedBlock? Clamp(ExecutedBlock? head) => head is not null && head.Number > good.Number ? good : head;
        var moved = new ChainHeads(good, Clamp(old.Safe), Clamp(old.Finalized));
        _blocks.MoveHead(moved, removed, []);
        _heads = moved;
        _logger.LogError("The head was rolled back from block {Old} to {New} {Hash}, the last one whose state is good", old.Head.Number, good.Number, good.Hash);
        if (old.Safe is { } safe && safe.Number > good.Number)
        {
            _logger.LogCritical(
                "Block {Safe} {Hash} was safe and is above the new head {New}: the rollup node has to derive it again; if that fails too, remove the data directory and sync again",
                safe.Number, safe.Hash, good.Number);
        }
    }

    /// <summary>Hands everything to the state store and the tables.</summary>
    private void Close()
    {
        if (!_blocks.IsDurable) return;
        _blocks.Sync();
        if (_states.Persisted is { } persisted)
        {
            ForgetPersisted(persisted);
            Advance(Head.Number);
            _states.Flush();
        }

        _blocks.Checkpoint();
    }
}
