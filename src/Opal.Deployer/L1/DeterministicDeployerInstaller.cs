using Opal.Primitives;

namespace Opal.Deployer.L1;

/// <summary>Makes sure that the deterministic deployer exists: pays its signer, and sends the creation that was signed once for all chains.</summary>
internal sealed class DeterministicDeployerInstaller(IL1Sender sender, L1DeploymentOptions options, TimeProvider time)
{
    private const string Advice = "deploy with --no-create2, or have the contract put into the L1 genesis";

    public async Task InstallAsync(CancellationToken cancellation)
    {
        byte[] code = await sender.GetCodeAsync(DeterministicDeployer.Address, cancellation);
        if (code.AsSpan().SequenceEqual(DeterministicDeployer.Code.Span)) return;
        if (code.Length > 0) throw new DeployerException($"L1 has other code than the deterministic deployer's at {DeterministicDeployer.Address.ToChecksumString()}: {Advice}");

        options.Progress?.Invoke("creating the deterministic deployer (CREATE2)");
        UInt256 balance = await sender.GetBalanceAsync(DeterministicDeployer.Signer, cancellation);
        if (balance < DeterministicDeployer.Cost)
        {
            ulong nonce = await sender.GetNonceAsync(cancellation);
            var pay = new L1Transaction(nonce, DeterministicDeployer.Signer, default, DeterministicDeployer.Cost - balance, 21_000);
            IReadOnlyList<SignedL1Transaction> signed = await sender.SignAsync([pay], 0, cancellation);
            await SendAsync("paying its signer", signed, cancellation);
        }

        ReadOnlyMemory<byte> raw = DeterministicDeployer.CreationTransaction;
        await SendAsync("its creation", [new SignedL1Transaction(Keccak256.Hash(raw.Span), raw)], cancellation);
        if ((await sender.GetCodeAsync(DeterministicDeployer.Address, cancellation)).Length == 0)
        {
            throw new DeployerException($"the deterministic deployer could not be created on L1: {Advice}");
        }
    }

    private async Task SendAsync(string what, IReadOnlyList<SignedL1Transaction> transaction, CancellationToken cancellation)
    {
        long begun = time.GetTimestamp();
        try
        {
            await sender.BroadcastAsync(transaction, cancellation);
        }
        catch (DeployerException error)
        {
            throw new DeployerException($"the deterministic deployer cannot be created ({what}): {error.Message}; {Advice}", error);
        }

        while (await sender.GetReceiptAsync(transaction[0].Hash, cancellation) is null)
        {
            if (time.GetElapsedTime(begun) > options.GiveUpAfter)
            {
                throw new DeployerException(
                    $"the deterministic deployer cannot be created ({what}): L1 includes the transaction {transaction[0].Hash} not, its gas price of 100 gwei may be too low; {Advice}");
            }

            await Task.Delay(options.PollInterval, time, cancellation);
        }
    }
}
