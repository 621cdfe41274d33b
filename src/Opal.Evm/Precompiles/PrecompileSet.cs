using Opal.Primitives;

namespace Opal.Evm;

/// <summary>The precompiles of a fork by address; immutable. Those of a fork live at addresses up to 0x…0100.</summary>
public sealed class PrecompileSet
{
    private const int Highest = 0x100;

    private readonly Precompile?[] _byNumber;
    private readonly Dictionary<Address, Precompile>? _elsewhere;   // only where a simulated call moved some

    private readonly PrecompileSet _unmoved;

    private PrecompileSet(Precompile?[] byNumber, Dictionary<Address, Precompile>? elsewhere = null, PrecompileSet? unmoved = null)
    {
        _byNumber = byNumber;
        _elsewhere = elsewhere;
        _unmoved = unmoved ?? this;
    }

    /// <summary>No precompiles.</summary>
    public static PrecompileSet Empty { get; } = new(new Precompile?[Highest + 1]);

    /// <summary>The precompile at <paramref name="address"/>, or null.</summary>
    public Precompile? Find(in Address address) =>
        address.TryGetSmall(out uint number) && number <= Highest ? _byNumber[number]
        : _elsewhere is not null && _elsewhere.TryGetValue(address, out Precompile? moved) ? moved : null;

    /// <summary>Whether there is a precompile at <paramref name="address"/>.</summary>
    public bool Contains(in Address address) => Find(address) is not null;

    /// <summary>Whether the address is warm from the start (EIP-2929): by the fork's own set, also where a simulated call moved some.</summary>
    public bool IsWarm(in Address address) => _unmoved.Contains(address);

    /// <summary>The addresses, ascending.</summary>
    public List<Address> Addresses()
    {
        var addresses = new List<Address>();
        for (uint i = 0; i <= Highest; i++)
        {
            if (_byNumber[i] is not null) addresses.Add(Address.FromNumber(i));
        }

        return addresses;
    }

    /// <summary>The same set with <paramref name="precompile"/> at any address, for simulated calls that move one; null takes it away.</summary>
    public PrecompileSet With(in Address address, Precompile? precompile)
    {
        if (address.TryGetSmall(out uint number) && number <= Highest)
        {
            var copy = (Precompile?[])_byNumber.Clone();
            copy[number] = precompile;
            return new PrecompileSet(copy, _elsewhere, _unmoved);
        }

        Dictionary<Address, Precompile> elsewhere = _elsewhere is null ? [] : new Dictionary<Address, Precompile>(_elsewhere);
        if (precompile is null) elsewhere.Remove(address);
        else elsewhere[address] = precompile;
        return new PrecompileSet(_byNumber, elsewhere, _unmoved);
    }

    /// <summary>The same set with <paramref name="precompile"/> at the address 0x…<paramref name="number"/>.</summary>
    public PrecompileSet With(int number, Precompile precompile)
    {
        var copy = (Precompile?[])_byNumber.Clone();
        copy[number] = precompile;
        return new PrecompileSet(copy);
    }
}
