namespace Opal.Cli.Witness;

/// <summary>The two files of a block with its witness, or the reason why they cannot be read.</summary>
/// <param name="Name">The folder's and the files' common name, for example <c>op-mainnet-ecotone/120794432</c>.</param>
/// <param name="Path">Where they are, for messages.</param>
/// <param name="Json">The block's description, unpacked.</param>
/// <param name="Preimages">The records of pre-images, unpacked.</param>
/// <param name="Problem">Why they cannot be read; null when they were.</param>
public sealed record WitnessFile(string Name, string Path, byte[] Json, byte[] Preimages, string? Problem = null);
