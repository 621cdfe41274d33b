using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>Reads a contract on L1, at its head.</summary>
/// <param name="Address">The contract.</param>
/// <param name="L1">L1.</param>
internal readonly record struct ContractView(Address Address, EthClient L1)
{
    /// <summary>Nethermind's code for a call that reverts, with the text "VM execution error".</summary>
    private const int ExecutionError = -32015;

    /// <summary>Whether L1 says that a call reverts.</summary>
    public static bool IsRevert(RpcCallException error) =>
        error.Code is RpcErrorCode.ExecutionReverted or ExecutionError || error.Error.Message.Contains("revert", StringComparison.OrdinalIgnoreCase);

    /// <summary>The answer to a call; null when the contract has no such function, or reverts.</summary>
    /// <param name="call">Call data.</param>
    /// <param name="words">Words that an answer has at least.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<UInt256[]?> FindAsync(byte[] call, int words, CancellationToken cancellation)
    {
        byte[] answer;
        try
        {
            answer = await L1.CallAsync(Address, call, cancellation: cancellation);
        }
        catch (RpcCallException error) when (IsRevert(error))
        {
            return null;
        }

        if (answer.Length < 32 * words) return null;
        var read = new UInt256[answer.Length / 32];
        for (int i = 0; i < read.Length; i++) read[i] = UInt256.FromBigEndian(answer.AsSpan(32 * i, 32));
        return read;
    }

    /// <summary>The one word that a call answers; null when the contract has no such function, or reverts.</summary>
    public async Task<UInt256?> FindWordAsync(byte[] call, CancellationToken cancellation) => (await FindAsync(call, 1, cancellation))?[0];

    /// <summary>The one word that a getter answers; null when the contract has no such function, or reverts.</summary>
    public Task<UInt256?> FindWordAsync(string getter, CancellationToken cancellation) => FindWordAsync(CallData.Encode(getter), cancellation);
}
