namespace Wisp.Compiler.Tests.Selection;

// Loads and addresses that become part of another instruction, and those that must not.
public sealed class FoldingTests
{
    [Fact]
    public void FoldsLoadIntoItsOnlyUser() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0+8]
            v3 = sub.i32 v1, v2
            return (v3)
        """, into: """
        block0:
            Alu v1, v0, =v2:i~0 {size=4 cond=5 base=254 index=1 disp=8 trap=2}
            Return v2@rax {size=8}
        """);

    [Fact]
    public void FoldsLeftLoadOfCommutativeOperation() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0+8]
            v3 = xor.i32 v2, v1
            return (v3)
        """, into: """
        block0:
            Alu v1, v0, =v2:i~0 {size=4 cond=6 base=254 index=1 disp=8 trap=2}
            Return v2@rax {size=8}
        """);

    [Fact]
    public void KeepsLoadWithTwoUsers() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0+8]
            v3 = sub.i32 v1, v2
            v4 = xor.i32 v3, v2
            return (v4)
        """, into: """
        block0:
            Load v0, =v2:i {size=4 base=254 index=0 disp=8 trap=2}
            Alu v1, v2?, =v3:i~0 {size=4 cond=5}
            Alu.swap v3, v2?, =v4:i~0 {size=4 cond=6}
            Return v4@rax {size=8}
        """);

    [Fact]
    public void KeepsNarrowLoad() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32.u8 mem0 [v0+8]
            v3 = sub.i32 v1, v2
            return (v3)
        """, into: """
        block0:
            Load v0, =v2:i {size=4 base=254 index=0 disp=8 imm=1 trap=2}
            Alu v1, v2?, =v3:i~0 {size=4 cond=5}
            Return v3@rax {size=8}
        """);

    [Fact]
    public void KeepsLoadBeforeStore() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0+8]
            store.i32 mem0 [v0+8], v1
            v3 = sub.i32 v1, v2
            return (v3)
        """, into: """
        block0:
            Load v0, =v2:i {size=4 base=254 index=0 disp=8 trap=2}
            Store v1, v0 {size=4 base=254 index=1 disp=8 trap=2}
            Alu v1, v2?, =v3:i~0 {size=4 cond=5}
            Return v3@rax {size=8}
        """);

    [Fact]
    public void KeepsLoadThatCanTrapBeforeStoreElsewhere() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0+8]
            store_context.i32 global2 [-144], v1
            v3 = sub.i32 v1, v2
            return (v3)
        """, into: """
        block0:
            Load v0, =v2:i {size=4 base=254 index=0 disp=8 trap=2}
            Store v1 {size=4 base=254 disp=-144}
            Alu v1, v2?, =v3:i~0 {size=4 cond=5}
            Return v3@rax {size=8}
        """);

    [Fact]
    public void KeepsLoadBeforeAnotherTrap() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0]
            v3 = load.i32 mem0 [v1]
            v4 = mul.i32 v2, v3
            v5 = load.i32 mem0 [v0]
            v6 = div_u.i32 v1, v0
            v7 = sub.i32 v4, v5
            v8 = sub.i32 v7, v6
            return (v8)
        """, into: """
        block0:
            Load v0, =v2:i {size=4 base=254 index=0 trap=2}
            Multiply v2, v1, =v3:i~0 {size=4 base=254 index=1 trap=2}
            Load v0, =v4:i {size=4 base=254 index=0 trap=2}
            Divide v1@rax, v0!, =v5:i@rax clobbers rdx {size=4 cond=1}
            Alu v3, v4?, =v6:i~0 {size=4 cond=5}
            Alu v6, v5?, =v7:i~0 {size=4 cond=5}
            Return v7@rax {size=8}
        """);

    [Fact]
    public void FoldsContextLoadOverStoreElsewhere() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load_context.i32 global2 [-144]
            store.i32 mem0 [v0+8], v1
            v3 = sub.i32 v1, v2
            return (v3)
        """, into: """
        block0:
            Store v1, v0 {size=4 base=254 index=1 disp=8 trap=2}
            Alu v1, =v2:i~0 {size=4 cond=5 base=254 disp=-144}
            Return v2@rax {size=8}
        """);

    [Fact]
    public void KeepsLoadForExplicitTrap() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0]
            v3 = compare.less_unsigned v1, v2
            trap_if v3, unreachable
            return (v1)
        """, into: """
        block0:
            Load v0, =v2:i {size=4 base=254 index=0 trap=2}
            CompareTrap v1, v2? {size=4 cond=2 trap=1}
            Return v1@rax {size=8}
        """);

    [Fact]
    public void FoldsContextLoadIntoExplicitTrap() => Selections.Check("""
        block0(v0: i64, v1: i32):
            v2 = load_context.i64 readonly [-40]
            v3 = compare.less_unsigned v0, v2
            trap_unless v3, table_out_of_bounds
            return (v1)
        """, into: """
        block0:
            CompareTrap v0 {size=8 cond=3 base=254 disp=-40 trap=3}
            Return v1@rax {size=8}
        """);

    [Fact]
    public void LoadsOfReadOnlyFieldsAndContextAddressesMayBeRepeated() => Selections.Check("""
        block0(v0: i64):
            v1 = load_context.i64 readonly [-40]
            v2 = context_address.i64 [-64]
            v3 = add.i64 v1, v2
            v4 = xor.i64 v3, v1
            v5 = xor.i64 v4, v2
            return (v5)
        """, into: """
        block0:
            LoadReadOnly.const =v1:i {size=8 disp=-40}
            ContextAddress.const =v2:i {size=8 disp=-64}
            Alu.swap.tie v1, v2?, =v3:i {size=8}
            Alu.swap v3, v1?, =v4:i~0 {size=8 cond=6}
            Alu.swap v4, v2?, =v5:i~0 {size=8 cond=6}
            Return v5@rax {size=8}
        """);

    [Fact]
    public void ComparesByteInMemory() => Selections.Check("""
        block0(v0: i32, v1: i32, v2: i32):
            v3 = load.i32.u8 mem0 [v0]
            v4 = const.i32 200
            v5 = compare.less_signed v3, v4
            v6 = select.i32 v5, v1, v2
            return (v6)
        """, into: """
        block0:
            CompareSelectImmediate v0, v1, v2, =v3:i~2 {size=1 cond=2 base=254 index=0 imm=200 trap=2}
            Return v3@rax {size=8}
        """);

    [Fact]
    public void KeepsByteComparedWithMoreThanAByte() => Selections.Check("""
        block0(v0: i32, v1: i32, v2: i32):
            v3 = load.i32.u8 mem0 [v0]
            v4 = const.i32 256
            v5 = compare.less_signed v3, v4
            v6 = select.i32 v5, v1, v2
            return (v6)
        """, into: """
        block0:
            Load v0, =v3:i {size=4 base=254 index=0 imm=1 trap=2}
            CompareSelectImmediate v3?, v1, v2, =v4:i~2 {size=4 cond=12 imm=256}
            Return v4@rax {size=8}
        """);

    [Fact]
    public void SwapsComparisonWithMemoryOnTheLeft() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0]
            v3 = compare.less_signed v2, v1
            return (v3)
        """, into: """
        block0:
            CompareSet v1, v0, =v2:i {size=4 cond=15 base=254 index=1 trap=2}
            Return v2@rax {size=8}
        """);

    [Fact]
    public void UpdatesMemoryInPlace() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0+8]
            v3 = const.i32 1
            v4 = add.i32 v2, v3
            store.i32 mem0 [v0+8], v4
            v5 = load_context.i32 global2 [-144]
            v6 = sub.i32 v5, v1
            store_context.i32 global2 [-144], v6
            return (v0)
        """, into: """
        block0:
            AluStoreImmediate v0 {size=4 base=254 index=0 disp=8 imm=1 trap=2}
            AluStore v1 {size=4 cond=5 base=254 disp=-144}
            Return v0@rax {size=8}
        """);

    [Fact]
    public void KeepsUpdateOfAnotherPlace() => Selections.Check("""
        block0(v0: i32):
            v2 = load.i32 mem0 [v0+8]
            v3 = const.i32 1
            v4 = add.i32 v2, v3
            store.i32 mem0 [v0+12], v4
            return (v0)
        """, into: """
        block0:
            Load v0, =v1:i {size=4 base=254 index=0 disp=8 trap=2}
            AluImmediate.tie v1, =v2:i {size=4 imm=1}
            Store v2, v0 {size=4 base=254 index=1 disp=12 trap=2}
            Return v0@rax {size=8}
        """);

    [Fact]
    public void KeepsLoadThatCanTrapForAnUnusedValue() => Selections.Check("""
        block0(v0: i32, v1: i32):
            v2 = load.i32 mem0 [v0]
            v3 = add.i32 v2, v1
            return (v0)
        """, into: """
        block0:
            Load v0, =v2:i {size=4 base=254 index=0 trap=2}
            Return v0@rax {size=8}
        """);

    [Fact]
    public void FoldsSumIntoNativeAddress() => Selections.Check("""
        block0(v0: i64, v1: i64):
            v2 = const.i64 3
            v3 = shl.i64 v1, v2
            v4 = add.i64 v0, v3
            v5 = load_at.i64 elements [v4+8]
            return (v5)
        """, into: """
        block0:
            Load v0, v1, =v2:i {size=8 base=0 index=1 scale=3 disp=8}
            Return v2@rax {size=8}
        """);

    [Fact]
    public void KeepsAddressThatIsUsedAgain() => Selections.Check("""
        block0(v0: i64, v1: i64):
            v4 = add.i64 v0, v1
            v5 = load_at.i64 elements [v4+8]
            v6 = xor.i64 v5, v4
            return (v6)
        """, into: """
        block0:
            Alu.swap.tie v0, v1?, =v2:i {size=8}
            Alu v2, v2, =v3:i~0 {size=8 cond=6 base=1 disp=8}
            Return v3@rax {size=8}
        """);
}
