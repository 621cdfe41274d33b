using Opal.Deployer.Abi;
using Opal.Deployer.Contracts;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Deployer.L1;

/// <summary>
/// Turns what shall exist into transactions. Nonces are given in order, so every address is known before anything is sent;
/// what the journal says is done, or what L1 has already, gives its address and no transaction.
/// </summary>
internal sealed class DeploymentPlanner(
    Address deployer, ContractBundle bundle, L1DeploymentOptions options, DeploymentJournal journal, IReadOnlySet<Address> existing, ulong nonce)
{
    // Gas of a creation: 21,000 + 32,000, calldata, 2 a word of init code, 200 a byte deployed; what a constructor does comes on top.
    private const ulong CreationBase = 53_000;
    private const ulong DepositPerByte = 200;

    private readonly List<DeploymentStep> _steps = [];
    private ulong _nonce = nonce;

    /// <summary>The contracts so far.</summary>
    public DeploymentAddresses Addresses { get; } = new();

    /// <summary>Hands over the transactions that were planned since the last time.</summary>
    public IReadOnlyList<DeploymentStep> TakeSteps()
    {
        DeploymentStep[] steps = [.. _steps];
        _steps.Clear();
        return steps;
    }

    /// <summary>A contract of its own for this deployment.</summary>
    public Address Create(string key, string contract, params AbiValue[] arguments) => Create(key, bundle[contract], bundle[contract].InitCodeWith(arguments), 120_000);

    /// <summary>An implementation, which deployments share where CREATE2 can be used.</summary>
    /// <param name="constructorGas">Gas for what the constructor does.</param>
    public Address Implementation(string key, string contract, ulong constructorGas, params AbiValue[] arguments)
    {
        ContractArtifact artifact = bundle[contract];
        byte[] initCode = artifact.InitCodeWith(arguments);
        if (!options.UseCreate2) return Create(key, artifact, initCode, constructorGas);

        Address address = Create2Address(initCode);
        Addresses[key] = address;
        byte[] data = [.. options.Salt.ToArray(), .. initCode];
        if (existing.Contains(address) || IsDone(key, DeterministicDeployer.Address, data)) return address;
        ulong gas = (CreationGas(artifact, initCode, constructorGas) * 64 / 63) + 20_000;
        Add(new DeploymentStep { Key = key, To = DeterministicDeployer.Address, Data = data, GasLimit = gas, Nonce = _nonce, Creates = address, Artifact = artifact });
        return address;
    }

    /// <summary>The CREATE2 address of init code under the deployment's salt.</summary>
    public Address Create2Address(ReadOnlySpan<byte> initCode) => ContractAddress.OfCreate2(DeterministicDeployer.Address, options.Salt.ToUInt256(), initCode);

    /// <summary>A call of a contract.</summary>
    /// <param name="artifact">The contract whose errors may come back.</param>
    public void Call(string key, in Address to, byte[] data, ulong gasLimit, ContractArtifact artifact)
    {
        if (!IsDone(key, to, data)) Add(new DeploymentStep { Key = key, To = to, Data = data, GasLimit = gasLimit, Nonce = _nonce, Artifact = artifact });
    }

    private Address Create(string key, ContractArtifact artifact, byte[] initCode, ulong constructorGas)
    {
        if (IsDone(key, null, initCode))
        {
            Address done = Address.Parse(journal.Find(key)!.Address);
            Addresses[key] = done;
            return done;
        }

        Address address = ContractAddress.OfCreate(deployer, _nonce);
        Addresses[key] = address;
        Add(new DeploymentStep
        {
            Key = key, Data = initCode, GasLimit = CreationGas(artifact, initCode, constructorGas), Nonce = _nonce, Creates = address, Artifact = artifact,
        });
        return address;
    }

    private void Add(DeploymentStep step)
    {
        _steps.Add(step);
        _nonce++;
    }

    private bool IsDone(string key, Address? to, byte[] data)
    {
        if (journal.Find(key) is not { Done: true } entry) return false;
        if (entry.Input == DeploymentStep.InputOf(to, data).ToString()) return true;
        throw new DeployerException(
            $"the step {key} was done before, but with other inputs: the deploy config was changed, or a contract that it refers to had to be created anew; "
            + "begin a new deployment in another output folder");
    }

    private static ulong CreationGas(ContractArtifact artifact, byte[] initCode, ulong constructorGas)
    {
        ulong calldata = 0;
        foreach (byte b in initCode) calldata += b == 0 ? 4UL : 16UL;
        ulong words = ((ulong)initCode.Length + 31) / 32;
        ulong sum = CreationBase + calldata + (2 * words) + (6 * words) + (DepositPerByte * (ulong)artifact.RuntimeCode.Length) + constructorGas;
        return sum + (sum / 20);
    }
}
