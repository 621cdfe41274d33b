using System.Text;
using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>The contract calls the proposer makes, as ABI-encoded call data.</summary>
internal static class CallData
{
    /// <summary>A call whose arguments are words.</summary>
    public static byte[] Encode(string signature, params ReadOnlySpan<UInt256> words)
    {
        var data = new byte[4 + (32 * words.Length)];
        Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).ToArray().AsSpan(0, 4).CopyTo(data);
        for (int i = 0; i < words.Length; i++) words[i].WriteBigEndian(data.AsSpan(4 + (32 * i)));
        return data;
    }

    public static byte[] ProposeOutput(in Hash256 outputRoot, ulong l2Block, in Hash256 l1Hash, ulong l1Block) =>
        Encode("proposeL2Output(bytes32,uint256,bytes32,uint256)", outputRoot.ToUInt256(), l2Block, l1Hash.ToUInt256(), l1Block);

    /// <summary>create(gameType, rootClaim, extraData) with the L2 block number as extra data.</summary>
    public static byte[] CreateGame(uint gameType, in Hash256 outputRoot, ulong l2Block) => OfGame("create(uint32,bytes32,bytes)", gameType, outputRoot, l2Block);

    /// <summary>games(gameType, rootClaim, extraData): the one game that there can be of these three.</summary>
    public static byte[] FindGame(uint gameType, in Hash256 outputRoot, ulong l2Block) => OfGame("games(uint32,bytes32,bytes)", gameType, outputRoot, l2Block);

    private static byte[] OfGame(string signature, uint gameType, in Hash256 outputRoot, ulong l2Block) =>
        Encode(signature, gameType, outputRoot.ToUInt256(), 0x60, 0x20, l2Block);
}
