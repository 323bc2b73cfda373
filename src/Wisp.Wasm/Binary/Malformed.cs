using System.Diagnostics.CodeAnalysis;

namespace Wisp.Wasm.Binary;

/// <summary>Throws for bytes that are not a module: one method for each message of the specification's test suite.</summary>
internal static class Malformed
{
    // Contains the suite's shorter "unexpected end" too.
    [DoesNotReturn]
    public static void UnexpectedEnd(int offset) =>
        throw new MalformedModuleException("unexpected end of section or function", offset);

    [DoesNotReturn]
    public static void LengthOutOfBounds(uint length, int offset) =>
        throw new MalformedModuleException($"length out of bounds: {length}", offset);

    // The suite expects either text, by what the bytes after the section would have meant.
    [DoesNotReturn]
    public static void NameMissing(int offset) =>
        throw new MalformedModuleException("length out of bounds: unexpected end of section or function", offset);

    [DoesNotReturn]
    public static void IntegerTooLong(int offset) =>
        throw new MalformedModuleException("integer representation too long", offset);

    [DoesNotReturn]
    public static void IntegerTooLarge(int offset) => throw new MalformedModuleException("integer too large", offset);

    [DoesNotReturn]
    public static void MagicNotFound() => throw new MalformedModuleException("magic header not detected", 0);

    [DoesNotReturn]
    public static void UnknownVersion(uint version) =>
        throw new MalformedModuleException($"unknown binary version {version}, only 1 is known", 4);

    [DoesNotReturn]
    public static void SectionId(byte id, int offset) =>
        throw new MalformedModuleException($"malformed section id {id}", offset);

    [DoesNotReturn]
    public static void SectionSize(int offset) => throw new MalformedModuleException("section size mismatch", offset);

    [DoesNotReturn]
    public static void SectionOrder(int id, int offset) => throw new MalformedModuleException(
        $"unexpected content after last section: section {id} is repeated or out of order", offset);

    [DoesNotReturn]
    public static void Utf8(int offset) => throw new MalformedModuleException("malformed UTF-8 encoding", offset);

    [DoesNotReturn]
    public static void FunctionAndCodeCounts(int functions, int bodies, int offset) => throw new MalformedModuleException(
        $"function and code section have inconsistent lengths: {functions} and {bodies}", offset);

    [DoesNotReturn]
    public static void DataCounts(uint declared, int segments, int offset) => throw new MalformedModuleException(
        $"data count and data section have inconsistent lengths: {declared} and {segments}", offset);

    [DoesNotReturn]
    public static void DataCountMissing(int offset) =>
        throw new MalformedModuleException("data count section required", offset);

    [DoesNotReturn]
    public static void TooManyLocals(ulong count, int offset) =>
        throw new MalformedModuleException($"too many locals: {count}", offset);

    [DoesNotReturn]
    public static void EndExpected(int offset) => throw new MalformedModuleException("END opcode expected", offset);

    [DoesNotReturn]
    public static void ReferenceType(byte code, int offset) =>
        throw new MalformedModuleException($"malformed reference type 0x{code:x2}", offset);

    [DoesNotReturn]
    public static void ValueType(byte code, int offset) =>
        throw new MalformedModuleException($"malformed value type 0x{code:x2}", offset);

    [DoesNotReturn]
    public static void HeapType(long code, int offset) =>
        throw new MalformedModuleException($"malformed heap type {code}", offset);

    [DoesNotReturn]
    public static void BlockType(long code, int offset) =>
        throw new MalformedModuleException($"malformed block type {code}", offset);

    [DoesNotReturn]
    public static void DefinedType(byte code, int offset) =>
        throw new MalformedModuleException($"malformed definition type 0x{code:x2}", offset);

    [DoesNotReturn]
    public static void ImportKind(byte code, int offset) =>
        throw new MalformedModuleException($"malformed import kind {code}", offset);

    [DoesNotReturn]
    public static void ExportKind(byte code, int offset) =>
        throw new MalformedModuleException($"malformed export kind {code}", offset);

    [DoesNotReturn]
    public static void Mutability(byte code, int offset) =>
        throw new MalformedModuleException($"malformed mutability {code}", offset);

    [DoesNotReturn]
    public static void LimitsFlags(uint flags, int offset) =>
        throw new MalformedModuleException($"malformed limits flags {flags}", offset);

    [DoesNotReturn]
    public static void TagAttribute(byte code, int offset) =>
        throw new MalformedModuleException($"malformed tag attribute {code}", offset);

    [DoesNotReturn]
    public static void ElementKind(byte code, int offset) =>
        throw new MalformedModuleException($"malformed element kind {code}", offset);

    [DoesNotReturn]
    public static void SegmentFlags(uint flags, int offset) =>
        throw new MalformedModuleException($"malformed segment flags {flags}", offset);

    [DoesNotReturn]
    public static void MemargFlags(uint flags, int offset) =>
        throw new MalformedModuleException($"malformed memop flags 0x{flags:x}", offset);

    [DoesNotReturn]
    public static void CatchKind(byte code, int offset) =>
        throw new MalformedModuleException($"malformed catch clause {code}", offset);

    [DoesNotReturn]
    public static void CastFlags(byte flags, int offset) =>
        throw new MalformedModuleException($"malformed br_on_cast flags {flags}", offset);

    [DoesNotReturn]
    public static void ZeroByte(int offset) => throw new MalformedModuleException("zero byte expected", offset);

    [DoesNotReturn]
    public static void IllegalOpcode(byte code, int offset) =>
        throw new MalformedModuleException($"illegal opcode {code:x2}", offset);

    [DoesNotReturn]
    public static void IllegalOpcode(byte prefix, uint code, int offset) =>
        throw new MalformedModuleException($"illegal opcode {prefix:x2} {code:x2}", offset);

    [DoesNotReturn]
    public static void LimitExceeded(string what, ulong count, long limit, int offset) => throw new MalformedModuleException(
        $"implementation limit exceeded: {count} {what}, at most {limit}", offset);
}
