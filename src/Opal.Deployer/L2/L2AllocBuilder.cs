using System.Text;
using Opal.Deployer.Abi;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Primitives;

namespace Opal.Deployer.L2;

/// <summary>The L1 contracts that L2 contracts must know.</summary>
/// <param name="L1CrossDomainMessengerProxy">Counterpart of the L2 messenger.</param>
/// <param name="L1StandardBridgeProxy">Counterpart of the L2 bridge.</param>
/// <param name="L1ERC721BridgeProxy">Counterpart of the L2 NFT bridge.</param>
public readonly record struct L1BridgeAddresses(Address L1CrossDomainMessengerProxy, Address L1StandardBridgeProxy, Address L1ERC721BridgeProxy);

/// <summary>Puts together the state of L2 block 0: precompile dust, 2048 predeploy proxies, implementations, preinstalls.</summary>
/// <remarks>Byte for byte what the official genesis script makes, but for the fork flags, which are set for active forks only.</remarks>
internal sealed class L2AllocBuilder : IDisposable
{
    /// <summary>The account that the official script creates contracts from; it shows in the EIP-712 caches of two of them.</summary>
    private static readonly Address Creator = Address.Parse("0xaE0bDc4eEAC5E950B67C6819B118761CaAF61946");

    /// <summary>Sends the beacon roots contract's creation where no genesis has it; its nonce says that it did.</summary>
    private static readonly Address BeaconBlockRootsSender = Address.Parse("0x0B799C86a49DEeb90402691F1041aa3AF2d3C875");

    private static readonly UInt256 DeadAddress = new(0xdead);
    private static readonly UInt256 MessengerInitialized = UInt256.One << 160;

    private readonly DeployConfig _config;
    private readonly L1BridgeAddresses _l1;
    private readonly ContractBundle _bundle;
    private readonly InitCodeRunner _runner;
    private readonly Dictionary<Address, GenesisAccountBuilder> _accounts = [];

    public L2AllocBuilder(DeployConfig config, L1BridgeAddresses l1, ContractBundle bundle, ICrypto crypto)
    {
        _config = config;
        _l1 = l1;
        _bundle = bundle;
        _runner = new InitCodeRunner(crypto, config.L2ChainId);
    }

    public void Dispose() => _runner.Dispose();

    /// <summary>The accounts of the genesis state.</summary>
    public Dictionary<Address, GenesisAccountBuilder> Build()
    {
        for (uint i = 0; i < 256; i++) At(Address.FromNumber(i)).Balance = UInt256.One;
        Proxies();
        PlainPredeploys();
        InitialisedPredeploys();
        ConstructedPredeploys();
        Preinstalls();
        GasPriceOracleFlags();
        if (_config.FundDevAccounts) FundDevAccounts();
        return _accounts;
    }

    public GenesisAccountBuilder At(in Address address)
    {
        if (!_accounts.TryGetValue(address, out GenesisAccountBuilder? account)) _accounts.Add(address, account = new GenesisAccountBuilder());
        return account;
    }

    /// <summary>Gives a predeploy's proxy its implementation, with this code.</summary>
    public GenesisAccountBuilder Implement(in Address predeploy, ReadOnlyMemory<byte> code)
    {
        Address implementation = L2Contracts.ImplementationOf(predeploy);
        At(predeploy).Set(L2Contracts.ImplementationSlot, implementation.ToUInt256());
        GenesisAccountBuilder account = At(implementation);
        account.Code = code;
        return account;
    }

    /// <summary>Runs init code on this chain, for what is not in the bundle.</summary>
    public ReadOnlyMemory<byte> Run(string what, in Address creator, ReadOnlyMemory<byte> initCode) => _runner.Run(what, creator, 0, initCode);

    private void Proxies()
    {
        ReadOnlyMemory<byte> proxy = _bundle["Proxy"].RuntimeCode;
        UInt256 admin = L2Contracts.ProxyAdmin.ToUInt256();
        for (int i = 0; i < L2Contracts.Count; i++)
        {
            Address address = L2Contracts.At(i);
            if (address == L2Contracts.Weth || address == L2Contracts.GovernanceToken) continue;
            GenesisAccountBuilder account = At(address);
            account.Code = proxy;
            account.Set(L2Contracts.AdminSlot, admin);
        }
    }

    private void PlainPredeploys()
    {
        foreach ((int number, string name) in new[]
        {
            (0x00, "LegacyMessagePasser"), (0x02, "DeployerWhitelist"), (0x0f, "GasPriceOracle"), (0x13, "L1BlockNumber"), (0x15, "L1Block"),
            (0x16, "L2ToL1MessagePasser"), (0x20, "SchemaRegistry"),
        })
        {
            Implement(L2Contracts.At(number), _bundle[name].RuntimeCode);
        }

        At(L2Contracts.Weth).Code = _bundle["WETH"].RuntimeCode;
    }

    /// <summary>Contracts whose initializer ran: on the proxy with the chain's addresses, on the implementation with zeros.</summary>
    private void InitialisedPredeploys()
    {
        UInt256 messenger = L2Contracts.L2CrossDomainMessenger.ToUInt256();

        Implement(L2Contracts.L2CrossDomainMessenger, _bundle["L2CrossDomainMessenger"].RuntimeCode).Set(0UL, MessengerInitialized).Set(0xccUL, DeadAddress);
        At(L2Contracts.L2CrossDomainMessenger).Set(0UL, MessengerInitialized).Set(0xccUL, DeadAddress).Set(0xcfUL, _l1.L1CrossDomainMessengerProxy.ToUInt256());

        Implement(L2Contracts.L2StandardBridge, _bundle["L2StandardBridge"].RuntimeCode).Set(0UL, UInt256.One).Set(3UL, messenger);
        At(L2Contracts.L2StandardBridge).Set(0UL, UInt256.One).Set(3UL, messenger).Set(4UL, _l1.L1StandardBridgeProxy.ToUInt256());

        Implement(L2Contracts.OptimismMintableERC20Factory, _bundle["OptimismMintableERC20Factory"].RuntimeCode).Set(0UL, UInt256.One);
        At(L2Contracts.OptimismMintableERC20Factory).Set(0UL, UInt256.One).Set(1UL, L2Contracts.L2StandardBridge.ToUInt256());

        Implement(L2Contracts.L2ERC721Bridge, _bundle["L2ERC721Bridge"].RuntimeCode).Set(0UL, UInt256.One).Set(1UL, messenger);
        At(L2Contracts.L2ERC721Bridge).Set(0UL, UInt256.One).Set(1UL, messenger).Set(2UL, _l1.L1ERC721BridgeProxy.ToUInt256());

        Implement(L2Contracts.ProxyAdmin, _bundle["ProxyAdmin"].RuntimeCode).Set(0UL, _config.ProxyAdminOwner.ToUInt256());
        At(L2Contracts.ProxyAdmin).Set(0UL, _config.ProxyAdminOwner.ToUInt256());
    }

    /// <summary>Contracts with immutables, in the order of the creator's nonces.</summary>
    private void ConstructedPredeploys()
    {
        Vault(0x11, 0, "SequencerFeeVault", _config.SequencerFeeVault);
        Implement(L2Contracts.OptimismMintableERC721Factory,
            Construct("OptimismMintableERC721Factory", 1, L2Contracts.L2ERC721Bridge, new UInt256(_config.L1ChainId)));
        Vault(0x19, 2, "BaseFeeVault", _config.BaseFeeVault);
        Vault(0x1a, 3, "L1FeeVault", _config.L1FeeVault);
        Implement(L2Contracts.At(0x21), Construct("EAS", 4));
        if (_config.EnableGovernance) GovernanceToken();
    }

    private void Vault(int number, ulong nonce, string name, in FeeVaultConfig vault) =>
        Implement(L2Contracts.At(number), Construct(name, nonce, vault.Recipient, vault.MinimumWithdrawalAmount, (uint)vault.Network));

    private void GovernanceToken()
    {
        GenesisAccountBuilder token = At(L2Contracts.GovernanceToken);
        token.Code = Construct("GovernanceToken", 5);
        token.Set(3UL, ShortString("Optimism")).Set(4UL, ShortString("OP")).Set(0x0aUL, _config.GovernanceTokenOwner.ToUInt256());
    }

    private ReadOnlyMemory<byte> Construct(string name, ulong nonce, params AbiValue[] arguments) =>
        _runner.Run(name, Creator, nonce, _bundle[name].InitCodeWith(arguments));

    private void Preinstalls()
    {
        foreach (Preinstall preinstall in _bundle.Preinstalls)
        {
            GenesisAccountBuilder account = At(preinstall.Address);
            account.Nonce = 1;
            account.Code = preinstall.Name == "Permit2" ? Permit2.Code(preinstall, _config.L2ChainId) : preinstall.Code;
        }

        At(BeaconBlockRootsSender).Nonce = 1;
    }

    /// <summary>isEcotone and isFjord, for the forks that are active at genesis: a later one sets its flag by an upgrade transaction.</summary>
    private void GasPriceOracleFlags()
    {
        ulong flags = 0;
        if (_config.Forks.Ecotone == 0) flags |= 0x01;
        if (_config.Forks.Fjord == 0) flags |= 0x0100;
        At(L2Contracts.GasPriceOracle).Set(0UL, flags);
    }

    private void FundDevAccounts()
    {
        UInt256 tenThousandEther = new UInt256(10_000) * new UInt256(1_000_000_000_000_000_000);
        foreach (Address account in Keys.DevAccounts.Addresses) At(account).Balance += tenThousandEther;
    }

    /// <summary>Solidity's storage of a string below 32 bytes: the text on the left, twice the length in the last byte.</summary>
    private static UInt256 ShortString(string text)
    {
        var word = new byte[32];
        Encoding.ASCII.GetBytes(text, word);
        word[31] = (byte)(2 * text.Length);
        return UInt256.FromBigEndian(word);
    }
}
