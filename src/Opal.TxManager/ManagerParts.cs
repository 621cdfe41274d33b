using Microsoft.Extensions.Logging;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>What the parts of a transaction manager share.</summary>
internal sealed class ManagerParts
{
    public ManagerParts(L1Endpoints l1, ISigner signer, LiveOptions live, TimeProvider clock, ILogger logger, TxMetrics metrics)
    {
        (L1, Signer, Live, Clock, Logger, Metrics) = (l1, signer, live, clock, logger, metrics);
        Head = new L1Head(l1, live, clock, logger);
        Fees = new FeeEstimator(l1, Head, live, metrics);
        Nonces = new NonceSource(l1, signer.Address, logger);
    }

    public L1Endpoints L1 { get; }

    public ISigner Signer { get; }

    public Address Sender => Signer.Address;

    public LiveOptions Live { get; }

    public TxManagerOptions Options => Live.Current;

    public TimeProvider Clock { get; }

    public ILogger Logger { get; }

    public TxMetrics Metrics { get; }

    public L1Head Head { get; }

    public FeeEstimator Fees { get; }

    public NonceSource Nonces { get; }
}
