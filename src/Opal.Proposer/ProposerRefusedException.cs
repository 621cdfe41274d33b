namespace Opal.Proposer;

/// <summary>This proposer cannot propose to this contract: a setting is wrong, or the contract's owner must act. Trying again alone does not help.</summary>
public sealed class ProposerRefusedException(string message) : ProposalException(message);
