using Opal.Primitives;

namespace Opal.Crypto.Tests;

public class MnemonicTests
{
    [Fact]
    public void The_development_words_give_the_well_known_accounts()
    {
        Assert.Equal("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", Mnemonic.GetAddress(Mnemonic.Development, 0).ToChecksumString());
        Assert.Equal("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", Mnemonic.GetAddress(Mnemonic.Development, 1).ToChecksumString());
        Assert.Equal("0xa0Ee7A142d267C1f36714E4a8F75612F20a79720", Mnemonic.GetAddress(Mnemonic.Development, 9).ToChecksumString());
        Assert.Equal("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", Hex.Encode(Mnemonic.PrivateKey(Mnemonic.Development, 0)));
        Assert.Equal(Mnemonic.PrivateKey(Mnemonic.Development, 7), Mnemonic.PrivateKey(Mnemonic.Development, "m/44'/60'/0'/0/7"));
    }

    [Fact]
    public void The_seed_is_that_of_the_bip_39_vectors() =>
        Assert.Equal(
            "0xc55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04",
            Hex.Encode(Mnemonic.ToSeed("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about", "TREZOR")));

    [Fact]
    public void Derivation_is_that_of_the_bip_32_vectors()
    {
        byte[] seed = Hex.Decode("000102030405060708090a0b0c0d0e0f");
        Assert.Equal("0xe8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35", Hex.Encode(Mnemonic.DerivePrivateKey(seed, [])));
        Assert.Equal("0xedb2e14f9ee77d26dd93b4ecede8d16ed408ce149b6cd80b0715a2d911a0afea", Hex.Encode(Mnemonic.DerivePrivateKey(seed, Mnemonic.ParsePath("m/0'"))));
        Assert.Equal("0x471b76e389e528d6de6d816857e012c5455051cad6660850e58372a6c3e6e7c8", Hex.Encode(Mnemonic.DerivePrivateKey(seed, Mnemonic.ParsePath("m/0'/1/2'/2/1000000000"))));
    }

    [Fact]
    public void Paths_that_are_none_are_refused()
    {
        foreach (string path in new[] { "", "44'/60'", "m/", "m/x", "m/2147483648", "m/-1", "m//1" }) Assert.Throws<FormatException>(() => Mnemonic.ParsePath(path));
        Assert.Throws<FormatException>(() => Mnemonic.ToSeed("schön"));
    }
}
