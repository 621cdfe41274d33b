using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>Makes a case smaller while it still differs: removes instructions from its codes and bytes from its data, the largest pieces first.</summary>
internal sealed class Shrinker(Func<FuzzProgram, Task<bool>> stillDiffers, int budget)
{
    private int _left = budget;

    /// <summary>The smallest case found within the budget of tries.</summary>
    public async Task<FuzzProgram> ShrinkAsync(FuzzProgram program)
    {
        foreach (Address address in program.Accounts.Select(a => a.Address).ToList())
        {
            Address at = address;
            program = await ReduceAsync(program, p => p.Accounts.First(a => a.Address == at).Code, (p, code) => p.WithCode(at, code)).ConfigureAwait(false);
        }

        return await ReduceAsync(program, p => p.Transaction.Data.ToArray(), (p, data) => p.WithData(data)).ConfigureAwait(false);
    }

    private async Task<FuzzProgram> ReduceAsync(FuzzProgram program, Func<FuzzProgram, byte[]> read, Func<FuzzProgram, byte[], FuzzProgram> write)
    {
        List<byte[]> pieces = Instructions(read(program));
        for (int size = pieces.Count; size >= 1 && pieces.Count > 0; size = size == 1 ? 0 : (size + 1) / 2)
        {
            for (int at = 0; at < pieces.Count && _left > 0;)
            {
                int count = Math.Min(size, pieces.Count - at);
                // without the piece; else with JUMPDESTs in its place, so that jumps keep their targets
                List<byte[]> without = [.. pieces[..at], .. pieces[(at + count)..]];
                List<byte[]> blank = [.. pieces[..at], .. pieces[at..(at + count)].Select(p => Enumerable.Repeat((byte)0x5b, p.Length).ToArray()), .. pieces[(at + count)..]];
                if (await TryAsync(write(program, Join(without))).ConfigureAwait(false))
                {
                    pieces = without;
                    program = write(program, Join(pieces));
                    continue;
                }

                bool isBlank = pieces[at..(at + count)].All(p => p.All(b => b == 0x5b));
                if (!isBlank && await TryAsync(write(program, Join(blank))).ConfigureAwait(false))
                {
                    pieces = [.. pieces[..at], .. blank[at..(at + count)].SelectMany(p => p).Select(b => new[] { b }), .. pieces[(at + count)..]];
                    program = write(program, Join(pieces));
                }

                at += count;
            }
        }

        return program;
    }

    private async Task<bool> TryAsync(FuzzProgram program)
    {
        if (_left <= 0) return false;
        _left--;
        return await stillDiffers(program).ConfigureAwait(false);
    }

    private static byte[] Join(List<byte[]> pieces) => [.. pieces.SelectMany(p => p)];

    private static List<byte[]> Instructions(byte[] code)
    {
        var pieces = new List<byte[]>();
        for (int at = 0; at < code.Length;)
        {
            int length = code[at] is >= 0x60 and <= 0x7f ? code[at] - 0x5e : 1;
            int end = Math.Min(at + length, code.Length);
            pieces.Add(code[at..end]);
            at = end;
        }

        return pieces;
    }
}
