using Opal.Crypto.Native;

namespace Opal.Crypto.Tests;

public class NativeLibrariesTests
{
    [Fact]
    public void A_missing_library_is_an_error_that_says_what_to_do() =>
        Assert.Equal("install the package x", Assert.Throws<DllNotFoundException>(() => NativeLibraries.Load(["libopal-none.so.1", "libopal-none.so"], "install the package x")).Message);
}
