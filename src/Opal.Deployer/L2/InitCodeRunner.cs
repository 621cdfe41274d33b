using Opal.Evm;
using Opal.Primitives;

namespace Opal.Deployer.L2;

/// <summary>Runs init code in our own EVM over an empty state and takes the code it deploys: how immutables get their values.</summary>
internal sealed class InitCodeRunner(ICrypto crypto, ulong chainId) : IDisposable
{
    private const long Gas = 1L << 30;

    private readonly EvmMachine _machine = new(crypto);

    /// <summary>The runtime code that <paramref name="initCode"/> deploys when <paramref name="creator"/> runs it with this nonce.</summary>
    /// <param name="what">The contract's name, for messages.</param>
    /// <exception cref="DeployerException">The init code fails: it is not for these constructor arguments.</exception>
    public ReadOnlyMemory<byte> Run(string what, in Address creator, ulong nonce, ReadOnlyMemory<byte> initCode)
    {
        var block = new BlockContext { ChainId = chainId, Number = 1, GasLimit = Gas, BaseFee = UInt256.One, BlobBaseFee = UInt256.One };
        _machine.StartBlock(EmptyState.Instance, EmptyState.Instance, block, EvmRules.Cancun);
        _machine.StartTransaction(new TransactionContext { Origin = creator, GasPrice = UInt256.One });
        CallResult result = _machine.Call(new CallMessage { Caller = creator, To = null, Input = initCode, Gas = Gas, CreationNonce = nonce });
        if (!result.IsSuccess)
        {
            string why = result.IsRevert ? Abi.RevertReason.Describe(result.Output.Span) : result.Halt.ToString();
            throw new DeployerException($"the constructor of {what} fails: {why}");
        }

        byte[] runtime = result.Output.ToArray();
        _machine.EndTransaction();
        return runtime;
    }

    public void Dispose() => _machine.Dispose();

    private sealed class EmptyState : IWorldState, IBlockHashes
    {
        public static EmptyState Instance { get; } = new();

        public bool TryGetAccount(in Address address, out Account account)
        {
            account = Account.Empty;
            return false;
        }

        public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => value = default;

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => default;

        public bool HasStorage(in Address address) => false;

        public Hash256 GetBlockHash(ulong number) => default;
    }
}
