using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Conformance.Tests.Rpc;

/// <summary>Executes the mined blocks of the rpc-compat chain, Homestead to London, which the client itself refuses. The caller compares the roots.</summary>
internal sealed class OldBlocks(ICrypto crypto, StateDiff genesis)
{
    private readonly OldState _state = new(genesis);

    public BuiltBlock Execute(Block block)
    {
        var forks = new OldForks(block.Number);
        var receipts = new List<Receipt>();
        ulong gasUsed = 0;
        foreach (Transaction transaction in block.Transactions)
        {
            Receipt receipt = Execute(transaction, block.Header, forks, gasUsed);
            gasUsed = receipt.CumulativeGasUsed;
            receipts.Add(receipt);
        }

        Assert.Equal(block.Header.GasUsed, gasUsed);
        _state.Add(block.Header.Beneficiary, forks.Reward + (forks.Reward / 32 * (ulong)block.Ommers.Length));
        foreach (BlockHeader ommer in block.Ommers) _state.Add(ommer.Beneficiary, (ommer.Number + 8 - block.Number) * (forks.Reward / 8));
        return new BuiltBlock { Block = block, Receipts = [.. receipts], Diff = _state.TakeDiff() };
    }

    private Receipt Execute(Transaction transaction, BlockHeader header, OldForks forks, ulong gasBefore)
    {
        Assert.True(transaction.TryGetSender(crypto, out Address sender));
        UInt256 baseFee = header.BaseFeePerGas ?? UInt256.Zero;
        UInt256 price = forks.HasBaseFee ? transaction.EffectiveGasPrice(baseFee) : transaction.MaxFeePerGas;
        ulong nonce = _state.NonceOf(sender);
        Assert.Equal(nonce, transaction.Nonce);
        _state.SetNonce(sender, nonce + 1);
        Address to = transaction.To ?? ContractAddress.OfCreate(sender, nonce);
        _state.Take(sender, transaction.Value);
        _state.Add(to, transaction.Value);

        HashSet<(Address, UInt256)> warm = [.. transaction.AccessList.SelectMany(static a => a.StorageKeys, static (a, key) => (a.Address, key.ToUInt256()))];
        byte[] data = transaction.Data.ToArray();
        bool creates = transaction.To is null;
        if (creates && forks.NewContractsHaveNonce) _state.SetNonce(to, 1);
        var machine = new OldMachine(_state, forks, to, creates ? data : _state.CodeOf(to), creates ? [] : data, warm, header.Number);
        bool succeeded = machine.Run((long)transaction.GasLimit - Intrinsic(transaction, forks));
        if (creates && succeeded) Deploy(machine, to, forks);

        ulong used = transaction.GasLimit - (ulong)machine.Gas;
        _state.Take(sender, price * used);
        _state.Add(header.Beneficiary, (price - (forks.HasBaseFee ? baseFee : UInt256.Zero)) * used);
        return new Receipt
        {
            Type = transaction.Type,
            Succeeded = succeeded,
            CumulativeGasUsed = gasBefore + used,
            GasUsed = used,
            Logs = succeeded ? [.. machine.Logs] : [],
            ContractAddress = creates ? to : null,
            EffectiveGasPrice = price,
        };
    }

    private void Deploy(OldMachine machine, Address to, OldForks forks)
    {
        byte[] code = machine.Output;
        if (code is [0xef, ..] && forks.ReservesEf) throw new NotSupportedException("reserved code in a mined block");
        machine.Charge(200L * code.Length);
        _state.SetCode(to, code);
    }

    private static long Intrinsic(Transaction transaction, OldForks forks)
    {
        long gas = transaction.To is null ? 53_000 : 21_000;
        foreach (byte value in transaction.Data.Span) gas += value == 0 ? 4 : forks.CalldataByte;
        foreach (AccessListItem item in transaction.AccessList) gas += 2_400 + (1_900 * item.StorageKeys.Length);
        return gas;
    }
}
