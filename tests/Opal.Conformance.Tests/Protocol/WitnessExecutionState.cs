using System.Buffers.Binary;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>A witness state with the hashes of ancestors whose headers are among the pre-images.</summary>
internal sealed class WitnessExecutionState(WitnessState state, Hash256 parentHash, PreimageBag preimages) : IExecutionState
{
    public static PreimageBag ReadBag(byte[] records)
    {
        var bag = new PreimageBag();
        int at = 0;
        while (at < records.Length)
        {
            int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(records.AsSpan(at + 32));
            bag.Add(records.AsMemory(at + 36, length));
            at += 36 + length;
        }

        return bag;
    }

    public bool TryGetAccount(in Address address, out Account account) => state.TryGetAccount(address, out account);

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => state.GetStorage(address, slot, out value);

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => state.GetCode(codeHash);

    public bool HasStorage(in Address address) => state.HasStorage(address);

    public Hash256 GetBlockHash(ulong number)
    {
        Hash256 hash = parentHash;
        while (preimages.TryRead(hash, out ReadOnlyMemory<byte> encoded) && BlockHeader.TryDecode(encoded.Span, out BlockHeader? header))
        {
            if (header!.Number == number) return hash;
            hash = header.ParentHash;
        }

        return Hash256.Zero;
    }

    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => state.ComputeRoots(diff, storageRootOf);
}
