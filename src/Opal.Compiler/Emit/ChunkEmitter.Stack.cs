using System.Reflection.Emit;

namespace Opal.Compiler;

/// <content>
/// The operand stack while a block is compiled. Positions count from the word that was on top when the block began, which is 0;
/// position p is in memory at sp + 32 p, for sp does not move before the block's end.
/// </content>
internal sealed partial class ChunkEmitter
{
    private const int WordBytes = 32;

    /// <summary>How many items a frame's stack has.</summary>
    private const int StackItems = 1024;

    /// <summary>Position 0 in the arrays: a block of 100 instructions reaches no deeper.</summary>
    private const int Base = 1024;

    private readonly Word[] _words = new Word[Base + 256];    // what positions _low.._top hold
    private readonly Word[] _stored = new Word[Base + 256];   // what is in the memory of positions _low.._high
    private int _low, _top, _high;

    private void BeginSymbols()
    {
        _low = 1;
        _top = 0;
        _high = 0;
        ResetLocals();
        _knownMemory = 0;
    }

    /// <summary>The word in memory at a position, as it is there now.</summary>
    private static Word InMemory(int position)
    {
        ulong place = (ulong)(position + Base) * 4;
        return new Word(new Limb(LimbKind.Stack, place), new Limb(LimbKind.Stack, place + 1), new Limb(LimbKind.Stack, place + 2), new Limb(LimbKind.Stack, place + 3));
    }

    private void Reach(int position)
    {
        while (_low > position)
        {
            _low--;
            _words[_low + Base] = _stored[_low + Base] = InMemory(_low);
        }
    }

    /// <summary>The n-th item, 1 being the top.</summary>
    private Word Peek(int n)
    {
        Reach(_top - n + 1);
        return _words[_top - n + 1 + Base];
    }

    private Word Pop()
    {
        Word word = Peek(1);
        _top--;
        return word;
    }

    private void Push(in Word word)
    {
        _top++;
        if (_top > _high)
        {
            _high = _top;
            _stored[_top + Base] = InMemory(_top);
        }

        _words[_top + Base] = word;
    }

    private void Exchange(int n)
    {
        Reach(_top - n);
        (_words[_top + Base], _words[_top - n + Base]) = (_words[_top - n + Base], _words[_top + Base]);
    }

    /// <summary>Writes a position's word to its memory, as far as it is not there.</summary>
    private void WriteBack(int position)
    {
        for (int limb = 0; limb < 4; limb++)
        {
            Limb value = _words[position + Base][limb];
            if (value == _stored[position + Base][limb]) continue;
            if (value.Kind == LimbKind.Stack)
            {
                value = InLocal(value);
                SetLimb(ref _words[position + Base], limb, value);
            }

            RescueReaders(position, limb);
            LoadAddress(position, limb);
            Load(value);
            _il.Emit(OpCodes.Stind_I8);
            SetLimb(ref _stored[position + Base], limb, value);
        }
    }

    /// <summary>Loads a place in memory that is about to be overwritten for the words that are still there.</summary>
    private void RescueReaders(int position, int limb)
    {
        var place = new Limb(LimbKind.Stack, ((ulong)(position + Base) * 4) + (ulong)limb);
        Limb rescued = default;
        for (int p = _low; p <= _top; p++)
        {
            for (int i = 0; i < 4; i++)
            {
                if (_words[p + Base][i] != place || (p == position && i == limb)) continue;
                if (rescued.IsZero) rescued = InLocal(place);
                SetLimb(ref _words[p + Base], i, rescued);
            }
        }
    }

    /// <summary>Says that something else writes a position's memory; its word is then what is there.</summary>
    private void TakeFromMemory(int position)
    {
        Reach(position);
        for (int limb = 0; limb < 4; limb++) RescueReaders(position, limb);
        _words[position + Base] = _stored[position + Base] = InMemory(position);
    }

    private void WriteBackAll()
    {
        for (int position = _low; position <= _top; position++) WriteBack(position);
    }

    /// <summary>Writes everything back and moves sp: the end of a block.</summary>
    private void EndSymbols()
    {
        WriteBackAll();
        if (_top == 0) return;
        LoadAddress(_top, 0);
        Store(_sp);
    }

    /// <summary>Writes everything back and frees all locals.</summary>
    private void ForgetSymbols()
    {
        WriteBackAll();
        for (int position = _low; position <= _high; position++) _words[position + Base] = _stored[position + Base] = InMemory(position);
        ResetLocals();
    }

    private void LoadAddress(int position, int limb)
    {
        Load(_sp);
        int offset = (position * WordBytes) + (limb * 8);
        if (offset == 0) return;
        _il.Emit(OpCodes.Ldc_I4, offset);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
    }

    private static void SetLimb(ref Word word, int limb, Limb value) => word = limb switch
    {
        0 => word with { L0 = value },
        1 => word with { L1 = value },
        2 => word with { L2 = value },
        _ => word with { L3 = value },
    };
}
