namespace Opal.TxManager;

/// <summary>The options of the moment: some are changed while the program runs (<c>txmgr_set…</c>).</summary>
internal sealed class LiveOptions(TxManagerOptions options)
{
    private readonly Lock _gate = new();
    private volatile TxManagerOptions _current = options;

    public TxManagerOptions Current => _current;

    public void Change(Func<TxManagerOptions, TxManagerOptions> change)
    {
        lock (_gate) _current = change(_current);
    }
}
