using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

// Iso-recursive types   https://webassembly.github.io/spec/core/valid/conventions.html#rolling-and-unrolling
//
// Two recursion groups are equal when they are written the same, once each reference into the own group is a position in it, and each
// reference to an earlier group is that type's canonical id. Writing a group down that way gives a key, and a dictionary of keys gives
// ids: the first id of a group, then one for each of its types.
//
//   key of a type    kind | final, supertype, then for each value type its kind, nullability and heap type
//   heap type        abstract: its negative code   own group: 2 * position + 1   earlier: 2 * id
//
// 1. Equal ids mean equal types, in all modules of one canonicalizer.
// 2. A supertype's id is smaller than its subtype's, so walking up ends.

/// <summary>Gives the types of all modules that may meet ids that are equal exactly for equal types.</summary>
/// <remarks>
/// Thread safe. Keeps every recursion group it has seen, for as long as it lives. Modules must be validated, or their type section at
/// least: that indices exist and that groups refer to themselves and to earlier ones only.
/// </remarks>
public sealed class TypeCanonicalizer
{
    private const int NoSupertype = -1;
    private const int Final = 4;
    private const int MaxFirst = int.MaxValue / 4;   // keys hold twice an id

    private readonly Lock _lock = new();
    private readonly Dictionary<GroupKey, int> _groups = [];
    private readonly ConditionalWeakTable<WasmModule, uint[]> _modules = [];
    private int[] _supertypes = new int[64];
    private readonly int _base;
    private int _count;

    /// <summary>Makes a canonicalizer.</summary>
    /// <param name="first">The first id, so that those of two canonicalizers can be told apart.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or leaves too few numbers.</exception>
    public TypeCanonicalizer(int first = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, MaxFirst);
        _base = first;
    }

    /// <summary>The id of a type.</summary>
    /// <param name="module">A module whose types are valid.</param>
    /// <param name="type">One of its types.</param>
    /// <returns>An id that equal types share, in whatever module they are.</returns>
    public uint Canonicalize(WasmModule module, TypeIndex type) => Canonicalize(module)[type.Index];

    /// <summary>The ids of all types of a module.</summary>
    /// <param name="module">A module whose types are valid.</param>
    /// <returns>An id for each type, to be read only.</returns>
    public uint[] Canonicalize(WasmModule module) => _modules.GetValue(module, Intern);

    /// <summary>Whether a type is another one, or declared a subtype of it, directly or through others.</summary>
    /// <param name="actual">Id of the type that there is.</param>
    /// <param name="wanted">Id of the type that is wanted.</param>
    /// <returns>Whether a value of the first can stand where the second is wanted.</returns>
    public bool IsSubtype(uint actual, uint wanted)
    {
        // Entries are written before their ids are handed out, and the array is only ever replaced by a longer copy.
        int[] supertypes = Volatile.Read(ref _supertypes);
        for (int id = (int)actual; id >= (int)wanted; id = supertypes[id - _base])
        {
            if (id == (int)wanted)
            {
                return true;
            }
        }

        return false;
    }

    private uint[] Intern(WasmModule module)
    {
        uint[] ids = new uint[module.Types.Length];
        var key = new List<int>();
        lock (_lock)
        {
            for (int start = 0; start < ids.Length; start += module.Types[start].GroupLength)
            {
                InternGroup(module, start, ids, key);
            }
        }

        return ids;
    }

    private void InternGroup(WasmModule module, int start, uint[] ids, List<int> key)
    {
        int length = module.Types[start].GroupLength;
        key.Clear();
        for (int i = start; i < start + length; i++)
        {
            Write(key, module.Types[i], ids);
        }

        var group = new GroupKey([.. key]);
        if (!_groups.TryGetValue(group, out int first))
        {
            first = _base + _count;
            _groups.Add(group, first);
            Reserve(length);
            for (int i = 0; i < length; i++)
            {
                _supertypes[_count + i] = module.Types[start + i].Supertype is not { } super ? NoSupertype
                    : super.Index >= start ? first + super.Index - start : (int)ids[super.Index];
            }

            _count += length;
        }

        for (int i = 0; i < length; i++)
        {
            ids[start + i] = (uint)(first + i);
        }
    }

    private void Reserve(int more)
    {
        if (_count + more > _supertypes.Length)
        {
            int[] larger = new int[Math.Max(2 * _supertypes.Length, _count + more)];
            _supertypes.AsSpan(0, _count).CopyTo(larger);
            Volatile.Write(ref _supertypes, larger);
        }
    }

    private static void Write(List<int> key, DefinedType type, uint[] ids)
    {
        int final = type.IsFinal ? Final : 0;
        switch (type.Composite)
        {
            case FunctionType function:
                key.Add(final);
                WriteSupertype(key, type, ids);
                key.Add(function.Parameters.Length);
                key.Add(function.Results.Length);
                foreach (ValType parameter in function.Parameters)
                {
                    Write(key, parameter, type, ids);
                }

                foreach (ValType result in function.Results)
                {
                    Write(key, result, type, ids);
                }

                break;
            case StructType structure:
                key.Add(final | 1);
                WriteSupertype(key, type, ids);
                key.Add(structure.Fields.Length);
                foreach (FieldType field in structure.Fields)
                {
                    Write(key, field, type, ids);
                }

                break;
            case ArrayType array:
                key.Add(final | 2);
                WriteSupertype(key, type, ids);
                Write(key, array.Element, type, ids);
                break;
            default:
                throw new InvalidOperationException($"composite type {type.Composite}");
        }
    }

    private static void WriteSupertype(List<int> key, DefinedType type, uint[] ids) =>
        key.Add(type.Supertype is { } super ? Reference(super.Index, type, ids) : NoSupertype);

    private static void Write(List<int> key, FieldType field, DefinedType owner, uint[] ids)
    {
        key.Add(((int)field.Packing << 1) | (field.IsMutable ? 1 : 0));
        Write(key, field.Type, owner, ids);
    }

    private static void Write(List<int> key, ValType type, DefinedType owner, uint[] ids)
    {
        key.Add((int)type.Kind | (type.IsNullable ? 16 : 0));
        if (type.IsReference)
        {
            key.Add(type.Heap.IsConcrete ? Reference(type.Heap.Code, owner, ids) : type.Heap.Code);
        }
    }

    private static int Reference(int index, DefinedType owner, uint[] ids) =>
        index >= owner.GroupStart ? (2 * (index - owner.GroupStart)) + 1 : 2 * (int)ids[index];

    private readonly struct GroupKey(int[] words) : IEquatable<GroupKey>
    {
        private readonly int[] _words = words;
        private readonly int _hash = Hash(words);

        public bool Equals(GroupKey other) => _hash == other._hash && _words.AsSpan().SequenceEqual(other._words);

        public override bool Equals(object? obj) => obj is GroupKey other && Equals(other);

        public override int GetHashCode() => _hash;

        // HashCode is seeded at random, so nobody can prepare a module whose keys collide.
        private static int Hash(int[] words)
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(words.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
