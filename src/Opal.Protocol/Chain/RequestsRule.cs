namespace Opal.Protocol;

/// <summary>What requests a block makes to the consensus layer (EIP-7685).</summary>
public enum RequestsRule : byte
{
    /// <summary>None, and no requests hash: before Prague and Isthmus.</summary>
    None,
    /// <summary>Deposits from logs, withdrawals and consolidations by system calls: L1.</summary>
    FromExecution,
    /// <summary>None, and the hash of none: L2 from Isthmus on.</summary>
    AlwaysEmpty,
}
