using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

public class RemoteSignerTests
{
    private static readonly LocalSigner Local = new(Mnemonic.PrivateKey(Mnemonic.Development, 1));

    private static readonly Transaction Unsigned = new()
    {
        Type = TransactionType.DynamicFee, ChainId = 900, Nonce = 3, MaxFeePerGas = 20, MaxPriorityFeePerGas = 2, GasLimit = 21_000, To = Address.FromNumber(9), Value = 5, Data = new byte[] { 1, 2 },
    };

    /// <summary>A signer service that signs what it is asked for, or something else.</summary>
    private static RemoteSigner Service(ISigner key, Func<Transaction, Transaction>? change = null, byte[]? answer = null) => new(
        new InProcessRpcClient(new RpcRegistry().Register("eth_signTransaction", async (parameters, _, cancellation) =>
        {
            JsonValue asked = parameters[0];
            Assert.Equal(Local.Address, asked["from"].AsAddress());
            var transaction = new Transaction
            {
                Type = TransactionType.DynamicFee, ChainId = asked["chainId"].AsQuantity(), Nonce = asked["nonce"].AsQuantity(), MaxFeePerGas = asked["maxFeePerGas"].AsUInt256(),
                MaxPriorityFeePerGas = asked["maxPriorityFeePerGas"].AsUInt256(), GasLimit = asked["gas"].AsQuantity(), To = asked["to"].AsAddress(), Value = asked["value"].AsUInt256(),
                Data = asked["input"].AsData(),
            };
            return RpcResult.Data(answer ?? (await key.SignAsync(change?.Invoke(transaction) ?? transaction, cancellation)).Encoded);
        }), "signer"), Local.Address, NativeCrypto.Instance);

    [Fact]
    public async Task What_the_service_signs_is_used()
    {
        Transaction signed = await Service(Local).SignAsync(Unsigned, default);
        Assert.Equal(Unsigned.SigningHash(), signed.SigningHash());
        Assert.True(signed.TryGetSender(NativeCrypto.Instance, out Address sender));
        Assert.Equal(Local.Address, sender);
    }

    [Fact]
    public async Task Another_transaction_another_key_and_nonsense_are_refused()
    {
        Task Refused(RemoteSigner signer, string message) => Refuses(async () => await signer.SignAsync(Unsigned, default), message);
        await Refused(Service(Local, t => new Transaction { Type = t.Type, ChainId = t.ChainId, GasLimit = t.GasLimit, To = Address.FromNumber(666), Value = 1_000_000 }), "another transaction");
        await Refused(Service(new LocalSigner(Mnemonic.PrivateKey(Mnemonic.Development, 2))), "not signed by");
        await Refused(Service(Local, answer: [1, 2, 3]), "no transaction");
    }

    private static async Task Refuses(Func<Task> call, string message) => Assert.Contains(message, (await Assert.ThrowsAsync<RpcTransportException>(call)).Message);

    [Fact]
    public void A_bad_private_key_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new LocalSigner(new byte[32]));
        Assert.Throws<ArgumentException>(() => new LocalSigner(new byte[31]));
    }
}
