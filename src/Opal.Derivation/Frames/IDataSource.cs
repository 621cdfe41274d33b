namespace Opal.Derivation;

/// <summary>Where the data of batcher transactions come from, item by item: calldata, or the content of a blob.</summary>
internal interface IDataSource
{
    /// <summary>Gives the next item.</summary>
    Pull Next(out ReadOnlyMemory<byte> data);
}
