using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Holds a key and signs transactions with it.</summary>
public interface ISigner
{
    /// <summary>The account.</summary>
    Address Address { get; }

    /// <summary>The transaction with a signature of the account.</summary>
    ValueTask<Transaction> SignAsync(Transaction unsigned, CancellationToken cancellation);
}
