using static Opal.JsonRpc.ReceiptsMethod;

namespace Opal.JsonRpc;

/// <summary>Which methods give receipts at which kind of provider.</summary>
public static class ReceiptsMethods
{
    /// <summary>The methods to try at a kind of provider, first to last. The last is always <see cref="EachTransaction"/>, which every node has.</summary>
    public static IReadOnlyList<ReceiptsMethod> Of(ProviderKind kind) => kind switch
    {
        ProviderKind.Alchemy => [Alchemy, EthBlock, EachTransaction],
        ProviderKind.QuickNode => [DebugRaw, EthBlock, EachTransaction],
        ProviderKind.Parity or ProviderKind.Nethermind => [Parity, EthBlock, EachTransaction],
        ProviderKind.DebugGeth => [DebugRaw, EthBlock, EachTransaction],
        ProviderKind.Erigon => [Erigon, EachTransaction], // its eth_getBlockReceipts takes no hash in older versions
        ProviderKind.Basic => [EachTransaction],
        ProviderKind.Any => [Alchemy, DebugRaw, Erigon, EthBlock, Parity, EachTransaction],
        _ => [EthBlock, EachTransaction],
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
