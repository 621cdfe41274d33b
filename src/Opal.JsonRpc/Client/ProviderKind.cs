namespace Opal.JsonRpc;

/// <summary>Kinds of L1 providers, by op-node's names (l1.rpckind): they differ in the methods that give a block's receipts.</summary>
public enum ProviderKind : byte
{
    /// <summary>eth_getBlockReceipts, else single receipts.</summary>
    Standard,
    /// <summary>Alchemy.</summary>
    Alchemy,
    /// <summary>QuickNode.</summary>
    QuickNode,
    /// <summary>Infura.</summary>
    Infura,
    /// <summary>OpenEthereum and what follows it.</summary>
    Parity,
    /// <summary>Nethermind.</summary>
    Nethermind,
    /// <summary>go-ethereum with its debug namespace open.</summary>
    DebugGeth,
    /// <summary>Erigon.</summary>
    Erigon,
    /// <summary>Single receipts alone.</summary>
    Basic,
    /// <summary>Every method there is, cheapest first.</summary>
    Any,
}
