namespace Opal.Evm;

/// <summary>Gas constants of London and later (EIP-150, 160, 170, 1108, 2028, 2200, 2929, 3529, 3860).</summary>
internal static class GasCost
{
    public const int Base = 2;
    public const int VeryLow = 3;
    public const int Low = 5;
    public const int Mid = 8;
    public const int High = 10;
    public const int JumpDest = 1;
    public const int Exp = 10;
    public const int ExpByte = 50;
    public const int Keccak = 30;
    public const int KeccakWord = 6;
    public const int CopyWord = 3;
    public const int BlockHash = 20;
    public const int BlobHash = 3;
    public const int Log = 375;
    public const int LogTopic = 375;
    public const int LogByte = 8;
    public const int Transient = 100;
    public const int WarmAccess = 100;
    public const int ColdAccount = 2600;
    public const int ColdSlot = 2100;
    public const int StorageSet = 20_000;
    public const int StorageReset = 5_000 - ColdSlot;
    public const int StorageClearRefund = 4_800;
    public const int StorageSentry = 2_300;
    public const int Create = 32_000;
    public const int CodeByte = 200;
    public const int CallValue = 9_000;
    public const int CallStipend = 2_300;
    public const int NewAccount = 25_000;
    public const int SelfDestruct = 5_000;
    public const int MemoryWord = 3;
    public const int MemoryQuadDivisor = 512;
}
