using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Reliability.Tests;

/// <summary>Plays the rollup node under load: builds blocks, imports them, names heads, now and then leaves an unsafe branch; and remembers what the client acknowledged.</summary>
internal sealed class EngineDriver(int seed)
{
    private const int SafeDistance = 4, FinalizedDistance = 12;
    private readonly Random _random = new(seed);
    private readonly List<(ulong Number, ulong Time, Hash256 Hash)> _chain = [];
    private int _salt;

    /// <summary>The safe head of the last fork-choice update that was acknowledged.</summary>
    public (ulong Number, Hash256 Hash) AcknowledgedSafe { get; private set; }

    /// <summary>Blocks acknowledged as head so far, of all branches.</summary>
    public int Blocks { get; private set; }

    /// <summary>Takes up the chain where a client that was just started has it, and checks that it lost nothing that was safe.</summary>
    public async Task ResumeAsync(GethUnderTest client)
    {
        BlockHeader head = await HeaderAsync(client, BlockParameter.Latest);
        Assert.True(head.Number >= AcknowledgedSafe.Number, $"the head is {head.Number} after the restart, but {AcknowledgedSafe.Number} was acknowledged as safe");
        if (AcknowledgedSafe.Number > 0)
        {
            BlockHeader safe = await HeaderAsync(client, BlockParameter.At(AcknowledgedSafe.Number));
            Assert.Equal(AcknowledgedSafe.Hash, safe.Hash);
        }

        await CheckAsync(client, head);
        _chain.Clear();
        ulong from = head.Number > 64 ? head.Number - 64 : 0;
        for (ulong number = from; number <= head.Number; number++)
        {
            BlockHeader header = await HeaderAsync(client, BlockParameter.At(number));
            if (_chain.Count > 0) Assert.Equal(_chain[^1].Hash, header.ParentHash);
            _chain.Add((header.Number, header.Timestamp, header.Hash));
        }
    }

    /// <summary>State, receipts and proofs at the head and at older blocks.</summary>
    private async Task CheckAsync(GethUnderTest client, BlockHeader head)
    {
        ulong[] numbers = [head.Number, head.Number / 2, head.Number > 3 ? head.Number - 3 : 0, 0];
        foreach (ulong number in numbers.Distinct())
        {
            BlockHeader header = await HeaderAsync(client, BlockParameter.At(number));
            Address account = CrashRollup.Accounts[_random.Next(CrashRollup.Accounts.Length)];
            EthProof proof = await client.Eth.GetProofAsync(account, [], BlockParameter.At(number));
            Assert.True(proof.TryVerify(header.StateRoot, out string problem), $"block {number}: {problem}");
            Assert.Equal(await client.Eth.GetBalanceAsync(account, BlockParameter.At(number)), proof.Balance);
            Block block = await client.Eth.FindBlockAsync(BlockParameter.At(number)) ?? throw new InvalidOperationException($"block {number} is gone");
            if (block.Transactions.Length == 0) continue;
            TxReceiptInfo[] receipts = await client.Eth.GetReceiptsAsync(header, block.Transactions.Select(t => t.Hash).ToArray());
            Assert.Equal(block.Transactions.Length, receipts.Length);
            Assert.NotNull(await client.Eth.FindReceiptAsync(block.Transactions[^1].Hash));
        }
    }

    /// <summary>Builds and imports blocks until told to stop, or the client goes away.</summary>
    /// <returns>Whether the client went away.</returns>
    public async Task<bool> RunAsync(GethUnderTest client, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested) await StepAsync(client);
            return false;
        }
        catch (Exception error) when (error is RpcTransportException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>One block.</summary>
    public async Task StepAsync(GethUnderTest client)
    {
        int at = _chain.Count - 1;
        int safeAt = Math.Max(0, at - SafeDistance);
        if (_random.Next(25) == 0) at = _random.Next(safeAt, _chain.Count); // an unsafe reorg
        _chain.RemoveRange(at + 1, _chain.Count - at - 1);
        (ulong number, ulong time, Hash256 hash) = _chain[at];
        await SendAsync(client);
        ForkchoiceState state = Choice(hash);
        PayloadAttributes attributes = CrashRollup.AttributesOn(number, time, _salt++);
        ForkchoiceResult begun = await client.Engine.ForkchoiceUpdatedAsync(state, attributes);
        Acknowledge(state, begun);
        Assert.NotNull(begun.PayloadId);
        await Task.Delay(_random.Next(30));
        PayloadEnvelope built = await client.Engine.GetPayloadAsync(begun.PayloadId.Value, attributes.Timestamp);
        PayloadStatus status = await client.Engine.NewPayloadAsync(built.Payload, Hash256.Zero);
        Assert.True(status.Verdict == PayloadVerdict.Valid, $"the client refuses its own block {built.Payload.BlockNumber}: {status.ValidationError}");
        _chain.Add((built.Payload.BlockNumber, built.Payload.Timestamp, built.Payload.BlockHash));
        state = Choice(built.Payload.BlockHash);
        Acknowledge(state, await client.Engine.ForkchoiceUpdatedAsync(state));
        Blocks++;
    }

    private ForkchoiceState Choice(Hash256 head) =>
        new(head, _chain[Math.Max(0, _chain.Count - 1 - SafeDistance)].Hash, _chain[Math.Max(0, _chain.Count - 1 - FinalizedDistance)].Hash);

    private void Acknowledge(ForkchoiceState state, ForkchoiceResult result)
    {
        Assert.True(result.Status.Verdict == PayloadVerdict.Valid, $"the client answers {result.Status.Verdict} to a fork choice: {result.Status.ValidationError}");
        (ulong number, _, Hash256 hash) = _chain.First(block => block.Hash == state.Safe);
        AcknowledgedSafe = (number, hash);
    }

    private async Task SendAsync(GethUnderTest client)
    {
        int first = _random.Next(CrashRollup.Keys.Length);
        for (int i = 0; i < 12; i++)
        {
            int account = (first + (i * 7)) % CrashRollup.Keys.Length;
            ulong nonce = await client.Eth.GetTransactionCountAsync(CrashRollup.Accounts[account], BlockParameter.Pending);
            try
            {
                await client.Eth.SendRawTransactionAsync(CrashRollup.Spend(account, nonce, _random).Encoded);
            }
            catch (RpcCallException refused) when (refused.Message.Contains("nonce too low", StringComparison.Ordinal) || refused.Message.Contains("already known", StringComparison.Ordinal) || refused.Message.Contains("underpriced", StringComparison.Ordinal))
            {
                // after a reorg the pool may hold or lack what the count said
            }
        }
    }

    private static async Task<BlockHeader> HeaderAsync(GethUnderTest client, BlockParameter block) =>
        await client.Eth.FindHeaderAsync(block) ?? throw new InvalidOperationException($"the client has no block {block}");
}
