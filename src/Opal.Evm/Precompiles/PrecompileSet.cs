using Opal.Primitives;

namespace Opal.Evm;

/// <summary>The precompiles of a fork by address; immutable. All live at addresses up to 0x…0100.</summary>
public sealed class PrecompileSet
{
    private const int Highest = 0x100;

    private readonly Precompile?[] _byNumber;

    private PrecompileSet(Precompile?[] byNumber) => _byNumber = byNumber;

    /// <summary>No precompiles.</summary>
    public static PrecompileSet Empty { get; } = new(new Precompile?[Highest + 1]);

    /// <summary>The precompile at <paramref name="address"/>, or null.</summary>
    public Precompile? Find(in Address address) =>
        address.TryGetSmall(out uint number) && number <= Highest ? _byNumber[number] : null;

    /// <summary>Whether there is a precompile at <paramref name="address"/>.</summary>
    public bool Contains(in Address address) => Find(address) is not null;

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

    /// <summary>The same set with <paramref name="precompile"/> at the address 0x…<paramref name="number"/>.</summary>
    public PrecompileSet With(int number, Precompile precompile)
    {
        var copy = (Precompile?[])_byNumber.Clone();
        copy[number] = precompile;
        return new PrecompileSet(copy);
    }
}
