using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Wasm.Binary;

namespace Wisp.Compiler.Translation;

// memory.copy and memory.fill: the bounds are checked here, and the bytes move here (few, of a constant number) or in a leaf
// routine on the same stack. Only very many are left to the runtime.
internal sealed partial class FunctionTranslator
{
    private const int InlineBytes = 64;
    private const int WordBytes = 8;

    // Copies of so few bytes go by words. What is copied was often just written, a word at a time, and a processor that reads two
    // words at once which are still on their way to memory waits until both are there.
    private const int WordCopyBytes = 32;

    private const ulong Ones = 0x0101_0101_0101_0101;
    private const int StubBytes = 1 << 20;

    private int _knownBeforeWays;   // what one way makes is not known on the other, nor behind both

    private void TranslateMemoryFill(int memory)
    {
        bool is64 = _module.Memories[memory].Is64;
        int count = ToSize(Pop(), is64);
        int value = Pop();
        int at = ToSize(Pop(), is64);
        CheckRange(memory, at, count, is64);
        int target = NativeAddress(memory, at);
        if (TryConstantCount(count, out int bytes))
        {
            for (Piece piece = Piece.First(bytes, Piece.Widest); piece.Bytes > 0; piece = piece.Next(bytes))
            {
                Emit(
                    Op.StoreAt, SsaType.None, target, Repeated(value, piece), piece.Offset, MemoryRegion(memory), (int)piece.Access);
            }

            return;
        }

        int join = StartFewBytes(count, out int many);
        Builtin(Abi.Builtin.FillBytes, SsaType.None, target, value, count);
        StartManyBytes(join, many);
        Builtin(Abi.Builtin.MemoryFill, SsaType.None, Const(I32, memory), at, value, count);
        Join(join);
    }

    // The lowest byte of a value, in every byte of a piece.
    private int Repeated(int value, Piece piece)
    {
        int low = Pure(Op.And, I32, value, Const(I32, byte.MaxValue));
        if (TryConstant(low, out long bits) && piece.Type == V128)
        {
            UInt128 half = (ulong)bits * Ones;
            return ConstVector(half << 64 | half);
        }

        if (TryConstant(low, out bits))
        {
            long pattern = (long)((ulong)bits * Ones);
            return Const(piece.Type, piece.Type == I64 ? pattern : (int)pattern);
        }

        return piece.Type switch
        {
            V128 => VectorUnary(Opcode.I64x2Splat, Pure(Op.Mul, I64, Pure(Op.ZeroExtend, I64, low), Const(I64, (long)Ones))),
            I64 => Pure(Op.Mul, I64, Pure(Op.ZeroExtend, I64, low), Const(I64, (long)Ones)),
            _ when piece.Bytes == 1 => low,
            _ => Pure(Op.Mul, I32, low, Const(I32, unchecked((int)Ones))),
        };
    }

    private void TranslateMemoryCopy(int toMemory, int fromMemory)
    {
        bool to64 = _module.Memories[toMemory].Is64;
        bool from64 = _module.Memories[fromMemory].Is64;
        int count = ToSize(Pop(), to64 && from64);
        int from = ToSize(Pop(), from64);
        int to = ToSize(Pop(), to64);
        CheckRange(toMemory, to, count, to64);
        CheckRange(fromMemory, from, count, from64);
        int target = NativeAddress(toMemory, to);
        int source = NativeAddress(fromMemory, from);
        if (TryConstantCount(count, out int bytes))
        {
            // The ranges may overlap: everything is read before anything is written.
            int widest = bytes <= WordCopyBytes ? WordBytes : Piece.Widest;
            Span<int> values = stackalloc int[Math.Max(InlineBytes / Piece.Widest, WordCopyBytes / WordBytes) + 1];
            int next = 0;
            for (Piece piece = Piece.First(bytes, widest); piece.Bytes > 0; piece = piece.Next(bytes))
            {
                values[next++] = Emit(
                    Op.LoadAt, piece.Type, source, 0, piece.Offset, MemoryRegion(fromMemory),
                    (int)piece.Access);
            }

            next = 0;
            for (Piece piece = Piece.First(bytes, widest); piece.Bytes > 0; piece = piece.Next(bytes))
            {
                Emit(
                    Op.StoreAt, SsaType.None, target, values[next++], piece.Offset, MemoryRegion(toMemory),
                    (int)piece.Access);
            }

            return;
        }

        int join = StartFewBytes(count, out int many);
        Builtin(Abi.Builtin.CopyBytes, SsaType.None, target, source, count);
        StartManyBytes(join, many);
        Builtin(Abi.Builtin.MemoryCopy, SsaType.None, Const(I32, toMemory), Const(I32, fromMemory), to, from, count);
        Join(join);
    }

    // Many bytes are the runtime's: it looks for a reason to stop between parts.
    private int StartFewBytes(int count, out int many)
    {
        int few = NewBlock();
        many = NewBlock();
        int join = NewJoin();
        int isMany = Emit(Op.Compare, I32, count, Const(I64, StubBytes), flags: (int)IntCondition.GreaterUnsigned);
        int whenMany = AddEdge(many);
        int whenFew = AddEdge(few);
        Terminate(Op.Branch, isMany, whenMany, whenFew);
        Seal(few);
        Seal(many);
        Start(few);
        _knownBeforeWays = _known.Mark;
        return join;
    }

    private void StartManyBytes(int join, int many)
    {
        Terminate(Op.Jump, AddEdge(join));
        _known.ReturnTo(_knownBeforeWays);
        Start(many);
    }

    private void Join(int join)
    {
        Terminate(Op.Jump, AddEdge(join));
        _known.ReturnTo(_knownBeforeWays);
        Seal(join);
        Start(join);
    }

    private bool TryConstantCount(int count, out int bytes)
    {
        while (_ssa.Insts[count].Op == Op.ZeroExtend)
        {
            count = _ssa.Insts[count].A;
        }

        ref Inst inst = ref _ssa.Insts[count];
        bytes = inst.A;
        return inst.Op == Op.Const && (uint)inst.A <= InlineBytes && (inst.Type == I32 || inst.B == 0);
    }

    // [at, at + count) lies in the memory. Two 32-bit numbers cannot wrap in 64 bits; a 64-bit address is compared with the room left.
    private void CheckRange(int memory, int at, int count, bool is64)
    {
        int length = MemoryField(memory, VmLayout.MemoryRecordLength);
        if (!is64)
        {
            int end = Emit(Op.Add, I64, at, count);
            TrapWhen(end, length, IntCondition.GreaterUnsigned);
            return;
        }

        TrapWhen(count, length, IntCondition.GreaterUnsigned);
        TrapWhen(at, Emit(Op.Sub, I64, length, count), IntCondition.GreaterUnsigned);
    }

    private void TrapWhen(int left, int right, IntCondition condition) => Emit(
        Op.TrapIf, SsaType.None, Emit(Op.Compare, I32, left, right, flags: (int)condition), c: (int)TrapCode.MemoryOutOfBounds);

    private int NativeAddress(int memory, int at) => Emit(Op.Add, I64, MemoryField(memory, VmLayout.MemoryRecordBase), at);

    /// <summary>A part of a run of bytes that one access moves: the widest that fits and may be, the last one overlapping the one before.</summary>
    private readonly record struct Piece(int Offset, int Bytes, int Limit)
    {
        public const int Widest = 16;

        public SsaType Type => Bytes switch
        {
            16 => V128,
            8 => I64,
            _ => I32,
        };

        public MemoryAccess Access => Bytes switch
        {
            1 => MemoryAccess.U8,
            2 => MemoryAccess.U16,
            _ => MemoryAccess.Full,
        };

        public static Piece First(int total, int limit) => new(0, WidestUpTo(Math.Min(total, limit)), limit);

        public Piece Next(int total)
        {
            int at = Offset + Bytes;
            int left = total - at;
            if (left == 0)
            {
                return default;
            }

            int width = WidestUpTo(Math.Min(left, Limit));
            return width < left && width < Limit && total >= 2 * width
                ? new Piece(total - (2 * width), 2 * width, Limit)
                : new Piece(at, width, Limit);
        }

        private static int WidestUpTo(int bytes) => bytes switch
        {
            >= Widest => Widest,
            >= 8 => 8,
            >= 4 => 4,
            >= 2 => 2,
            _ => bytes,
        };
    }
}
