using Opal.Primitives;

namespace Opal.TxManager.Tests;

public sealed class RunwayTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly UInt256 Cost = Ether(0.0005);

    private DateTimeOffset _now = Start;

    private static UInt256 Ether(double ether) => new UInt256((ulong)(ether * 1e9)) * 1_000_000_000UL;

    /// <summary>Minutes of even spending, sampled each minute.</summary>
    private RunwayState Run(Runway runway, ref double balance, double minutes, double perHour, int everyMinutes = 1)
    {
        RunwayState state = runway.Balance(Ether(balance), _now, Cost);
        for (int minute = 1; minute <= minutes; minute++)
        {
            _now += TimeSpan.FromMinutes(1);
            if (minute % everyMinutes == 0) balance -= perHour * everyMinutes / 60;
            state = runway.Balance(Ether(balance), _now, Cost);
        }

        return state;
    }

    [Theory]
    [InlineData(15, 1), InlineData(90, 1), InlineData(90, 15), InlineData(1600, 1), InlineData(1600, 30)]
    public void Even_spending_gives_its_rate(int minutes, int every)
    {
        double balance = 10;
        RunwayState state = Run(new Runway(new RunwayOptions()), ref balance, minutes, perHour: 0.06, every);
        Assert.InRange(state.EtherPerHour!.Value, 0.06 * 0.95, 0.06 * 1.05);
        Assert.InRange(state.Hours!.Value, balance / 0.063, balance / 0.057);
        Assert.Equal(RunwayLevel.Ample, state.Level);
        Assert.InRange(state.WeekNeeds, (0.057 * 168) - balance, (0.063 * 168) - balance);
    }

    [Fact]
    public void Nothing_spent_is_no_rate()
    {
        double balance = 1;
        RunwayState state = Run(new Runway(new RunwayOptions()), ref balance, 3000, perHour: 0);
        Assert.Equal((null, null, RunwayLevel.Ample, 0.0), (state.EtherPerHour, state.Hours, state.Level, state.WeekNeeds));
        Assert.False(state.IsEmpty);
    }

    [Fact]
    public void A_deposit_is_no_negative_spending()
    {
        var runway = new Runway(new RunwayOptions());
        double balance = 2;
        Run(runway, ref balance, 40, perHour: 0.6);
        balance += 5;
        RunwayState state = Run(runway, ref balance, 40, perHour: 0.6);
        Assert.InRange(state.EtherPerHour!.Value, 0.57, 0.63);
    }

    [Fact]
    public void Spending_that_a_deposit_hides_is_known_from_the_fees()
    {
        var runway = new Runway(new RunwayOptions());
        double balance = 2;
        RunwayState state = runway.Balance(Ether(balance), _now, Cost);
        for (int minute = 1; minute <= 60; minute++) // topped up each minute by what it spends
        {
            _now += TimeSpan.FromMinutes(1);
            runway.Spent(Ether(0.01), _now);
            state = runway.Balance(Ether(balance), _now, Cost);
        }

        Assert.InRange(state.EtherPerHour!.Value, 0.59, 0.61);
    }

    [Fact]
    public void A_rise_in_fees_counts_within_three_payments_also_when_they_are_rare()
    {
        var runway = new Runway(new RunwayOptions());
        double balance = 50;
        Run(runway, ref balance, 24 * 60, perHour: 0.02, everyMinutes: 30); // 0.01 each half hour
        RunwayState state = Run(runway, ref balance, 90, perHour: 2, everyMinutes: 30); // 100 times the price
        Assert.InRange(state.EtherPerHour!.Value, 1.8, 2.2);
    }

    [Fact]
    public void A_fall_in_fees_counts_when_the_day_is_over_and_not_before()
    {
        var runway = new Runway(new RunwayOptions());
        double balance = 100;
        Run(runway, ref balance, 12 * 60, perHour: 1);
        RunwayState state = Run(runway, ref balance, 6 * 60, perHour: 0.1);
        Assert.InRange(state.EtherPerHour!.Value, 0.09, 0.11); // the day is not watched yet: the last hour is all there is
        state = Run(runway, ref balance, 7 * 60, perHour: 0.1);
        Assert.InRange(state.EtherPerHour!.Value, 0.4, 0.6); // the mean of the day
        state = Run(runway, ref balance, 24 * 60, perHour: 0.1);
        Assert.InRange(state.EtherPerHour!.Value, 0.09, 0.11);
    }

    [Fact]
    public void Fees_from_before_a_restart_give_a_rate_at_once()
    {
        var runway = new Runway(new RunwayOptions());
        for (int i = 12; i >= 1; i--) runway.Spent(Ether(0.05), Start - TimeSpan.FromMinutes(5 * i));
        RunwayState state = runway.Balance(Ether(3), Start, Cost);
        Assert.InRange(state.EtherPerHour!.Value, 0.59, 0.66);
        Assert.Equal(RunwayLevel.Critical, state.Level);
        Assert.Equal(Ether(0.05), state.TransactionCost);
    }

    [Fact]
    public void A_backlog_that_is_posted_at_the_start_is_no_alarm()
    {
        var runway = new Runway(new RunwayOptions());
        double balance = 1;
        Assert.Equal(RunwayLevel.Ample, Run(runway, ref balance, 5, perHour: 3).Level);
        Assert.Equal(RunwayLevel.Ample, Run(runway, ref balance, 4, perHour: 0).Level);
        Assert.NotEqual(RunwayLevel.Ample, Run(runway, ref balance, 1, perHour: 0).Level); // after ten minutes it counts
    }

    [Fact]
    public void Alarms_rise_at_once_and_fall_only_well_above_their_limit()
    {
        var runway = new Runway(new RunwayOptions());
        double balance = 19.5;
        Assert.Equal(RunwayLevel.Ample, Run(runway, ref balance, 24 * 60, perHour: 0.4).Level); // 9.9 left: 24.75 hours
        Assert.Equal(RunwayLevel.Low, Run(runway, ref balance, 60, perHour: 0.4).Level);
        balance = 0.4 * 26;
        Assert.Equal(RunwayLevel.Low, Level(runway, balance)); // a little above the limit
        Assert.Equal(RunwayLevel.Ample, Level(runway, 0.4 * 30));
    }

    /// <summary>The level a minute later. The balance must not be less than before: a fall would count as spending.</summary>
    private RunwayLevel Level(Runway runway, double balance)
    {
        _now += TimeSpan.FromMinutes(1);
        return runway.Balance(Ether(balance), _now, Cost).Level;
    }

    [Fact]
    public void A_critical_alarm_stays_until_a_fifth_above_its_limit()
    {
        var runway = new Runway(new RunwayOptions());
        for (int i = 60; i >= 1; i--) runway.Spent(Ether(0.1), Start - TimeSpan.FromMinutes(i)); // 6 an hour
        Assert.Equal(RunwayLevel.Critical, runway.Balance(Ether(35), _now, Cost).Level);
        Assert.Equal(RunwayLevel.Critical, Level(runway, 6 * 7.0));
        Assert.Equal(RunwayLevel.Low, Level(runway, 6 * 7.5));
        Assert.Equal(RunwayLevel.Low, Level(runway, 6 * 27));
        Assert.Equal(RunwayLevel.Ample, Level(runway, 6 * 29.5));
    }

    [Fact]
    public void Less_than_one_transaction_is_empty()
    {
        var runway = new Runway(new RunwayOptions());
        Assert.True(runway.Balance(UInt256.Zero, _now, UInt256.Zero).IsEmpty);
        Assert.True(runway.Balance(Ether(0.0004), _now, Cost).IsEmpty);
        Assert.False(runway.Balance(Ether(0.0006), _now, Cost).IsEmpty);
        runway.Spent(Ether(0.002), _now);
        Assert.True(runway.Balance(Ether(0.0006), _now, Cost).IsEmpty); // ours cost more than the cheapest
    }

    /// <summary>Random days of spending and deposits: the rate is never below a third of the truth nor, with even payments, above three times it.</summary>
    [Fact]
    public void The_rate_stays_near_the_truth_whatever_deposits_do()
    {
        var random = new Random(8);
        for (int round = 0; round < 30; round++)
        {
            var runway = new Runway(new RunwayOptions());
            double perHour = 0.01 + random.NextDouble(), balance = 100;
            int every = random.Next(1, 20);
            _now = Start;
            RunwayState state = runway.Balance(Ether(balance), _now, Cost);
            for (int minute = 1; minute <= 30 * 60; minute++)
            {
                _now += TimeSpan.FromMinutes(1);
                if (minute % every == 0) balance -= perHour * every / 60;
                if (random.Next(200) == 0) balance += 3 * random.NextDouble();
                state = runway.Balance(Ether(balance), _now, Cost);
                if (minute > 60) Assert.InRange(state.EtherPerHour!.Value, perHour / 3, perHour * 3);
                Assert.True(state.WeekNeeds >= 0 && state.Hours is null or > 0);
            }
        }
    }

    [Theory]
    [InlineData(1.0, "1 ETH"), InlineData(0.1234567, "0.123457 ETH"), InlineData(0.00001234, "0.0000123 ETH"), InlineData(1e300, "10000000000 ETH"), InlineData(0, "0 ETH")]
    public void Ether_is_written_shortly(double ether, string text) => Assert.Equal(text, EtherAmount.Text(ether));

    [Theory]
    [InlineData(1.01, "1.1 ETH"), InlineData(0.0613, "0.062 ETH"), InlineData(123, "130 ETH"), InlineData(2, "2 ETH"), InlineData(0.3, "0.3 ETH")]
    public void What_to_send_is_rounded_up(double ether, string text) => Assert.Equal(text, EtherAmount.RoundedUp(ether));

    [Fact]
    public void Large_amounts_of_wei_are_read_whole() => Assert.Equal(36.893488147419103, EtherAmount.Of(new UInt256(0, 2, 0, 0)), 9);
}
