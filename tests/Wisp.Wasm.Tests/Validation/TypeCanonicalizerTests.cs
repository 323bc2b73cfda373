using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;

namespace Wisp.Wasm.Tests.Validation;

public sealed class TypeCanonicalizerTests
{
    [Fact]
    public void EqualTypesOfTwoModulesShareAnId()
    {
        var canonicalizer = new TypeCanonicalizer();
        uint[] one = canonicalizer.Canonicalize(Module("(type (func (param i32) (result i64))) (type (func))"));
        uint[] two = canonicalizer.Canonicalize(Module("(type (func)) (type (struct)) (type (func (param i32) (result i64)))"));
        Assert.Equal(one[0], two[2]);
        Assert.Equal(one[1], two[0]);
        Assert.NotEqual(one[0], one[1]);
        Assert.NotEqual(two[0], two[1]);
    }

    [Fact]
    public void RecursionGroupsAreComparedAsTheyAreWritten()
    {
        var canonicalizer = new TypeCanonicalizer();
        uint[] ids = canonicalizer.Canonicalize(Module("""
            (rec (type $a (struct (field (ref null $b)))) (type $b (struct (field (ref null $a)))))
            (rec (type $c (struct (field (ref null $d)))) (type $d (struct (field (ref null $c)))))
            (rec (type $e (struct (field (ref null $e)))))
            (rec (type $f (struct (field (ref null $a)))) (type $g (struct (field (ref null $f)))))
            """));
        Assert.Equal(ids[..2], ids[2..4]);
        Assert.NotEqual(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[4]);
        Assert.Equal(6, ids[..2].Concat(ids[4..]).Append(uint.MaxValue).Distinct().Count());
    }

    [Theory]
    [InlineData("(type (func))", "(type (sub (func)))")]
    [InlineData("(type (array i8))", "(type (array i16))")]
    [InlineData("(type (array i8))", "(type (array (mut i8)))")]
    [InlineData("(type (struct (field i32)))", "(type (struct (field i32) (field i32)))")]
    [InlineData("(type (func (param i32)))", "(type (func (result i32)))")]
    [InlineData("(type (func (param (ref func))))", "(type (func (param funcref)))")]
    [InlineData("(type (func (param externref)))", "(type (func (param funcref)))")]
    public void DifferentTypesHaveDifferentIds(string one, string other)
    {
        var canonicalizer = new TypeCanonicalizer();
        Assert.NotEqual(canonicalizer.Canonicalize(Module(one))[0], canonicalizer.Canonicalize(Module(other))[0]);
    }

    [Fact]
    public void SubtypesAreThoseDeclaredDirectlyOrThroughOthers()
    {
        var canonicalizer = new TypeCanonicalizer();
        uint[] ids = canonicalizer.Canonicalize(Module("""
            (type $a (sub (struct))) (type $b (sub $a (struct (field i32)))) (type $c (sub $b (struct (field i32) (field i32))))
            (type $other (sub (struct (field i32) (field i32))))
            """));
        Assert.True(canonicalizer.IsSubtype(ids[2], ids[0]));
        Assert.True(canonicalizer.IsSubtype(ids[1], ids[1]));
        Assert.False(canonicalizer.IsSubtype(ids[0], ids[2]));
        Assert.False(canonicalizer.IsSubtype(ids[3], ids[0]));
    }

    [Fact]
    public void ThreadsGetTheSameIds()
    {
        var canonicalizer = new TypeCanonicalizer();
        WasmModule[] modules = [.. Enumerable.Range(0, 64).Select(i =>
            Module($"(type (func (param {string.Join(' ', Enumerable.Repeat("i32", i % 8))}))) (type (sub (struct (field (ref 0)))))"))];
        uint[][] ids = new uint[modules.Length][];
        Parallel.For(0, modules.Length, i => ids[i] = canonicalizer.Canonicalize(modules[i]));
        for (int i = 0; i < modules.Length; i++)
        {
            Assert.Equal(ids[i % 8], ids[i]);
        }

        Assert.Equal(16, ids.SelectMany(id => id).Distinct().Count());
    }

    private static WasmModule Module(string wat)
    {
        WasmModule module = ModuleDecoder.Decode(WatParser.ParseModule(wat));
        ModuleValidator.Validate(module);
        return module;
    }
}
