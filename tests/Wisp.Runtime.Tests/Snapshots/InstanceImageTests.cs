using System.Buffers.Binary;
using Wisp.Abi;
using Wisp.Abi.Images;

namespace Wisp.Runtime.Tests.Snapshots;

public sealed class InstanceImageTests
{
    /// <summary>Everything that a snapshot keeps, and functions that change and show it.</summary>
    private const string Everything = """
        (module
          (import "env" "ten" (func $ten (result i32)))
          (type $number (func (result i32)))
          (memory $m (export "memory") 1 100)
          (memory $n (export "other") 1)
          (table $t (export "table") 2 20 funcref)
          (table $u 1 funcref)
          (global $i (export "i32") (mut i32) (i32.const 1))
          (global $l (export "i64") (mut i64) (i64.const 2))
          (global $d (export "f64") (mut f64) (f64.const 3))
          (global $v (mut v128) (v128.const i64x2 4 5))
          (global $f (mut funcref) (ref.null func))
          (global $g (mut externref) (ref.null extern))
          (global $h funcref (ref.func $one))
          (data (i32.const 8) "active")
          (data $passive "passive")
          (data $kept "kept")
          (elem (table $u) (i32.const 0) func $one)
          (elem $functions func $one $two $ten)
          (elem $left func $two)
          (func $one (type $number) (i32.const 1))
          (func $two (type $number) (i32.const 2))
          (func (export "start") (global.set $i (i32.const 99)))
          (func (export "prepare")
            (drop (memory.grow $m (i32.const 30)))
            (drop (memory.grow $n (i32.const 2)))
            (i32.store $m (i32.const 0) (i32.const 7))
            (i64.store $m (i32.const 1900000) (i64.const -1))
            (i32.store $n (i32.const 190000) (i32.const 77))
            (memory.init $m $passive (i32.const 16) (i32.const 0) (i32.const 7))
            (data.drop $passive)
            (drop (table.grow $t (ref.null func) (i32.const 3)))
            (table.init $t $functions (i32.const 1) (i32.const 0) (i32.const 3))
            (elem.drop $functions)
            (global.set $i (i32.const -10))
            (global.set $l (i64.const -20))
            (global.set $d (f64.const 30.5))
            (global.set $v (v128.const i64x2 40 50))
            (global.set $f (ref.func $two)))
          (func (export "call") (param i32) (result i32) (call_indirect $t (type $number) (local.get 0)))
          (func (export "call f") (result i32)
            (table.set $u (i32.const 0) (global.get $f))
            (call_indirect $u (type $number) (i32.const 0)))
          (func (export "call h") (result i32)
            (table.set $u (i32.const 0) (global.get $h))
            (call_indirect $u (type $number) (i32.const 0)))
          (func (export "v") (result i64) (i64x2.extract_lane 1 (global.get $v)))
          (func (export "read other") (result i32) (i32.load $n (i32.const 190000)))
          (func (export "init dropped") (memory.init $m $passive (i32.const 0) (i32.const 0) (i32.const 1)))
          (func (export "init kept") (memory.init $m $kept (i32.const 0) (i32.const 0) (i32.const 4)))
          (func (export "elements dropped") (table.init $t $functions (i32.const 0) (i32.const 0) (i32.const 1)))
          (func (export "elements kept") (table.init $t $left (i32.const 0) (i32.const 0) (i32.const 1)))
          (func (export "grow") (result i32) (memory.grow $m (i32.const 1)))
          (func (export "grow table") (result i32) (table.grow $t (ref.null func) (i32.const 1)))
          (func (export "write") (i32.store $m (i32.const 0) (i32.const 8)) (global.set $i (i32.const 5))))
        """;

    private static readonly string[] Indirect = ["", "1", "2", "10", ""];

    [Fact]
    public void KeepsMemoriesGlobalsTablesAndDroppedSegments()
    {
        using var guest = new Guest();
        byte[] image = Prepared(guest).ToImage("some notes"u8.ToArray());
        guest.Store.Dispose();

        using var module = Module.FromImage(guest.Engine, image);
        Assert.True(module.IsSnapshot);
        Assert.Equal("some notes"u8, module.SnapshotNotes.Span);
        for (int round = 0; round < 3; round++)   // from a fresh slot, then from the pool
        {
            using var store = new Store(guest.Engine);
            Check(guest.Linker.Instantiate(store, module));
        }
    }

    /// <summary>Nine pages that are not zero, far apart and evenly: one gap is kept, and no more.</summary>
    [Fact]
    public void ScatteredPagesDoNotKeepAllThatIsBetween()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""(module (memory (export "memory") 400))""");
        for (int page = 0; page < 9; page++)
        {
            instance.GetMemory("memory")!.Span[page * 40 << 16] = (byte)(page + 1);
        }

        byte[] image = instance.ToImage();

        Assert.InRange(image.Length, 40 << 16, 50 << 16);
        using var module = Module.FromImage(guest.Engine, image);
        using var store = new Store(guest.Engine);
        Memory memory = guest.Linker.Instantiate(store, module).GetMemory("memory")!;
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], Enumerable.Range(0, 9).Select(page => (int)memory.Span[page * 40 << 16]));
    }

    [Fact]
    public void SnapshotOfASnapshotIsTheSame()
    {
        using var guest = new Guest();
        byte[] image = Prepared(guest).ToImage();
        using var module = Module.FromImage(guest.Engine, image);
        using var store = new Store(guest.Engine);

        Assert.Equal(image, guest.Linker.Instantiate(store, module).ToImage());
    }

    [Fact]
    public void InstancesDoNotSeeEachOther()
    {
        using var guest = new Guest();
        using var module = Module.FromImage(guest.Engine, Prepared(guest).ToImage());
        using var one = new Store(guest.Engine);
        using var two = new Store(guest.Engine);
        Instance first = guest.Linker.Instantiate(one, module);
        Instance second = guest.Linker.Instantiate(two, module);

        first.GetFunction("write")!.Invoke();
        first.GetMemory("memory")!.Span.Fill(1);

        Check(second);
        one.Dispose();
        using var three = new Store(guest.Engine);
        Check(guest.Linker.Instantiate(three, module));   // in the slot of the first
    }

    [Fact]
    public void ImageFileIsMapped()
    {
        using var guest = new Guest();
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Prepared(guest).ToImage());
            using var module = Module.FromImage(guest.Engine, path);
            using var store = new Store(guest.Engine);
            Check(guest.Linker.Instantiate(store, module));
            Assert.Contains(File.ReadAllLines("/proc/self/maps"), line =>
                line.Contains("rw-p", StringComparison.Ordinal) && line.Contains(path, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void StartFunctionIsNotRunAgain()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module
              (global $count (export "count") (mut i32) (i32.const 0))
              (func $start (global.set $count (i32.add (global.get $count) (i32.const 1))))
              (start $start))
            """);
        using var module = Module.FromImage(guest.Engine, instance.ToImage());

        Assert.Equal(1, guest.Linker.Instantiate(guest.Store, module).GetGlobal("count")!.Value.AsInt32());
    }

    [Fact]
    public void PagesOfZerosAreLeftOut()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""(module (memory (export "memory") 512))""");
        Span<byte> memory = instance.GetMemory("memory")!.Span;
        for (int i = 0; i < 4; i++)
        {
            memory[i * (8 << 20)] = 1;
        }

        byte[] bytes = instance.ToImage();
        CodeImage image = CodeImage.Read(bytes, "sparse");

        Assert.Equal(4, image.HeapRuns.Length);
        Assert.Equal(4 * VmLayout.PageBytes, image.Heap.Length);
        using var module = Module.FromImage(guest.Engine, bytes);
        using var store = new Store(guest.Engine);
        Assert.Equal(memory, guest.Linker.Instantiate(store, module).GetMemory("memory")!.Span);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void AnyMemoryComesBackAsItWas(int seed)
    {
        var random = new Random(seed);
        using var guest = new Guest();
        int pages = random.Next(1, 200);
        Instance instance = guest.Instantiate($"(module (memory (export \"memory\") {pages}))");
        Span<byte> memory = instance.GetMemory("memory")!.Span;
        for (int i = random.Next(0, 300); i > 0; i--)
        {
            int at = random.Next(memory.Length);
            random.NextBytes(memory.Slice(at, Math.Min(memory.Length - at, random.Next(1, 9000))));
        }

        byte[] bytes = instance.ToImage();
        Assert.InRange(CodeImage.Read(bytes, "any").HeapRuns.Length, 0, 8);
        using var module = Module.FromImage(guest.Engine, bytes);
        for (int round = 0; round < 3; round++)
        {
            using var store = new Store(guest.Engine);
            Span<byte> again = guest.Linker.Instantiate(store, module).GetMemory("memory")!.Span;
            Assert.True(memory.SequenceEqual(again));
            for (int i = 0; i < 100; i++)
            {
                again[random.Next(again.Length)] ^= 0xff;   // what the pool must make undone
            }
        }
    }

    [Fact]
    public void LimitsOfTheStoreHoldForWhatItHadGrownTo()
    {
        using var guest = new Guest();
        using var module = Module.FromImage(guest.Engine, Prepared(guest).ToImage());
        using var small = new Store(guest.Engine, new StoreLimits { MaxMemoryBytes = 10 * VmLayout.WasmPageBytes });

        Assert.Throws<LinkException>(() => guest.Linker.Instantiate(small, module));
    }

    [Theory]
    [InlineData("""(module (import "env" "memory" (memory 1)))""", "imports \"env\" \"memory\", a memory")]
    [InlineData("""(module (import "env" "table" (table 1 funcref)))""", "imports \"env\" \"table\", a table")]
    [InlineData("""(module (import "env" "global" (global i32)))""", "imports \"env\" \"global\", a global")]
    public void ImportedStateIsRefused(string wat, string expected)
    {
        using var guest = new Guest();
        guest.Linker.DefineInstance("env", guest.Instantiate(
            """(module (memory (export "memory") 1) (table (export "table") 1 funcref) (global (export "global") i32 (i32.const 0)))"""));

        SnapshotException exception = Assert.Throws<SnapshotException>(() => guest.Instantiate(wat).ToImage());

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HostObjectsAndFunctionsOfOthersAreRefused()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module (table (export "table") 2 funcref) (global (export "global") (mut externref) (ref.null extern)))
            """);
        Instance other = guest.Instantiate("""(module (func (export "f")))""");

        instance.GetTable("table")![1] = Value.FromFunction(other.GetFunction("f"));
        Assert.Contains("element 1 of table 0", Assert.Throws<SnapshotException>(() => instance.ToImage()).Message, StringComparison.Ordinal);

        instance.GetTable("table")![1] = Value.FromFunction(new Function(guest.Store, new([], []), (ref HostCall _) => { }));
        Assert.Contains("element 1 of table 0", Assert.Throws<SnapshotException>(() => instance.ToImage()).Message, StringComparison.Ordinal);

        instance.GetTable("table")![1] = Value.FromFunction(null);
        instance.GetGlobal("global")!.Value = Value.FromExternal("object");
        Assert.Contains("global 0 is an object", Assert.Throws<SnapshotException>(() => instance.ToImage()).Message, StringComparison.Ordinal);

        instance.GetGlobal("global")!.Value = Value.FromExternal(null);
        Assert.NotEmpty(instance.ToImage());
    }

    [Fact]
    public async Task GuestThatRunsOrWaitsIsRefused()
    {
        using var guest = new Guest();
        var done = new TaskCompletionSource();
        Exception? inside = null;
        Instance instance = null!;
        guest.Linker.DefineFunction("env", "wait", new([], []), async _ => await done.Task);
        guest.Linker.DefineFunction("env", "look", new([], []), (ref HostCall _) => inside = Record.Exception(() => instance.ToImage()));
        instance = guest.Instantiate("""
            (module
              (import "env" "wait" (func $wait)) (import "env" "look" (func $look))
              (func (export "run") (call $look) (call $wait)))
            """);

        ValueTask<Value[]> running = instance.GetFunction("run")!.InvokeAsync(default, TestContext.Current.CancellationToken);

        Assert.IsType<InvalidOperationException>(inside);
        Assert.Throws<InvalidOperationException>(() => instance.ToImage());
        done.SetResult();
        await running;
        Assert.NotEmpty(instance.ToImage());
    }

    [Fact]
    public void PrefixesAndChangedBytesAreRefused()
    {
        using var guest = new Guest();
        byte[] bytes = Prepared(guest).ToImage();
        for (int at = 0; at < bytes.Length; at += at < 4000 ? 1 : 97)
        {
            Assert.Throws<ImageException>(() => CodeImage.Read(bytes.AsMemory(0, at), "cut"));
            bytes[at] ^= (byte)(1 << (at % 8));
            Assert.Throws<ImageException>(() => CodeImage.Read(bytes, "changed"));
            bytes[at] ^= (byte)(1 << (at % 8));
        }
    }

    /// <summary>With the checksum made right again: each is refused, or the instance that it gives is a whole one.</summary>
    [Fact]
    public void ChangedStateIsRefusedOrBounded()
    {
        using var guest = new Guest();
        byte[] bytes = Prepared(guest).ToImage();
        int entry = ImageFormat.SectionTableAt + ((int)ImageSection.State * ImageFormat.SectionEntryBytes);
        int offset = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(entry + ImageFormat.EntryOffsetAt));
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(entry + ImageFormat.EntryLengthAt));
        var limits = new StoreLimits { MaxMemoryBytes = 64 << 20, MaxTableElements = 10_000 };
        int refused = 0;
        for (int at = offset; at < offset + length; at++)
        {
            foreach (byte value in (ReadOnlySpan<byte>)[0, 1, 2, 0x7f, 0x80, 0xff])
            {
                byte before = bytes[at];
                bytes[at] = value;
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ImageFormat.ChecksumAt), CodeImage.Checksum(bytes));
                try
                {
                    using var module = Module.FromImage(guest.Engine, bytes.ToArray());
                    using var store = new Store(guest.Engine, limits);
                    Instance instance = guest.Linker.Instantiate(store, module);
                    _ = instance.ToImage();
                }
                catch (Exception exception) when (exception is ImageException or LinkException)
                {
                    refused++;
                }

                bytes[at] = before;
            }
        }

        Assert.InRange(refused, length, 6 * length);
    }

    private static Instance Prepared(Guest guest)
    {
        guest.Linker.DefineFunction("env", "ten", new([], [Wasm.Model.ValType.I32]), (ref HostCall call) => call.SetResult(10));
        Instance instance = guest.Instantiate(Everything);
        instance.GetFunction("prepare")!.Invoke();
        return instance;
    }

    private static void Check(Instance instance)
    {
        Memory memory = instance.GetMemory("memory")!;
        Assert.Equal(31 * VmLayout.WasmPageBytes, memory.Bytes);
        Assert.Equal(7, BinaryPrimitives.ReadInt32LittleEndian(memory.Span));
        Assert.Equal(-1, BinaryPrimitives.ReadInt64LittleEndian(memory.Span[1_900_000..]));
        Assert.Equal("active"u8, memory.Span.Slice(8, 6));
        Assert.Equal("passive"u8, memory.Span.Slice(16, 7));
        Assert.Equal(4 + 6 + 7 + 8 - 3, memory.Span.Length - memory.Span.Count((byte)0));
        Assert.Equal(77, Call(instance, "read other"));
        Assert.Equal(-10, instance.GetGlobal("i32")!.Value.AsInt32());
        Assert.Equal(-20, instance.GetGlobal("i64")!.Value.AsInt64());
        Assert.Equal(30.5, instance.GetGlobal("f64")!.Value.AsDouble());
        Assert.Equal(50, instance.GetFunction("v")!.Invoke()[0].AsInt64());
        Assert.Equal(5, instance.GetTable("table")!.Length);
        for (int i = 0; i < Indirect.Length; i++)
        {
            Exception? exception = Record.Exception(() => Assert.Equal(Indirect[i], $"{Call(instance, "call", i)}"));
            Assert.Equal(Indirect[i] == "", exception is TrapException);
        }

        Assert.Equal(2, Call(instance, "call f"));
        Assert.Equal(1, Call(instance, "call h"));
        Assert.Throws<TrapException>(() => instance.GetFunction("init dropped")!.Invoke());
        Assert.Throws<TrapException>(() => instance.GetFunction("elements dropped")!.Invoke());
        instance.GetFunction("init kept")!.Invoke();
        Assert.Equal("kept"u8, memory.Span[..4]);
        instance.GetFunction("elements kept")!.Invoke();
        Assert.Equal(2, Call(instance, "call", 0));
        Assert.Equal(31, Call(instance, "grow"));
        Assert.Equal(5, Call(instance, "grow table"));
    }

    private static int Call(Instance instance, string name, params ReadOnlySpan<Value> arguments) =>
        instance.GetFunction(name)!.Invoke(arguments)[0].AsInt32();
}
