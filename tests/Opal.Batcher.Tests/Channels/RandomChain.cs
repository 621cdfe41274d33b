using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Channels;

/// <summary>L2 blocks of a seed, with transactions of every kind that a span batch can carry.</summary>
internal sealed class RandomChain
{
    private const ulong ChainId = 901;

    private readonly Random _random;
    private readonly byte[] _common = new byte[4096];
    private readonly List<Block> _blocks = [];
    private ulong _origin = 100, _sequence;

    public RandomChain(OptimismFork newest, int seed)
    {
        Config = new RollupConfig
        {
            GenesisL2Time = 1_000_000, BlockTimeSeconds = 2, L1ChainId = 900, L2ChainId = ChainId, Forks = OptimismForkTimes.AllActiveAtGenesis(newest), BatchInboxAddress = Address.FromNumber(0xff),
        };
        _random = new Random(seed);
        _random.NextBytes(_common);
    }

    public RollupConfig Config { get; }

    public IReadOnlyList<Block> Blocks => _blocks;

    /// <summary>Builds blocks.</summary>
    /// <param name="count">How many.</param>
    /// <param name="bytes">About the calldata of each; every tenth has none, every twentieth four times as much.</param>
    public RandomChain Build(int count, int bytes)
    {
        for (int i = 0; i < count; i++)
        {
            int mean = _blocks.Count % 20 == 19 ? 4 * bytes : _blocks.Count % 10 == 9 ? 0 : bytes;
            Build(mean == 0 ? [] : Transactions(mean));
        }

        return this;
    }

    /// <summary>Builds a block.</summary>
    public void Build(IReadOnlyList<Transaction> transactions)
    {
        ulong number = (ulong)_blocks.Count + 1, time = Config.GenesisL2Time + (2 * number);
        _sequence++;
        if (_sequence == 7 || (_sequence > 2 && _random.Next(4) == 0))
        {
            _origin++;
            _sequence = 0;
        }

        var info = new L1BlockInfo
        {
            Format = L1BlockInfo.FormatAt(Config, new L2Time(time)), Number = _origin, BlockHash = Hash256.FromUInt256(new UInt256(_origin, 7, 7, 7)), SequenceNumber = _sequence, Timestamp = time - _sequence,
        };
        _blocks.Add(new Block
        {
            Header = new BlockHeader { ParentHash = _blocks.Count == 0 ? Hash256.Zero : _blocks[^1].Hash, Number = number, Timestamp = time, BaseFeePerGas = 1 },
            Transactions = [info.ToDepositTransaction(isRegolith: true), .. transactions],
        });
    }

    private List<Transaction> Transactions(int bytes)
    {
        var transactions = new List<Transaction>();
        while (bytes > 0)
        {
            int size = _random.Next(3) == 0 ? _random.Next(Math.Max(1, bytes)) : Math.Min(bytes, 68);
            transactions.Add(Make(size));
            bytes -= Math.Max(size, 20);
        }

        return transactions;
    }

    /// <summary>A transaction of a random kind; its calldata are random, zeros, words of both, or like others'.</summary>
    public Transaction Make(int size)
    {
        var data = new byte[size];
        switch (_random.Next(4))
        {
            case 0: _random.NextBytes(data); break;
            case 1: _common.AsSpan(0, Math.Min(size, _common.Length)).CopyTo(data); break;
            case 2: for (int i = 0; i < size; i += 32) data[i] = (byte)_random.Next(256); break;
            default: break;
        }

        int kinds = Config.Forks.Isthmus is null ? 4 : 5;
        int kind = _random.Next(kinds);
        Address? to = kind != 4 && _random.Next(8) == 0 ? null : Address.FromNumber((ulong)_random.Next(30));
        Authorization[] authorizations = kind == 4 ? [new Authorization(ChainId, Address.FromNumber(5), (ulong)_random.Next(9), 1, Number(), Number())] : [];
        return new Transaction
        {
            Type = kind switch { 0 or 1 => TransactionType.Legacy, 2 => TransactionType.AccessList, 3 => TransactionType.DynamicFee, _ => TransactionType.SetCode },
            ChainId = kind == 0 ? null : ChainId, Nonce = (ulong)_random.Next(300), MaxFeePerGas = (ulong)_random.NextInt64(1L << 33), MaxPriorityFeePerGas = (ulong)_random.Next(3),
            GasLimit = (ulong)_random.Next(21_000, 5_000_000), To = to, Value = _random.Next(2) == 0 ? UInt256.Zero : Number(), Data = data, AuthorizationList = authorizations,
        }.WithSignature((byte)_random.Next(2), Number(), Number());
    }

    private UInt256 Number()
    {
        var bytes = new byte[32];
        _random.NextBytes(bytes);
        bytes[0] &= 0x3f;
        return UInt256.FromBigEndian(bytes);
    }
}
