using Opal.Evm;
using Opal.Primitives;

namespace Opal.State.Tests;

public class WitnessStateTests
{
    [Fact]
    public void A_witness_reads_and_computes_as_the_whole_state_does()
    {
        int whole = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var store = new MemoryStateStore();
            var model = new ModelState();
            Hash256 root = Hash256.EmptyTrie;
            for (int block = 0; block < 6; block++)
            {
                (StateDiff diff, ModelState next) = model.RandomBlock(random);
                Hash256 after = next.Root();
                store.Commit(root, diff, after, (ulong)block);
                (model, root) = (next, after);
            }

            IStateView view = store.Open(root)!;
            var witness = new WitnessState(root, model.Witness(view));
            model.AssertSame(witness, random);
            Assert.Equal(root, witness.StateRoot);

            for (int block = 0; block < 3; block++)
            {
                (StateDiff diff, ModelState next) = model.RandomBlock(random);
                Assert.Equal(next.Root(), witness.ComputeRoots(diff, null).StateRoot); // all keys are proven, so every sibling is there
                witness = witness.Apply(diff);
                next.AssertSame(witness, random);
                model = next;
                whole++;
            }
        }

        Assert.Equal(180, whole);
    }

    [Fact]
    public void What_the_witness_lacks_is_an_error_with_a_name()
    {
        var store = new MemoryStateStore();
        (StateDiff diff, ModelState model) = new ModelState().RandomBlock(new Random(3));
        store.Commit(Hash256.EmptyTrie, diff, model.Root(), 0);
        var witness = new WitnessState(model.Root(), new PreimageBag());
        Assert.Contains("missing", Assert.Throws<MissingStateException>(() => witness.TryGetAccount(ModelState.AddressOf(1), out _)).Message, StringComparison.Ordinal);
        Assert.Throws<MissingStateException>(() => witness.GetCode(Keccak256.Hash([1])));
    }
}
