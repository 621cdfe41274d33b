using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Reads the signer of unsafe blocks from L1's SystemConfig: by a proof against L1's head, unless L1 is trusted.</summary>
public static class UnsafeBlockSignerReader
{
    /// <summary>keccak256("systemconfig.unsafeblocksigner"), without the subtraction of one that the contract's other slots have.</summary>
    private static readonly UInt256 s_slot = Keccak256.Hash("systemconfig.unsafeblocksigner"u8).ToUInt256();

    /// <summary>Asks one endpoint after the other.</summary>
    /// <param name="l1">The endpoints.</param>
    /// <param name="trusted">Whether they are believed without proof.</param>
    /// <param name="config">The rollup.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">None gave a usable answer.</exception>
    public static async Task<Address> ReadAsync(IReadOnlyList<EthClient> l1, bool trusted, RollupConfig config, CancellationToken cancellation)
    {
        string problem = "no L1 endpoint is given";
        foreach (EthClient client in l1)
        {
            try
            {
                return ToAddress(trusted ? await client.GetStorageAsync(config.L1SystemConfigAddress, s_slot, BlockParameter.Latest, cancellation) : await ProvenAsync(client, config, cancellation));
            }
            catch (Exception error) when (error is RpcCallException or RpcTransportException or SourceException)
            {
                problem = error.Message;
            }
        }

        throw new SourceException($"the signer of unsafe blocks cannot be read from L1: {problem}");
    }

    private static async Task<UInt256> ProvenAsync(EthClient client, RollupConfig config, CancellationToken cancellation)
    {
        BlockHeader head = await client.FindHeaderAsync(BlockParameter.Latest, cancellation) ?? throw new SourceException($"{client.Rpc.Endpoint} has no head");
        EthProof proof = await client.GetProofAsync(config.L1SystemConfigAddress, [s_slot], BlockParameter.At(head.Hash), cancellation);
        if (proof.Address != config.L1SystemConfigAddress || proof.StorageProof.Count != 1 || proof.StorageProof[0].Slot != s_slot) throw new SourceException($"{client.Rpc.Endpoint} proved something else than was asked for");
        return proof.TryVerify(head.StateRoot, out string fault) ? proof.StorageProof[0].Value : throw new SourceException($"{client.Rpc.Endpoint}: {fault}");
    }

    private static Address ToAddress(UInt256 word) => new(word.ToBigEndianArray().AsSpan(12));
}
