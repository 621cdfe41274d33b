using static Opal.JsonRpc.ReceiptsMethod;

namespace Opal.JsonRpc;

/// <summary>Which methods give receipts at which kind of provider.</summary>
public static class ReceiptsMethods
{
    /// <summary>The methods to try at a kind of provider, first to last. The last is always <see cref="Single"/>, which every node has.</summary>
    public static IReadOnlyList<ReceiptsMethod> Of(ProviderKind kind) => kind switch
    {
        ProviderKind.Alchemy => [Alchemy, EthBlock, Single],
        ProviderKind.QuickNode => [DebugRaw, EthBlock, Single],
        ProviderKind.Parity or ProviderKind.Nethermind => [Parity, EthBlock, Single],
        ProviderKind.DebugGeth => [DebugRaw, EthBlock, Single],
        ProviderKind.Erigon => [Erigon, Single], // its eth_getBlockReceipts takes no hash in older versions
        ProviderKind.Basic => [Single],
        ProviderKind.Any => [Alchemy, DebugRaw, Erigon, EthBlock, Parity, Single],
        _ => [EthBlock, Single],
    };

    /// <summary>A method's name on the wire.</summary>
    public static string NameOf(ReceiptsMethod method) => method switch
    {
        Alchemy => "alchemy_getTransactionReceipts",
        DebugRaw => "debug_getRawReceipts",
        Erigon => "erigon_getBlockReceiptsByBlockHash",
        EthBlock => "eth_getBlockReceipts",
        Parity => "parity_getBlockReceipts",
        _ => "eth_getTransactionReceipt",
    };
}
