using Spectre.Console;
using Wisp.Cli.Output;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Remote;

/// <summary>Shows how far a deploy is.</summary>
internal interface IDeployProgress : IDisposable
{
    /// <summary>Bytes of the bundle that are on their way.</summary>
    void Sent(long done, long total);

    /// <summary>What the server does.</summary>
    void Step(DeployLine line);

    /// <summary>All went well.</summary>
    void Finished();
}

/// <summary>The ways to show it.</summary>
internal static class DeployProgress
{
    public static IDeployProgress Open(OutputFormat format, TextWriter output) => format switch
    {
        OutputFormat.Json => new SilentProgress(),
        _ when Terminal.IsErrorSeen => new BarProgress(output),
        _ => new LineProgress(output),
    };

    /// <summary>For programs: the result alone counts.</summary>
    private sealed class SilentProgress : IDeployProgress
    {
        public void Sent(long done, long total)
        {
        }

        public void Step(DeployLine line)
        {
        }

        public void Finished()
        {
        }

        public void Dispose()
        {
        }
    }

    /// <summary>For logs: a line for each step, when it begins.</summary>
    private sealed class LineProgress(TextWriter output) : IDeployProgress
    {
        private string? _last;

        public void Sent(long done, long total)
        {
            if (_last is null)
            {
                Say($"upload {RemoteText.OfBytes(total)}");
            }
        }

        public void Step(DeployLine line)
        {
            if (line.Step is not (null or "upload"))
            {
                Say(line.Component is null ? line.Step : $"{line.Step} {TerminalText.Printable(line.Component)}");
            }
        }

        public void Finished()
        {
        }

        public void Dispose()
        {
        }

        private void Say(string text)
        {
            if (text != _last)
            {
                _last = text;
                output.WriteLine(text);
            }
        }
    }

    /// <summary>For people: a bar for each step. Drawn by a thread of its own until it is disposed.</summary>
    private sealed class BarProgress : IDeployProgress
    {
        private readonly Lock _lock = new();
        private readonly List<ProgressTask> _tasks = [];
        private readonly TaskCompletionSource<ProgressContext> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _drawn;

        public BarProgress(TextWriter output) => _drawn = TableWriter.ConsoleFor(output, isSeen: true).Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                _opened.SetResult(context);
                await _ended.Task.ConfigureAwait(false);
            });

        public void Sent(long done, long total) => Show("upload", done, total);

        public void Step(DeployLine line) => Show(line.Step ?? string.Empty, line.Done ?? 0, line.Total);

        public void Finished()
        {
            lock (_lock)
            {
                foreach (ProgressTask task in _tasks)
                {
                    task.Value = task.MaxValue;
                }
            }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                foreach (ProgressTask task in _tasks)
                {
                    task.StopTask();
                }
            }

            _ended.TrySetResult();
            _drawn.GetAwaiter().GetResult();
        }

        private void Show(string step, long done, long? total)
        {
            ProgressContext context = _opened.Task.GetAwaiter().GetResult();
            lock (_lock)
            {
                ProgressTask? task = _tasks.Find(task => task.Description == step);
                if (task is null)
                {
                    // What began ends what was before.
                    foreach (ProgressTask before in _tasks)
                    {
                        before.Value = before.MaxValue;
                        before.StopTask();
                    }

                    _tasks.Add(task = context.AddTask(Markup.Escape(TerminalText.Printable(step))));
                }

                task.IsIndeterminate = total is null;
                task.MaxValue = Math.Max(1, total ?? 1);
                task.Value = total is null ? 0 : done;
            }
        }
    }
}
