namespace Opal.Differential.Tests;

/// <summary>Cases of real code with a few instructions flipped, inserted, removed, repeated or spliced from another contract.</summary>
internal static class MutatedCases
{
    public static FuzzProgram Make(CaseWorld world, string name)
    {
        FuzzRandom random = world.Random;
        byte[] data = [];
        for (int i = 0, count = random.Between(1, 3); i < count; i++)
        {
            Corpus.Entry entry = Corpus.Codes[random.Next(random.Chance(40) ? Math.Min(Corpus.Codes.Count, 120) : Corpus.Codes.Count)];
            if (i == 0) data = [.. entry.Data]; // a copy: the corpus is everybody's
            world.PutContract(world.Contracts[i], Mutate(random, Retarget(world, entry.Code)));
        }

        if (data.Length == 0 || random.Chance(10)) data = random.Bytes(random.Next(100));
        else if (random.Chance(30)) data[random.Next(data.Length)] ^= (byte)(1 << random.Next(8));
        return random.Chance(6) ? world.Finish(name, world.NewTransaction(null, Mutate(random, Corpus.Codes[random.Next(Corpus.Codes.Count)].Code))) : world.Finish(name, world.NewTransaction(world.Contracts[0], [.. data]));
    }

    /// <summary>Makes pushes of addresses name accounts of this case, so that calls find something.</summary>
    private static byte[] Retarget(CaseWorld world, byte[] code)
    {
        byte[] result = [.. code];
        for (int at = 0; at < result.Length; at += result[at] is >= 0x60 and <= 0x7f ? result[at] - 0x5e : 1)
        {
            if (result[at] == 0x73 && at + 21 <= result.Length && world.Random.Chance(60)) world.AnyAddress().CopyTo(result.AsSpan(at + 1, 20));
        }

        return result;
    }

    private static byte[] Mutate(FuzzRandom random, byte[] code)
    {
        List<byte> bytes = [.. code];
        for (int mutations = random.Next(6); mutations > 0 && bytes.Count > 1; mutations--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.Insert(at, random.Pick<byte>(0x80, 0x90, 0x5f, 0x5a, 0x50, 0x58, 0x59, 0x3d, 0x5b, (byte)random.Next(256)));
                    break;
                case 4: // an operand becomes interesting
                    if (bytes[at] is < 0x60 or > 0x7f) break;
                    byte fill = random.Pick<byte>(0x00, 0xff, 0x80, 0x20);
                    for (int i = at + 1; i < Math.Min(bytes.Count, at + bytes[at] - 0x5e); i++) bytes[i] = fill;
                    break;
                case 5: // a piece again
                    int length = Math.Min(random.Between(1, 40), bytes.Count - at);
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                default: // a piece of another contract
                    byte[] other = Corpus.Codes[random.Next(Corpus.Codes.Count)].Code;
                    int from = random.Next(other.Length);
                    bytes.InsertRange(at, other[from..Math.Min(other.Length, from + random.Between(1, 60))]);
                    break;
            }
        }

        byte[] result = [.. bytes];
        return result.Length > 1 && result[0] == 0xef && result[1] == 0x01 ? [0xfe] : result; // no delegation by accident, nor what anvil takes for a broken one
    }
}
