namespace Wisp.Wasm.Binary;

/// <summary>How much a module may have of each thing. The defaults are those that engines agree on, or above them.</summary>
/// <remarks>Source: <see href="https://www.w3.org/TR/wasm-js-api-2/#limits">the limits of the JavaScript embedding</see>.</remarks>
public sealed record DecoderLimits
{
    /// <summary>Most bytes of a module. Default: 1 GiB.</summary>
    public int ModuleBytes { get; init; } = 1 << 30;

    /// <summary>Most defined types. Default: 1,000,000.</summary>
    public int Types { get; init; } = 1_000_000;

    /// <summary>Most functions, imported ones included. Default: 1,000,000.</summary>
    public int Functions { get; init; } = 1_000_000;

    /// <summary>Most imports. Default: 100,000.</summary>
    public int Imports { get; init; } = 100_000;

    /// <summary>Most exports. Default: 1,000,000.</summary>
    public int Exports { get; init; } = 1_000_000;

    /// <summary>Most globals, imported ones included. Default: 1,000,000.</summary>
    public int Globals { get; init; } = 1_000_000;

    /// <summary>Most tables, imported ones included. Default: 1,000.</summary>
    public int Tables { get; init; } = 1000;

    /// <summary>Most memories, imported ones included. Default: 1,000.</summary>
    public int Memories { get; init; } = 1000;

    /// <summary>Most tags, imported ones included. Default: 1,000,000.</summary>
    public int Tags { get; init; } = 1_000_000;

    /// <summary>Most element segments. Default: 1,000,000.</summary>
    public int ElementSegments { get; init; } = 1_000_000;

    /// <summary>Most elements of all segments together. Default: 10,000,000.</summary>
    public int Elements { get; init; } = 10_000_000;

    /// <summary>Most data segments. Default: 1,000,000.</summary>
    public int DataSegments { get; init; } = 1_000_000;

    /// <summary>Most parameters of a function type. Default: 1,000.</summary>
    public int Parameters { get; init; } = 1000;

    /// <summary>Most results of a function type. Default: 1,000.</summary>
    public int Results { get; init; } = 1000;

    /// <summary>Most fields of a structure type. Default: 10,000.</summary>
    public int Fields { get; init; } = 10_000;

    /// <summary>Most locals of a function, without its parameters. Default: 50,000.</summary>
    public int Locals { get; init; } = 50_000;

    /// <summary>Most bytes of a function's body. Default: 7,654,321.</summary>
    public int BodyBytes { get; init; } = 7_654_321;
}
