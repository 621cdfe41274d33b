using Opal.Primitives;

namespace Opal.Trie.Tests;

public class StateAccountTests
{
    [Fact]
    public void Round_trips()
    {
        var account = new StateAccount(7, UInt256.MaxValue, Hash256.EmptyTrie, Hash256.EmptyCode);
        Assert.True(StateAccount.TryDecode(account.Encode(), out StateAccount read));
        Assert.Equal(account.Encode(), read.Encode());
        Assert.Equal((7UL, UInt256.MaxValue), (read.Nonce, read.Balance));
    }

    [Fact]
    public void Rejects_what_is_not_an_account()
    {
        byte[] good = new StateAccount(0, 1, Hash256.EmptyTrie, Hash256.EmptyCode).Encode();
        Assert.False(StateAccount.TryDecode(good.AsSpan(1), out _));
        Assert.False(StateAccount.TryDecode(good.AsSpan(0, good.Length - 1), out _));
        Assert.False(StateAccount.TryDecode([0xc0], out _));
        Assert.False(StateAccount.TryDecode([], out _));
    }

    [Fact]
    public void A_slot_value_is_the_rlp_of_its_minimal_bytes()
    {
        Assert.Empty(TrieBatch.EncodeSlotValue(0));
        Assert.Equal([0x7f], TrieBatch.EncodeSlotValue(0x7f));
        Assert.Equal([0x81, 0x80], TrieBatch.EncodeSlotValue(0x80));
        Assert.Equal(33, TrieBatch.EncodeSlotValue(UInt256.MaxValue).Length);
    }
}
