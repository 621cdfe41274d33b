using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Collects the accounts and slots an execution touches: what an EIP-2930 access list would name.</summary>
/// <param name="excluded">Accounts that are warm anyway (sender, recipient, fee recipient): listed only with slots.</param>
/// <param name="precompiles">Warm too.</param>
internal sealed class AccessListTracer(IReadOnlySet<Address> excluded, PrecompileSet precompiles) : ITracer
{
    private const byte Balance = 0x31, ExtCodeSize = 0x3b, ExtCodeCopy = 0x3c, ExtCodeHash = 0x3f, SLoad = 0x54, SStore = 0x55, SelfDestruct = 0xff;
    private const byte Call = 0xf1, CallCode = 0xf2, DelegateCall = 0xf4, StaticCall = 0xfa;

    private readonly SortedDictionary<Address, SortedSet<Hash256>> _touched = [];

    /// <inheritdoc/>
    public bool WantsSteps => true;

    /// <inheritdoc/>
    public void EnterFrame(in FrameEntry frame) { }

    /// <inheritdoc/>
    public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output) { }

    /// <inheritdoc/>
    public void StepEnd(long gasCost, Halt? halt) { }

    /// <inheritdoc/>
    public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data) { }

    /// <inheritdoc/>
    public void Step(in TraceStep step)
    {
        ReadOnlySpan<UInt256> stack = step.Stack;
        switch (step.Op)
        {
            case SLoad or SStore when stack.Length >= 1:
                Slots(step.Self).Add(Hash256.FromUInt256(stack[^1]));
                break;
            case Balance or ExtCodeSize or ExtCodeCopy or ExtCodeHash or SelfDestruct when stack.Length >= 1:
                Touch(Address.FromUInt256(stack[^1]));
                break;
            case Call or CallCode or DelegateCall or StaticCall when stack.Length >= 5:
                Touch(Address.FromUInt256(stack[^2]));
                break;
        }
    }

    private SortedSet<Hash256> Slots(in Address address)
    {
        if (!_touched.TryGetValue(address, out SortedSet<Hash256>? slots)) _touched[address] = slots = [];
        return slots;
    }

    private void Touch(in Address address)
    {
        if (!excluded.Contains(address) && !precompiles.Contains(address)) Slots(address);
    }

    /// <summary>Starts from what a list names already.</summary>
    public void Include(IEnumerable<AccessListItem> items)
    {
        foreach (AccessListItem item in items)
        {
            if (excluded.Contains(item.Address) && item.StorageKeys.Length == 0) continue;
            Slots(item.Address).UnionWith(item.StorageKeys);
        }
    }

    /// <summary>The list, sorted by address and slot.</summary>
    public AccessListItem[] ToAccessList() => [.. _touched.Select(static t => new AccessListItem(t.Key, [.. t.Value]))];
}
