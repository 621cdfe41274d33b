using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Finds the block, or the state, that a request names.</summary>
/// <param name="chain">The chain.</param>
/// <param name="pending">What <c>pending</c> means; null means the latest block: a block being built belongs to the one who asked for it.</param>
public sealed class BlockSelector(Blockchain chain, PendingBlock? pending = null)
{
    /// <summary>The named block, or null when there is none.</summary>
    /// <exception cref="RpcException">The safe or finalized head was never set, or the hash is not canonical though it must be.</exception>
    public ExecutedBlock? Find(BlockParameter parameter)
    {
        ChainHeads heads = chain.Heads;
        switch (parameter.Kind)
        {
            case BlockParameterKind.Latest:
                return heads.Head;
            case BlockParameterKind.Pending:
                return pending?.Get() ?? heads.Head;
            case BlockParameterKind.Safe:
                return heads.Safe ?? throw RpcException.Refused("safe block not found");
            case BlockParameterKind.Finalized:
                return heads.Finalized ?? throw RpcException.Refused("finalized block not found");
            case BlockParameterKind.Earliest:
                return chain.Genesis;
            case BlockParameterKind.Number:
                return chain.FindCanonical(parameter.Number);
            default:
                ExecutedBlock? block = chain.Find(parameter.Hash);
                if (block is not null && parameter.RequireCanonical && !chain.IsCanonical(block)) throw RpcException.Refused("hash is not currently canonical");
                return block;
        }
    }

    /// <summary>The named block.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public ExecutedBlock Get(BlockParameter parameter) => Find(parameter) ??
        throw RpcException.Refused(parameter.Kind == BlockParameterKind.Hash ? "header for hash not found" : "header not found");

    /// <summary>The state after the named block.</summary>
    /// <exception cref="RpcException">There is no such block, or its state is not kept any more.</exception>
    public ChainState GetState(BlockParameter parameter) =>
        pending is not null && parameter.Kind == BlockParameterKind.Pending ? pending.GetState() : GetState(Get(parameter));

    /// <summary>Whether <c>pending</c> is a block of its own, which is none of the chain's.</summary>
    internal bool IsPendingBlock(BlockParameter parameter, ExecutedBlock block) =>
        pending is not null && parameter.Kind == BlockParameterKind.Pending && block != chain.Head && !chain.IsCanonical(block);

    /// <summary>The state after a block.</summary>
    /// <exception cref="RpcException">It is not kept any more.</exception>
    public ChainState GetState(ExecutedBlock block) => GetState(chain, block);

    internal static ChainState GetState(Blockchain chain, ExecutedBlock block) => chain.OpenState(block) ?? throw RpcException.Refused(
        $"historical state of block {block.Number} is not available: this node keeps the states of blocks {chain.OldestState} to {chain.Head.Number}");

    internal ExecutedBlock ParentOf(ExecutedBlock block) => chain.Find(block.Header.ParentHash) ??
        throw RpcException.Refused(block.Number == chain.Genesis.Number ? "genesis is not traceable" : $"parent {block.Header.ParentHash} not found");

    /// <summary>The number a range bound names; later than the head when the bound does.</summary>
    public ulong NumberOf(BlockParameter parameter) => parameter.Kind switch
    {
        BlockParameterKind.Number => parameter.Number,
        BlockParameterKind.Pending => chain.Head.Number, // ranges are of the chain's blocks
        _ => Get(parameter).Number,
    };
}
