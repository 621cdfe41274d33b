using Microsoft.Extensions.Logging;
using Opal.Deployer.Keys;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.TxManager;

namespace Opal.Devnet;

/// <summary>On an L1 that is not ours, pays the roles out of the last test account.</summary>
internal sealed class RoleFunding(EthClient l1, ulong l1ChainId, WithdrawalProofs proofs, TimeProvider time, ILoggerFactory loggers)
{
    private static readonly UInt256 Ether = 1_000_000_000_000_000_000UL;

    public async Task RunAsync(CancellationToken cancellation)
    {
        UInt256 wanted = new UInt256(100) * Ether, enough = new UInt256(50) * Ether;
        List<WalletKey> poor = [DevnetKeys.Roles.Admin, DevnetKeys.Roles.Batcher, DevnetKeys.Roles.Proposer];
        if (proofs == WithdrawalProofs.Games) poor.Add(DevnetKeys.Challenger);
        var lacking = new List<Address>();
        foreach (WalletKey key in poor)
        {
            if (await l1.GetBalanceAsync(key.Address, BlockParameter.Latest, cancellation) < enough) lacking.Add(key.Address);
        }

        if (lacking.Count == 0) return;
        UInt256 funds = await l1.GetBalanceAsync(DevnetKeys.Funder.Address, BlockParameter.Latest, cancellation);
        if (funds < wanted * (ulong)(lacking.Count + 1))
        {
            throw new DevnetException(
                $"the test account {DevnetKeys.Funder.Address.ToChecksumString()} has too little ether on the L1 (chain {l1ChainId}) to pay the rollup's roles; " +
                "use a development L1 that funds the ten accounts of the test mnemonic, such as anvil");
        }

        var manager = new TransactionManager(l1, new LocalSigner(DevnetKeys.Funder.PrivateKey.Span),
            new TxManagerOptions { ConfirmationBlocks = 1, ReceiptQueryInterval = TimeSpan.FromMilliseconds(250) }, time, loggers.CreateLogger("Opal.TxManager.Funding"));
        await Task.WhenAll(lacking.Select(address => manager.SendAsync(new TxCandidate(address, ReadOnlyMemory<byte>.Empty, wanted, 21_000), cancellation)));
    }
}
