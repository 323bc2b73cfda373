using System.Text.Json;
using System.Threading.Channels;
using Wisp.Host.Admin.Messages;
using Wisp.Host.Deployments;

namespace Wisp.Host.Admin;

/// <summary>Lines about how far a deploy is, on their way to the client. A client that reads slowly misses some and holds nothing up.</summary>
internal sealed class DeployLines : IProgress<DeployStep>
{
    private const int MaxWaiting = 64;

    /// <summary>Bytes of an upload between two lines.</summary>
    private const long UploadStride = 1 << 20;

    private readonly Channel<DeployStep> _steps = Channel.CreateBounded<DeployStep>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private long _nextUpload;

    public void Report(DeployStep value)
    {
        if (value.Name == "upload" && value.Done != value.Total && value.Done < Interlocked.Read(ref _nextUpload))
        {
            return;
        }

        if (value.Name == "upload")
        {
            Interlocked.Exchange(ref _nextUpload, value.Done + UploadStride);
        }

        _steps.Writer.TryWrite(value);
    }

    public void Complete() => _steps.Writer.TryComplete();

    /// <summary>Sends lines until there will be no more.</summary>
    public async Task SendAsync(Stream body, CancellationToken cancellationToken)
    {
        await foreach (DeployStep step in _steps.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await WriteAsync(
                body, new DeployLine { Step = step.Name, Component = step.Component, Done = step.Done, Total = step.Total }, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    public static async Task WriteAsync(Stream body, DeployLine line, CancellationToken cancellationToken)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(line, AdminJson.Default.DeployLine);
        await body.WriteAsync((byte[])[.. json, (byte)'\n'], cancellationToken).ConfigureAwait(false);
        await body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
