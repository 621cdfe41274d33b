using Opal.Evm;
using Opal.Primitives;

namespace Opal.Differential.Tests;

/// <summary>Writes programs that keep stack discipline: expressions, memory, storage, branches, bounded loops, calls, creations.</summary>
/// <remarks>Every statement leaves the stack as high as it found it; an expression leaves one word more. Data (init code, inputs) stands behind the code.</remarks>
internal sealed class StructuredCode
{
    private static readonly Opcode[] Binary =
    [
        Opcode.Add, Opcode.Mul, Opcode.Sub, Opcode.Div, Opcode.SDiv, Opcode.Mod, Opcode.SMod, Opcode.Exp, Opcode.SignExtend, Opcode.Lt, Opcode.Gt, Opcode.SLt,
        Opcode.SGt, Opcode.Eq, Opcode.And, Opcode.Or, Opcode.Xor, Opcode.Byte, Opcode.Shl, Opcode.Shr, Opcode.Sar,
    ];

    private static readonly Opcode[] Environment =
    [
        Opcode.Address, Opcode.Origin, Opcode.Caller, Opcode.CallValue, Opcode.CallDataSize, Opcode.CodeSize, Opcode.GasPrice, Opcode.ReturnDataSize,
        Opcode.Coinbase, Opcode.Timestamp, Opcode.Number, Opcode.PrevRandao, Opcode.GasLimit, Opcode.ChainId, Opcode.SelfBalance, Opcode.BaseFee,
        Opcode.BlobBaseFee, Opcode.Pc, Opcode.MSize, Opcode.Gas, Opcode.Gas, Opcode.Push0,
    ];

    private readonly CaseWorld _world;
    private readonly FuzzRandom _random;
    private readonly CodeWriter _code = new();
    private readonly List<(int Label, byte[] Data)> _data = [];
    private readonly int _nesting;
    private int _height;
    private int _budget;

    private StructuredCode(CaseWorld world, int statements, int nesting)
    {
        _world = world;
        _random = world.Random;
        _budget = statements * 4;
        _nesting = nesting;
    }

    /// <summary>A contract's code.</summary>
    public static byte[] Contract(CaseWorld world, int statements)
    {
        var writer = new StructuredCode(world, statements, 0);
        writer.Block(statements, 0);
        writer.End();
        return writer.Finish();
    }

    /// <summary>Init code that deploys something, or fails to.</summary>
    public static byte[] InitCode(CaseWorld world, int nesting = 1)
    {
        FuzzRandom random = world.Random;
        var writer = new StructuredCode(world, 6, nesting);
        writer.Block(random.Next(5), 1);
        byte[] runtime = random.Next(12) switch
        {
            0 => [],
            1 => [0xef, 0x00, 0x01],
            2 => [0xfe],
            3 => [0x5f, 0xff],                      // SELFDESTRUCT to zero
            4 => [0x33, 0xff],                      // SELFDESTRUCT to the caller
            5 => random.Bytes(random.Between(1, 40)),
            _ when nesting < 3 => Small(world, nesting + 1),
            _ => [0x60, 0x01, 0x54, 0x00],
        };
        switch (random.Next(14))
        {
            case 0:
                writer.End();
                break;
            case 1: // deploys zeros: too large at times
                writer.Push(random.Pick(24_575UL, 24_576UL, 24_577UL, 1_000UL)).Push(random.Next(40)).Op(Opcode.Return);
                break;
            case 2:
                writer.Address().Op(Opcode.SelfDestruct);
                break;
            default:
                int label = writer.Data(runtime);
                writer.Push(runtime.Length);
                writer._code.PushLabel(label);
                writer.Push(0).Op(Opcode.CodeCopy).Push(runtime.Length).Push(0).Op(random.Chance(96) ? Opcode.Return : Opcode.Revert);
                break;
        }

        return writer.Finish();
    }

    private static byte[] Small(CaseWorld world, int nesting)
    {
        var writer = new StructuredCode(world, 3, nesting);
        writer.Block(world.Random.Between(1, 3), 1);
        writer.End();
        return writer.Finish();
    }

    private byte[] Finish()
    {
        foreach ((int label, byte[] data) in _data) _code.PlaceData(label).Raw(data);
        return _code.ToArray();
    }

    private int Data(byte[] bytes)
    {
        int label = _code.NewLabel();
        _data.Add((label, bytes));
        return label;
    }

    private CodeWriter Code => _code;

    private StructuredCode Op(Opcode op)
    {
        Code.Op(op);
        return this;
    }

    private StructuredCode Push(int value) => Push(new UInt256((ulong)value));

    private StructuredCode Push(in UInt256 value)
    {
        Code.Push(value, _random.Chance(5) ? 32 : 0);
        return this;
    }

    private StructuredCode Address()
    {
        switch (_random.Next(12))
        {
            case 0:
                Code.Op(Opcode.Address);
                break;
            case 1:
                Code.Op(Opcode.Caller);
                break;
            case 2 when _height > 0:
                Code.Raw([(byte)(0x80 + _random.Next(Math.Min(_height, 8)))]);
                break;
            default:
                Code.Push(_world.AnyAddress());
                break;
        }

        return this;
    }

    private void Block(int statements, int depth)
    {
        for (int i = 0; i < statements && _budget > 0; i++) Statement(depth);
    }

    private void Statement(int depth)
    {
        _budget--;
        switch (_random.Next(100))
        {
            case < 14:
                Expression(0);
                Store(Opcode.SStore, Word.Slot(_random));
                break;
            case < 20:
                Expression(0);
                Store(Opcode.TStore, Word.Slot(_random));
                break;
            case < 30:
                Expression(0);
                Store(_random.Chance(80) ? Opcode.MStore : Opcode.MStore8, Word.Offset(_random));
                break;
            case < 40:
                Copy();
                break;
            case < 48:
                Log();
                break;
            case < 70:
                Call();
                break;
            case < 77:
                Create();
                break;
            case < 84 when depth < 3:
                Branch(depth);
                break;
            case < 89 when depth < 2:
                Loop(depth);
                break;
            case < 97:
                Expression(0);
                if (depth == 0 && _random.Chance(60) && _height < 900) return; // stays on the stack, for DUP and SWAP
                Op(Opcode.Pop);
                _height--;
                break;
            case 97 when _height > 1:
                Code.Raw([(byte)(0x90 + _random.Next(Math.Min(_height - 1, 16)))]);
                break;
            case 98 when depth > 0:
                End();
                break;
            case 99 when _random.Chance(20):
                Code.Raw(_random.Bytes(_random.Between(1, 3)));
                break;
            default:
                Expression(1);
                Op(Opcode.Pop);
                _height--;
                break;
        }
    }

    /// <summary>Ends the frame in one of all ways.</summary>
    private void End()
    {
        switch (_random.Next(20))
        {
            case 0:
                Op(Opcode.Stop);
                break;
            case 1:
                Op(Opcode.Invalid);
                break;
            case 2 or 3:
                Address().Op(Opcode.SelfDestruct);
                break;
            case < 7:
                Push(Word.Size(_random)).Push(Word.Offset(_random)).Op(Opcode.Revert);
                break;
            case 7 when _height > 0:
                Push(0).Op(Opcode.MStore).Push(32).Push(0).Op(Opcode.Return);
                break;
            default:
                Push(Word.Size(_random)).Push(Word.Offset(_random)).Op(Opcode.Return);
                break;
        }
    }

    private void Store(Opcode op, in UInt256 where)
    {
        Push(where).Op(op);
        _height--;
    }

    /// <summary>Leaves one word.</summary>
    private void Expression(int depth)
    {
        int choice = _random.Next(100);
        if (depth > 3) choice %= 40;
        switch (choice)
        {
            case < 20:
                Push(Word.Any(_random));
                break;
            case < 28 when _height > 0:
                Code.Raw([(byte)(0x80 + _random.Next(Math.Min(_height, 16)))]);
                break;
            case < 40:
                Op(Known(_random.Pick<Opcode>(Environment)));
                break;
            case < 60:
                Expression(depth + 1);
                Expression(depth + 1);
                Op(_random.Pick<Opcode>(Binary));
                _height -= 2;
                break;
            case < 66:
                Expression(depth + 1);
                Expression(depth + 1);
                Expression(depth + 1);
                Op(_random.Chance(50) ? Opcode.AddMod : Opcode.MulMod);
                _height -= 3;
                break;
            case < 72:
                Expression(depth + 1);
                Op(_random.Pick(Opcode.IsZero, Opcode.Not, Known(Opcode.Clz), Opcode.CallDataLoad, Known(Opcode.BlobHash)));
                _height--;
                break;
            case < 78:
                Push(Word.Slot(_random)).Op(_random.Chance(70) ? Opcode.SLoad : Known(Opcode.TLoad));
                break;
            case < 83:
                Push(Word.Offset(_random)).Op(Opcode.MLoad);
                break;
            case < 86:
                Push(Word.Offset(_random)).Op(Opcode.CallDataLoad);
                break;
            case < 90:
                Address().Op(_random.Pick(Opcode.Balance, Opcode.ExtCodeSize, Opcode.ExtCodeHash));
                break;
            case < 93:
                Push(Word.Size(_random)).Push(Word.Offset(_random)).Op(Opcode.Keccak256);
                break;
            case < 96:
                if (_random.Chance(70)) Push(_random.Pick(1, 1, 2, 3, 5, 256, 257)).Op(Opcode.Number).Op(Opcode.Sub);
                else Push(Word.Any(_random));
                Op(Opcode.BlockHash);
                break;
            default:
                Push(Word.Any(_random)).Push(_random.Next(34)).Op(_random.Pick(Opcode.Byte, Opcode.SignExtend, Opcode.Shl, Opcode.Exp));
                break;
        }

        _height++;
    }

    /// <summary>The opcode where the fork has it; where it has not, seldom all the same.</summary>
    private Opcode Known(Opcode op)
    {
        EvmRules rules = _world.Fork.Rules.Evm;
        bool has = op switch
        {
            Opcode.Push0 => rules.HasPush0,
            Opcode.TLoad or Opcode.TStore => rules.HasTransientStorage,
            Opcode.MCopy => rules.HasMemoryCopy,
            Opcode.BlobHash => rules.HasBlobHash,
            Opcode.BlobBaseFee => rules.HasBlobBaseFee,
            Opcode.Clz => rules.HasCountLeadingZeros,
            _ => true,
        };
        if (has || _random.Chance(3)) return op;
        return op switch
        {
            Opcode.Clz or Opcode.BlobHash => Opcode.Not,
            Opcode.TLoad => Opcode.SLoad,
            Opcode.TStore => Opcode.SStore,
            Opcode.MCopy => Opcode.CallDataCopy,
            _ => Opcode.Gas,
        };
    }

    private void Copy()
    {
        switch (_random.Next(6))
        {
            case 0: // inside what was returned, most of the time
                if (_random.Chance(60)) Op(Opcode.ReturnDataSize).Push(0).Push(Word.Offset(_random)).Op(Opcode.ReturnDataCopy);
                else Push(Word.Size(_random)).Push(_random.Chance(70) ? 0 : _random.Next(70)).Push(Word.Offset(_random)).Op(Opcode.ReturnDataCopy);
                break;
            case 1:
                Push(Word.Size(_random)).Push(Word.Offset(_random)).Push(Word.Offset(_random)).Address().Op(Opcode.ExtCodeCopy);
                break;
            default:
                Opcode op = Known(_random.Pick(Opcode.CallDataCopy, Opcode.CodeCopy, Opcode.MCopy));
                Push(Word.Size(_random)).Push(Word.Offset(_random)).Push(Word.Offset(_random)).Op(op);
                break;
        }
    }

    private void Log()
    {
        int topics = _random.Next(5);
        for (int i = 0; i < topics; i++) Expression(2);
        Push(Word.Size(_random)).Push(Word.Offset(_random)).Op((Opcode)((int)Opcode.Log0 + topics));
        _height -= topics;
    }

    /// <summary>A call whose success, and often what it returned and what gas it left, become visible in storage or a log.</summary>
    private void Call()
    {
        Opcode kind = _random.Pick(Opcode.Call, Opcode.Call, Opcode.StaticCall, Opcode.DelegateCall, Opcode.CallCode);
        Push(Word.Size(_random)).Push(Word.Offset(_random)).Push(Word.Size(_random)).Push(Word.Offset(_random));
        if (kind is Opcode.Call or Opcode.CallCode) Push(_random.Chance(70) ? UInt256.Zero : _random.Pick<UInt256>(1, 2, 11, UInt256.MaxValue));
        Address();
        CallGas();
        Op(kind);
        _height++;
        Report();
    }

    private void CallGas()
    {
        if (_random.Chance(60)) Op(Opcode.Gas);
        else Push(_random.Pick<UInt256>(0, 1, 100, 699, 700, 2_299, 2_300, 2_301, 5_000, 20_000, 30_000, 100_000, ulong.MaxValue, UInt256.MaxValue));
    }

    /// <summary>Consumes the word on top in a way that shows.</summary>
    private void Report()
    {
        switch (_random.Next(5))
        {
            case 0:
                Op(Opcode.Pop);
                break;
            case 1:
                Push(Word.Slot(_random)).Op(Opcode.SStore);
                break;
            case 2: // log1(returndata, success)
                Op(Opcode.ReturnDataSize).Push(0).Push(0).Op(Opcode.ReturnDataCopy).Op(Opcode.ReturnDataSize).Push(0).Op(Opcode.Log1);
                break;
            default:
                Op(Opcode.Gas).Op(Opcode.Add).Push(_random.Next(64)).Op(Opcode.MStore);
                break;
        }

        _height--;
    }

    private void Create()
    {
        if (_nesting > 2)
        {
            Expression(2);
            Report();
            return;
        }

        byte[] initCode = InitCode(_world, _nesting + 1);
        int label = Data(initCode);
        ulong offset = _random.Chance(90) ? (ulong)_random.Next(64) : 1000;
        bool isTwo = _random.Chance(50);
        int times = isTwo && _random.Chance(30) ? 2 : 1; // the second one collides
        for (int i = 0; i < times; i++)
        {
            Push(initCode.Length);
            Code.PushLabel(label);
            Push(offset).Op(Opcode.CodeCopy);
            if (isTwo) Push(_random.Chance(80) ? 0 : _random.Next(3));
            Push(_random.Chance(95) ? new UInt256((ulong)initCode.Length) : _random.Pick<UInt256>(0, 49_152, 49_153, ulong.MaxValue)).Push(offset);
            Push(_random.Chance(75) ? UInt256.Zero : _random.Pick<UInt256>(1, 5, UInt256.MaxValue)).Op(isTwo ? Opcode.Create2 : Opcode.Create);
            _height++;
            if (_random.Chance(60)) // call what was made
            {
                Push(0).Push(0).Push(_random.Next(40)).Push(0).Push(_random.Next(2));
                Op(Opcode.Dup6);
                CallGas();
                Op(Opcode.Call).Op(Opcode.Add);
            }

            if (_random.Chance(20)) Op(Opcode.Dup1).Op(_random.Pick(Opcode.ExtCodeHash, Opcode.ExtCodeSize, Opcode.Balance)).Op(Opcode.Add);
            Report();
        }
    }

    private void Branch(int depth)
    {
        int skip = Code.NewLabel();
        Expression(1);
        Code.PushLabel(skip);
        Op(Opcode.JumpI);
        _height--;
        Block(_random.Between(1, 3), depth + 1);
        Code.Place(skip);
    }

    private void Loop(int depth)
    {
        int again = Code.NewLabel();
        Push(_random.Between(1, 12));
        _height++;
        Code.Place(again);
        Block(_random.Between(1, 3), depth + 1);
        Push(1).Op(Opcode.Swap1).Op(Opcode.Sub).Op(Opcode.Dup1);
        Code.PushLabel(again);
        Op(Opcode.JumpI).Op(Opcode.Pop);
        _height--;
    }
}
