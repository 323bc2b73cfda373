using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Tests.Allocation;

public sealed class ParallelMovesTests : IMoveScratch
{
    private const int TemporaryNumber = 99;
    private uint _free = MachineFunction.ScratchRegisters;

    private readonly ParallelMoves _moves = new();
    private readonly GrowableArray<Edit> _edits = new();

    uint IMoveScratch.FreeRegisters(RegisterClass registerClass) =>
        _free & (registerClass == RegisterClass.Integer ? 0xFFFFu : 0xFFFF_0000);

    Location IMoveScratch.TemporarySlot(RegisterClass registerClass) => Location.Slot(TemporaryNumber);

    [Theory]
    [InlineData("rax>rcx", "rax>rcx")]
    [InlineData("rax>rax", "")]
    [InlineData("rax>rcx rcx>rdx", "rcx>rdx rax>rcx")]
    [InlineData("rax>rcx rcx>rax", "rcx>r11 rax>rcx r11>rax")]
    [InlineData("xmm0>xmm1 xmm1>xmm2 xmm2>xmm0", "xmm1>xmm15 xmm0>xmm1 xmm2>xmm0 xmm15>xmm2")]
    [InlineData("rax>rcx rax>rdx rcx>rax", "rax>rdx rcx>r11 rax>rcx r11>rax")]
    [InlineData("slot0>slot1 slot1>slot0", "slot1>r11 r11>slot99 slot0>r11 r11>slot1 slot99>r11 r11>slot0")]
    [InlineData("rax>slot0 slot0>rax", "slot0>r11 rax>slot0 r11>rax")]
    [InlineData("slot0>rax rax>slot1 slot1>slot0", "rax>slot99 slot0>rax slot1>r11 r11>slot0 slot99>r11 r11>slot1")]
    [InlineData("rax>rcx rcx>rax xmm0>xmm1 xmm1>xmm0", "rcx>r11 rax>rcx r11>rax xmm1>xmm15 xmm0>xmm1 xmm15>xmm0")]
    public void BecomesASequence(string moves, string sequence)
    {
        Add(moves);
        _moves.Resolve(7, _edits, this);
        Assert.Equal(sequence, string.Join(' ', _edits.Span.ToArray().Select(e => $"{LocationText.Of(e.From)}>{LocationText.Of(e.To)}")));
        Assert.All(_edits.Span.ToArray(), edit => Assert.Equal(7, edit.Before));
        Assert.True(_moves.IsEmpty);
    }

    [Fact]
    public void ConstantsComeLastAndReachSlotsThroughTheScratchRegister()
    {
        _moves.AddConstant(3, Place("slot0"), RegisterClass.Integer, 5);
        _moves.AddConstant(3, Place("rax"), RegisterClass.Integer, 5);
        Add("rax>rcx");
        _moves.Resolve(1, _edits, this);
        Assert.Equal(
            "rax>rcx none>r11 r11>slot0 none>rax",
            string.Join(' ', _edits.Span.ToArray().Select(e => $"{LocationText.Of(e.From)}>{LocationText.Of(e.To)}")));
    }

    [Theory]
    [InlineData("rax>rcx rcx>rax", "rcx>slot99 rax>rcx slot99>rax")]
    [InlineData("xmm0>xmm1 xmm1>xmm0", "xmm1>slot99 xmm0>xmm1 slot99>xmm0")]
    [InlineData("slot0>slot1", "slot0>slot1")]
    public void WithoutFreeRegistersGoesThroughSlots(string moves, string sequence)
    {
        _free = 0;
        BecomesASequence(moves, sequence);
    }

    [Fact]
    public void RegistersOfTheMovesAreNotFree()
    {
        _free = 0b111;   // rax, rcx, rdx
        BecomesASequence("rax>rcx rcx>rax slot0>slot1", "slot0>rdx rdx>slot1 rcx>rdx rax>rcx rdx>rax");
    }

    [Fact]
    public void RandomMovesDoWhatTheyDoAtOnce()
    {
        var random = new Random(5);
        for (int round = 0; round < 3000; round++)
        {
            int places = 2 + random.Next(12);
            int[] targets = [.. Enumerable.Range(0, places)];
            random.Shuffle(targets);
            int count = 1 + random.Next(places);
            var expected = new Dictionary<Location, Location>();
            for (int i = 0; i < count; i++)
            {
                Location from = PlaceNumber(random.Next(places));
                Location to = PlaceNumber(targets[i]);
                expected[to] = from;
                _moves.Add(from, to, RegisterClass.Integer, i);
            }

            _edits.Clear();
            _free = round % 2 == 0 ? MachineFunction.ScratchRegisters : 0;
            _moves.Resolve(0, _edits, this);
            var contents = new Dictionary<Location, Location>();
            foreach (Edit edit in _edits.Span)
            {
                contents[edit.To] = contents.GetValueOrDefault(edit.From, edit.From);
            }

            foreach ((Location to, Location from) in expected)
            {
                Assert.Equal(from, contents.GetValueOrDefault(to, to));
            }
        }
    }

    [Fact]
    public void TwoValuesForOnePlaceAreRefused()
    {
        _moves.Add(Place("rax"), Place("rdx"), RegisterClass.Integer, 1);
        _moves.Add(Place("rcx"), Place("rdx"), RegisterClass.Integer, 2);
        InvalidOperationException fault = Assert.Throws<InvalidOperationException>(() => _moves.Resolve(0, _edits, this));
        Assert.Equal("two moves at one point write rdx: v1 and v2", fault.Message);
    }

    private static Location PlaceNumber(int number) =>
        number % 2 == 0 ? Location.Slot(number) : Location.Of((MachineRegister)(number / 2));

    private void Add(string moves)
    {
        int vreg = 0;
        foreach (string move in moves.Split(' '))
        {
            string[] ends = move.Split('>');
            RegisterClass registerClass = move.Contains("xmm", StringComparison.Ordinal) ? RegisterClass.Float : RegisterClass.Integer;
            _moves.Add(Place(ends[0]), Place(ends[1]), registerClass, vreg++);
        }
    }

    private static Location Place(string text) => text.StartsWith("slot", StringComparison.Ordinal)
        ? Location.Slot(int.Parse(text.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture))
        : LocationText.TryParseRegister(text, out MachineRegister register) ? Location.Of(register) : throw new FormatException(text);
}
