using Microsoft.Extensions.Logging;
using Opal.Protocol;
using Opal.State;
using Opal.Storage;

namespace Opal.Execution;

internal sealed partial class ChainStorage
{
    /// <summary>Opens, or makes, the files of a client's directory, and locks it.</summary>
    /// <exception cref="ChainDatabaseException">It is in use, or holds another chain.</exception>
    /// <exception cref="StoreCorruptException">A file is damaged.</exception>
    public static ChainStorage Open(StorageOptions options, ChainSpec spec, BlockHeader genesis, ILogger logger)
    {
        throw new NotSupportedException();
    }
}
