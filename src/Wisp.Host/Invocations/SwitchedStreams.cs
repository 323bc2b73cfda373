using Wisp.Wasi;

namespace Wisp.Host.Invocations;

/// <summary>The standard streams of an instance that serves requests one after the other: those of the present one, else none.</summary>
internal sealed class SwitchedStreams
{
    private readonly SwitchedSource _input = new();
    private readonly SwitchedSink _output = new();
    private readonly SwitchedSink _error = new();

    /// <summary>What the instance has.</summary>
    public ProgramStreams Streams => new(_input, _output, _error);

    public void Connect(in ProgramStreams streams)
    {
        _input.Target = streams.Input;
        _output.Target = streams.Output;
        _error.Target = streams.Error;
    }

    public void Disconnect() => Connect(new ProgramStreams(ByteSource.Empty, ByteSink.Null, ByteSink.Null));

    private sealed class SwitchedSource : ByteSource
    {
        public ByteSource Target { get; set; } = Empty;

        public override bool IsReady => Target.IsReady;

        public override bool TryRead(Span<byte> buffer, out int count) => Target.TryRead(buffer, out count);

        public override ValueTask WaitAsync(CancellationToken cancellationToken) => Target.WaitAsync(cancellationToken);
    }

    private sealed class SwitchedSink : ByteSink
    {
        public ByteSink Target { get; set; } = Null;

        public override bool IsReady => Target.IsReady;

        public override bool TryWrite(ReadOnlySpan<byte> bytes, out int count) => Target.TryWrite(bytes, out count);

        public override ValueTask WaitAsync(CancellationToken cancellationToken) => Target.WaitAsync(cancellationToken);
    }
}
