using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>A channel with a batch of block 1, a faulty span of blocks 2 and 3, and a batch of block 2: what the fault costs its neighbours.</summary>
public sealed class SpanFaultScenarios
{
    private static readonly byte[] s_tooMany = RawSpan.Number(10_000_001);

    public enum Cost
    {
        /// <summary>It is no fault: blocks 2 and 3 are the span's.</summary>
        Nothing,

        /// <summary>The rest of the channel.</summary>
        Channel,

        /// <summary>The span alone.</summary>
        Span,

        /// <summary>The span alone before Holocene, then the rest of the channel too: a rule is against it.</summary>
        Rule,

        /// <summary>The engine refuses block 2: before Holocene the next batch for it is taken, then it has deposits only.</summary>
        Payload,
    }

    /// <summary>Faults by the row of the casebook that they belong to.</summary>
    public static TheoryData<string, Cost> Faults => new()
    {
        { "D-SD-01 padded with zero groups", Cost.Nothing },
        { "D-SD-01 tenth byte above 1", Cost.Channel },
        { "D-SD-01 eleven bytes", Cost.Channel },
        { "D-SD-01 cut", Cost.Channel },
        { "D-SD-02 no blocks", Cost.Channel },
        { "D-SD-02 too many blocks", Cost.Channel },
        { "D-SD-02 too many transactions in a block", Cost.Channel },
        { "D-SD-02 too many transactions in all", Cost.Channel },
        { "D-SD-02 sum beyond 64 bits", Cost.Channel },
        { "D-SD-03 origin bit beyond the blocks", Cost.Channel },
        { "D-SD-03 creation bit beyond the transactions", Cost.Channel },
        { "D-SD-04 data that is no list", Cost.Channel },
        { "D-SD-04 typed data that is no list", Cost.Channel },
        { "D-SD-04 list too long", Cost.Channel },
        { "D-SD-05 type 0x00", Cost.Span },
        { "D-SD-05 type 0x03", Cost.Span },
        { "D-SD-05 type 0x7d", Cost.Span },
        { "D-SD-05 type 0x7e", Cost.Span },
        { "D-SD-05 a field is missing", Cost.Span },
        { "D-SD-06 set-code creation", Cost.Span },
        { "D-SD-07 other parity", Cost.Payload },
        { "D-SD-08 other protection", Cost.Payload },
        { "D-SD-08 protected bit beyond the legacy transactions", Cost.Channel },
        { "D-SD-08 no protected bits", Cost.Channel },
        { "D-SD-09 a recipient too few", Cost.Channel },
        { "D-SD-10 last origin below the bits", Cost.Rule },
        { "D-SD-10 time beyond 64 bits", Cost.Span },
        { "D-SD-10 time near 2^64", Cost.Rule },
        { "D-SD-11 first origin bit set", Cost.Nothing },
    };

    private static void Spoil(RawSpan span, string fault)
    {
        byte[] twoOfData = span.Data;
        switch (fault)
        {
            case "D-SD-01 padded with zero groups": span.RelativeTime = [(byte)(span.RelativeTime[0] | 0x80), 0x80, 0x80, 0]; break;
            case "D-SD-01 tenth byte above 1": span.RelativeTime = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]; break;
            case "D-SD-01 eleven bytes": span.RelativeTime = [0x84, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]; break;
            case "D-SD-01 cut": span.GasLimits = span.GasLimits[..^2]; break; // the last number has no end
            case "D-SD-02 no blocks": span.BlockCount = [0]; break;
            case "D-SD-02 too many blocks": span.BlockCount = s_tooMany; break;
            case "D-SD-02 too many transactions in a block": span.TransactionCounts = [.. s_tooMany, 1]; break;
            case "D-SD-02 too many transactions in all": span.TransactionCounts = [.. RawSpan.Number(10_000_000), 1]; break;
            case "D-SD-02 sum beyond 64 bits": span.TransactionCounts = [.. RawSpan.Number(ulong.MaxValue), .. RawSpan.Number(ulong.MaxValue)]; break;
            case "D-SD-03 origin bit beyond the blocks": span.OriginBits = [0b100]; break;
            case "D-SD-03 creation bit beyond the transactions": span.Creations = [0b100]; break;
            case "D-SD-04 data that is no list": span.Data = [0x80, .. twoOfData]; break;
            case "D-SD-04 typed data that is no list": span.Data = [0x02, 0x80, .. twoOfData]; break;
            case "D-SD-04 list too long": span.Data = [0xfb, 0, 0x98, 0x96, 0x7d, .. new byte[9_999_997]]; break; // 5 and 9,999,997 bytes
            case "D-SD-05 type 0x00": span.Data = [0, .. twoOfData]; break;
            case "D-SD-05 type 0x03": span.Data = [3, .. twoOfData]; span.Protections = []; break;
            case "D-SD-05 type 0x7d": span.Data = [0x7d, .. twoOfData]; span.Protections = []; break;
            case "D-SD-05 type 0x7e": span.Data = [0x7e, .. twoOfData]; span.Protections = []; break;
            case "D-SD-05 a field is missing": span.Data = [0xc2, 1, 1, .. twoOfData[LegacyLength(span)..]]; break;
            case "D-SD-06 set-code creation":
                span.Data = [0x04, 0xc6, 0x01, 0x02, 0x03, 0x80, 0xc0, 0xc0, .. twoOfData[LegacyLength(span)..]];
                (span.Creations, span.Recipients, span.Protections) = ([1], span.Recipients[20..], []);
                break;
            case "D-SD-07 other parity": span.Parities = [(byte)(span.Parities[0] ^ 1)]; break;
            case "D-SD-08 other protection": span.Protections = [0]; break;
            case "D-SD-08 protected bit beyond the legacy transactions": span.Protections = [0b11]; break;
            case "D-SD-08 no protected bits": span.Protections = []; break;
            case "D-SD-09 a recipient too few": span.Recipients = span.Recipients[20..]; break;
            case "D-SD-10 last origin below the bits": span.OriginBits = [0b10]; break;
            case "D-SD-10 time beyond 64 bits": span.RelativeTime = RawSpan.Number(ulong.MaxValue); break;
            case "D-SD-10 time near 2^64": span.RelativeTime = RawSpan.Number(ulong.MaxValue - TestRollup.GenesisTime - 100); break;
            case "D-SD-11 first origin bit set": span.OriginBits = [1]; break;
            default: throw new ArgumentOutOfRangeException(nameof(fault));
        }
    }

    /// <summary>The first transaction's data is a short list.</summary>
    private static int LegacyLength(RawSpan span) => span.Data[0] - 0xc0 + 1;

    [Theory]
    [MemberData(nameof(Faults))]
    [Case("S-DE-14")]
    public async Task Each_fault_costs_what_its_row_says(string fault, Cost cost)
    {
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Delta, OptimismFork.Granite, OptimismFork.Holocene, OptimismFork.Karst])
        {
            await using ActorNet net = await ActorNet.StartAsync(fork);
            Transaction[] sent =
            [
                net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One),
                net.Bob.Sign(new Transaction { Type = TransactionType.Legacy, ChainId = TestRollup.L2ChainId, GasPrice = new UInt256(2_000_000_000), GasLimit = 21_000, To = net.Alice.Address }),
                net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One),
            ];
            foreach (Transaction transaction in sent)
            {
                await net.Sequencer.SendAsync(transaction);
                await net.Sequencer.BuildAsync();
            }

            List<SingularBatch> batches = [.. (await net.Sequencer.BlocksAsync(1, 3)).Select(BatchWriter.Batch)];
            RawSpan span = RawSpan.Of(net.Rollup.Config, batches[1..]);
            Assert.Equal(BatchWriter.SpanOf(net.Rollup.Config, batches[1..]), span.Encode());
            Spoil(span, fault);
            await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([batches[0].Encode(), span.Encode(), batches[1].Encode()])));
            bool strict = fork >= OptimismFork.Holocene;
            ulong safe = cost switch
            {
                Cost.Nothing => 3,
                Cost.Channel => 1,
                Cost.Rule => strict ? 1ul : 2ul,
                _ => 2,
            };
            string where = $"{fault} on {fork}";
            Assert.True(safe == net.Verifier.Safe.Number, $"{where}: {net.Verifier.Safe.Number} instead of {safe}");
            Assert.True(cost == Cost.Payload == (net.Verifier.Recorder.Invalid.Count == 1), where);
            bool replaced = cost == Cost.Payload && strict;
            Assert.True(replaced == ((await net.Sequencer.BlockAsync(safe)).Hash != net.Verifier.Safe.Hash), where);
            if (replaced) Assert.Single((await net.Verifier.BlockAsync(2)).Transactions);
        }
    }
}
