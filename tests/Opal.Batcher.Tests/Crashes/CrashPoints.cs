namespace Opal.Batcher.Tests.Crashes;

/// <summary>The process is gone: thrown at the point where it dies, and at everything that it tries afterwards.</summary>
public sealed class CrashException : Exception;

/// <summary>Counts what a batcher does to the world outside, and cuts it off at one of these steps.</summary>
internal sealed class CrashPoints(int? at = null)
{
    private readonly Lock _gate = new();

    public int Count { get; private set; }

    public bool IsDead { get; private set; }

    public void Step()
    {
        lock (_gate)
        {
            if (IsDead) throw new CrashException();
            if (++Count != at) return;
            IsDead = true;
            throw new CrashException();
        }
    }

    public void Kill()
    {
        lock (_gate) IsDead = true;
    }
}
