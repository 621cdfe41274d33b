namespace Opal.Primitives.Tests;

public class KeccakFourTests
{
    [Fact]
    public void Four_at_once_equal_four_in_turn()
    {
        var random = new Random(1);
        var digests = new byte[128];
        for (int round = 0; round < 2000; round++)
        {
            int blocks = random.Next(1, 6);
            var messages = new byte[4][];
            for (int i = 0; i < 4; i++)
            {
                int offset = random.Next(6) switch { 0 => 0, 1 => Keccak256.Rate - 1, _ => random.Next(Keccak256.Rate) };
                messages[i] = new byte[((blocks - 1) * Keccak256.Rate) + offset];
                random.NextBytes(messages[i]);
            }

            Keccak256.HashFour(messages[0], messages[1], messages[2], messages[3], digests);
            for (int i = 0; i < 4; i++) Assert.Equal(Keccak256.Hash(messages[i]), new Hash256(digests.AsSpan(i * 32, 32)));
        }
    }

    [Fact]
    public void Unequal_block_counts_are_a_bug_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => Keccak256.HashFour(new byte[135], new byte[136], [], [], new byte[128]));
}
