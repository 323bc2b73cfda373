namespace Wisp.Runtime.Tests.Linking;

// Calls through a table that nobody can change after instantiation, which ask less than others.
public sealed class ConstantTableTests
{
    private const string Functions = """
        (type $t (func (result i32))) (type $other (func (result i64)))
        (func $seven (type $t) (i32.const 7)) (func $eight (type $t) (i32.const 8)) (func $long (type $other) (i64.const 1))
        """;

    [Theory]
    [InlineData("(table 4 funcref) (elem (i32.const 1) $seven $eight)", 1, 7)]
    [InlineData("(table 4 funcref) (elem (i32.const 1) $seven $eight)", 2, 8)]
    [InlineData("(table 2 funcref) (elem (i32.const 0) $seven $seven) (elem (i32.const 1) $eight)", 1, 8)]
    [InlineData("(table 3 funcref) (elem (i32.const 0) $seven $long $eight)", 2, 8)]
    public void CallsWhatTheSegmentsSay(string table, int index, int expected)
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate(Caller(table, index));
        Assert.Equal(expected, instance.GetFunction<int, int>("variable").Invoke(index));
        Assert.Equal(expected, instance.GetFunction<int, int>("tail").Invoke(index));
        Assert.Equal(expected, instance.GetFunction<int>("constant").Invoke());
    }

    [Theory]
    [InlineData("(table 4 funcref) (elem (i32.const 1) $seven $eight)", 0, TrapKind.IndirectCallToNull)]
    [InlineData("(table 4 funcref) (elem (i32.const 1) $seven $eight)", 3, TrapKind.IndirectCallToNull)]
    [InlineData("(table 4 funcref) (elem (i32.const 1) $seven $eight)", 4, TrapKind.UndefinedElement)]
    [InlineData("(table 4 funcref) (elem (i32.const 1) $seven $eight)", -1, TrapKind.UndefinedElement)]
    [InlineData("(table 2 funcref) (elem (i32.const 0) $seven $eight)", 2, TrapKind.UndefinedElement)]
    [InlineData("(table 3 funcref) (elem (i32.const 0) $seven $long $eight)", 1, TrapKind.BadSignature)]
    [InlineData("(table 1 funcref) (elem (i32.const 0) $long)", 0, TrapKind.BadSignature)]
    [InlineData("(table 0 funcref)", 0, TrapKind.UndefinedElement)]
    [InlineData("(table 1 funcref)", 0, TrapKind.IndirectCallToNull)]
    public void TrapsAsItAlwaysDid(string table, int index, TrapKind kind)
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate(Caller(table, index));
        Assert.Equal(kind, Assert.Throws<TrapException>(() => instance.GetFunction<int, int>("variable").Invoke(index)).Kind);
        Assert.Equal(kind, Assert.Throws<TrapException>(() => instance.GetFunction<int, int>("tail").Invoke(index)).Kind);
        Assert.Equal(kind, Assert.Throws<TrapException>(() => instance.GetFunction<int>("constant").Invoke()).Kind);
    }

    // The function lives on in the table of another instance, though the table that it calls through got only its first segment,
    // whose elements are not those that it would have had.
    [Theory]
    [InlineData("early", TrapKind.BadSignature)]
    [InlineData("late", TrapKind.IndirectCallToNull)]
    public void FunctionOfAFailedInstanceAsksWhatItMust(string function, TrapKind kind)
    {
        using var guest = new Guest();
        Instance host = guest.Instantiate("""
            (module
              (table (export "t") 2 funcref)
              (func (export "early") (result i32) (call_indirect (result i32) (i32.const 0)))
              (func (export "late") (result i32) (call_indirect (result i32) (i32.const 1))))
            """);
        guest.Linker.DefineInstance("host", host);
        Assert.Throws<TrapException>(() => guest.Instantiate($"""
            (module
              (import "host" "t" (table $theirs 2 funcref))
              {Functions}
              (table $own 2 funcref)
              (func $early (type $t) (call_indirect $own (type $t) (i32.const 0)))
              (func $late (type $t) (call_indirect $own (type $t) (i32.const 1)))
              (elem (table $theirs) (i32.const 0) func $early $late)
              (elem (table $own) (i32.const 0) func $long)
              (elem (table $theirs) (i32.const 2) func $early)
              (elem (table $own) (i32.const 0) func $seven $eight))
            """));
        Assert.Equal(kind, Assert.Throws<TrapException>(() => host.GetFunction<int>(function).Invoke()).Kind);
    }

    [Fact]
    public void ImportInATableRunsInItsOwnInstance()
    {
        using var guest = new Guest();
        guest.Linker.DefineInstance("other", guest.Instantiate("""
            (module (global $g i32 (i32.const 5)) (func (export "f") (result i32) (global.get $g)))
            """));
        Instance instance = guest.Instantiate("""
            (module
              (type $t (func (result i32)))
              (import "other" "f" (func $f (type $t)))
              (table 2 funcref) (elem (i32.const 0) $f $own)
              (global $g i32 (i32.const 9))
              (func $own (type $t) (global.get $g))
              (func (export "variable") (param i32) (result i32) (i32.add (call_indirect (type $t) (local.get 0)) (global.get $g)))
              (func (export "constant") (result i32) (i32.add (call_indirect (type $t) (i32.const 0)) (global.get $g))))
            """);
        Assert.Equal(14, instance.GetFunction<int, int>("variable").Invoke(0));
        Assert.Equal(18, instance.GetFunction<int, int>("variable").Invoke(1));
        Assert.Equal(14, instance.GetFunction<int>("constant").Invoke());
    }

    private static string Caller(string table, int index) => $"""
        (module
          {Functions} {table}
          (func (export "variable") (param i32) (result i32) (call_indirect (type $t) (local.get 0)))
          (func (export "tail") (param i32) (result i32) (return_call_indirect (type $t) (local.get 0)))
          (func (export "constant") (result i32) (call_indirect (type $t) (i32.const {index}))))
        """;
}
