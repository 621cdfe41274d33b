using Microsoft.Extensions.Logging;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>An account, its L1 and a clock; what the manager logs is kept.</summary>
internal sealed class TxWorld : IDisposable, ILogger
{
    public static readonly Address To = Address.FromNumber(0xff00);
    public static readonly TimeSpan Hours = TimeSpan.FromHours(3);

    private int _second;

    public TxWorld(int endpoints = 1) => L1 = new FakeL1(endpoints);

    public FakeL1 L1 { get; }

    public ManualClock Clock { get; } = new();

    public LocalSigner Signer { get; } = new(Mnemonic.PrivateKey(Mnemonic.Development, 0));

    public List<(LogLevel Level, string Text)> Log { get; } = [];

    public void Dispose() => Signer.Dispose();

    public TransactionManager Manager(TxManagerOptions? options = null, ISigner? signer = null) =>
        new(L1.Clients, signer ?? Signer, options ?? new TxManagerOptions { ConfirmationBlocks = 3 }, Clock, this, "test");

    public static TxCandidate Call(byte marker = 1) => new(To, new byte[] { marker }, GasLimit: 100_000);

    public static TxCandidate Blob(byte marker = 1)
    {
        var blob = new byte[Kzg.BlobSize];
        blob[1] = marker;
        return new TxCandidate(To, ReadOnlyMemory<byte>.Empty, GasLimit: 21_000, Blobs: [blob]);
    }

    /// <summary>A block every 12 s.</summary>
    public void Tick()
    {
        if (++_second % 12 == 0) L1.Mine();
    }

    /// <summary>A block without transactions every 12 s.</summary>
    public void TickEmpty()
    {
        if (++_second % 12 == 0) L1.Mine(empty: true);
    }

    public async Task AdvanceAsync(int seconds, Action? eachSecond = null)
    {
        for (int i = 0; i < seconds; i++)
        {
            eachSecond?.Invoke();
            await Clock.AdvanceAsync(TimeSpan.FromSeconds(1));
        }
    }

    public Task<T> DoneAsync<T>(Task<T> sending) => Clock.RunAsync(sending, Hours, Tick);

    public async Task<TxManagerException> FailsAsync(Task<TxReceiptInfo> sending) => await Assert.ThrowsAsync<TxManagerException>(() => DoneAsync(sending));

    /// <summary>Waits, in real time, for work that leaves the test's thread (KZG proofs).</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        for (int i = 0; i < 2000 && !holds(); i++) await Task.Delay(5);
        Assert.True(holds());
    }

    public Transaction Stranger(ulong nonce, ulong gwei = 40) => Signer.SignAsync(new Transaction
    {
        Type = TransactionType.DynamicFee, ChainId = FakeL1.ChainId, Nonce = nonce, MaxFeePerGas = gwei * 1_000_000_000, MaxPriorityFeePerGas = 3_000_000_000, GasLimit = 21_000, To = Address.FromNumber(0xbad),
    }, default).AsTask().GetAwaiter().GetResult();

    public bool HasLogged(string text) => Log.Exists(entry => entry.Text.Contains(text, StringComparison.Ordinal));

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (Log) Log.Add((logLevel, formatter(state, exception)));
    }
}

/// <summary>Keeps what it is told, and checks that it is told first and once.</summary>
internal sealed class Journal(FakeL1 l1) : ITxRecorder
{
    public List<TxVersion> Versions { get; } = [];

    /// <summary>While true, nothing can be written.</summary>
    public bool IsFull { get; set; }

    public ValueTask PublishingAsync(TxVersion version, CancellationToken cancellation)
    {
        if (IsFull) throw new IOException("no space left on device");
        Assert.DoesNotContain(l1.Offered, offered => offered.Transaction.Hash == version.Hash);
        Assert.DoesNotContain(Versions, known => known.Hash == version.Hash);
        Versions.Add(version);
        return ValueTask.CompletedTask;
    }

    /// <summary>What a later run resumes: the versions of the last nonce.</summary>
    public TxResume Resume() => new(Versions[^1].Nonce, [.. Versions.Where(v => v.Nonce == Versions[^1].Nonce)]);
}
