namespace Opal.Cli.Doctor;

/// <summary>Something that several checks ask for, and that is found out once.</summary>
/// <param name="read">Finds it out; cancelled when the examination ends, not when one check has waited enough.</param>
/// <param name="ended">The examination's end.</param>
internal sealed class Fact<T>(Func<CancellationToken, Task<T>> read, CancellationToken ended)
{
    private readonly Lazy<Task<T>> _task = new(() => Task.Run(() => read(ended), CancellationToken.None));

    /// <summary>The fact, or the exception that stood in its way.</summary>
    public Task<T> GetAsync(CancellationToken cancellation) => _task.Value.WaitAsync(cancellation);
}
