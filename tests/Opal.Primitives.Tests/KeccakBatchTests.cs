namespace Opal.Primitives.Tests;

public class KeccakBatchTests
{
    [Fact]
    public void Digests_in_any_mix_of_lengths_equal_those_one_at_a_time()
    {
        var batch = new KeccakBatch();
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            int count = random.Next(1, 40);
            var messages = new byte[count][];
            var digests = new byte[count * 32];
            for (int i = 0; i < count; i++)
            {
                int edge = Keccak256.Rate * random.Next(4);
                messages[i] = new byte[random.Next(3) switch { 0 => random.Next(KeccakBatch.MaxLength + 1), 1 => edge, _ => edge + Keccak256.Rate - 1 }];
                random.NextBytes(messages[i]);
                messages[i].CopyTo(batch.Room(messages[i].Length));
                batch.Add(messages[i].Length, digests, i * 32);
                if (random.Next(10) == 0) batch.Flush(digests);
            }

            batch.Flush(digests);
            for (int i = 0; i < count; i++) Assert.Equal(Keccak256.Hash(messages[i]).ToArray(), digests.AsSpan(i * 32, 32).ToArray());
        }
    }

    [Fact]
    public void A_message_too_long_is_a_bug_of_the_caller() => Assert.ThrowsAny<Exception>(() => new KeccakBatch().Room(KeccakBatch.MaxLength + 1));
}
