namespace Opal.Deployer;

/// <summary>Deployment cannot go on: what is wrong, where, and what to do about it. Its message is for the operator, whole.</summary>
public sealed class DeployerException : Exception
{
    /// <summary>Nothing to say: for serializers and analyzers only.</summary>
    public DeployerException()
    {
    }

    /// <summary>States the problem.</summary>
    public DeployerException(string message)
        : base(message)
    {
    }

    /// <summary>States the problem and keeps its cause.</summary>
    public DeployerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
