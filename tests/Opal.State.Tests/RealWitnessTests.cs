using System.Buffers.Binary;
using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.State.Tests;

public class RealWitnessTests
{
    /// <summary>The witness of a real block holds the L1 attributes contract (every block calls it) and its code; proofs from it verify.</summary>
    [VectorFact]
    public void Witnesses_of_real_blocks_open_and_prove()
    {
        int blocks = 0;
        foreach (string path in Directory.EnumerateFiles(Vectors.PathOf("real-blocks"), "*.preimages.bin.gz", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(Vectors.Root!, path);
            byte[] all = Vectors.Read(relative);
            var bag = new PreimageBag();
            for (int at = 0; at < all.Length;)
            {
                int length = BinaryPrimitives.ReadInt32LittleEndian(all.AsSpan(at + 32));
                Assert.Equal(new Hash256(all.AsSpan(at, 32)), bag.Add(all.AsMemory(at + 36, length)));
                at += 36 + length;
            }

            JsonElement block = JsonDocument.Parse(Vectors.Read(relative.Replace(".preimages.bin.gz", ".json.gz", StringComparison.Ordinal))).RootElement;
            var root = Hash256.Parse(block.GetProperty("parentHeader").GetProperty("stateRoot").GetString());
            var state = new WitnessState(root, bag);
            Address attributes = Address.Parse("0x4200000000000000000000000000000000000015");
            Assert.True(state.TryGetAccount(attributes, out Account account));
            Assert.False(state.GetCode(account.CodeHash).IsEmpty);
            Assert.True(state.HasStorage(attributes));
            state.GetStorage(attributes, 0UL, out UInt256 numberAndTime);
            Assert.False(numberAndTime.IsZero);
            AccountProof proof = state.GetProof(attributes, [0UL]);
            Assert.True(proof.Verify(root));
            Assert.Equal(numberAndTime, proof.Storage[0].Value);
            blocks++;
        }

        Assert.Equal(13, blocks);
    }
}
