namespace Wisp.Wasi.Preview1;

// Arguments, environment, clocks, random numbers, and the end of the process.
internal sealed partial class Preview1Functions
{
    private const uint LastSignal = 30;
    private const uint RandomChunkBytes = 1 << 20;

    public Errno ArgsGet(GuestMemory memory, uint pointers, uint buffer) =>
        WriteStrings(memory, _arguments, pointers, buffer);

    public Errno ArgsSizesGet(GuestMemory memory, uint count, uint size) => WriteSizes(memory, _arguments, count, size);

    public Errno EnvironGet(GuestMemory memory, uint pointers, uint buffer) =>
        WriteStrings(memory, _environment, pointers, buffer);

    public Errno EnvironSizesGet(GuestMemory memory, uint count, uint size) =>
        WriteSizes(memory, _environment, count, size);

    public Errno ClockResGet(GuestMemory memory, uint id, uint resolution)
    {
        if (id > (uint)ClockId.ThreadCpuTime)
        {
            return Errno.Inval;
        }

        return memory.TryWriteUInt64(resolution, _clock.Resolution((ClockId)id)) ? Errno.Success : Errno.Fault;
    }

    public Errno ClockTimeGet(GuestMemory memory, uint id, ulong precision, uint time)
    {
        if (id > (uint)ClockId.ThreadCpuTime)
        {
            return Errno.Inval;
        }

        return memory.TryWriteUInt64(time, _clock.Now((ClockId)id)) ? Errno.Success : Errno.Fault;
    }

    public ValueTask<Errno> RandomGet(GuestCall call, uint buffer, uint length)
    {
        if (!call.View.TrySlice(buffer, length, out Span<byte> bytes))
        {
            return new ValueTask<Errno>(Errno.Fault);
        }

        if (length > RandomChunkBytes)
        {
            return RandomGetInChunks(call, buffer, length);
        }

        _random.Fill(bytes);
        return new ValueTask<Errno>(Errno.Success);
    }

    public Errno SchedYield(GuestMemory memory)
    {
        Thread.Yield();
        return Errno.Success;
    }

    /// <exception cref="WasiExitException">Always.</exception>
    public void ProcExit(GuestMemory memory, uint code) => throw new WasiExitException(code);

    // Gigabytes take seconds: in between the guest can be stopped, and others run.
    private async ValueTask<Errno> RandomGetInChunks(GuestCall call, uint buffer, uint length)
    {
        for (ulong done = 0; done < length; done += RandomChunkBytes)
        {
            await Task.Yield();
            call.CancellationToken.ThrowIfCancellationRequested();
            if (call.View.TrySlice(buffer + done, Math.Min(length - done, RandomChunkBytes), out Span<byte> bytes))
            {
                _random.Fill(bytes);
            }
        }

        return Errno.Success;
    }

    // Signals of preview 1: 0 is none; child, continue, urgent data and window change are ignored by default; the rest
    // end a process.
    /// <exception cref="WasiExitException">The signal ends a process; its code is 128 and the signal, as shells have
    /// it.</exception>
    public Errno ProcRaise(GuestMemory memory, uint signal) => signal switch
    {
        0 or 16 or 17 or 22 or 27 => Errno.Success,
        > LastSignal => Errno.Inval,
        _ => throw new WasiExitException(128 + signal),
    };

    private static Errno WriteSizes(GuestMemory memory, byte[][] strings, uint count, uint size)
    {
        return memory.TryWriteUInt32(count, (uint)strings.Length)
            && memory.TryWriteUInt32(size, (uint)strings.Sum(text => text.Length)) ? Errno.Success : Errno.Fault;
    }

    private static Errno WriteStrings(GuestMemory memory, byte[][] strings, uint pointers, uint buffer)
    {
        ulong to = buffer;
        for (int i = 0; i < strings.Length; i++)
        {
            if (!memory.TryWriteUInt32(pointers + (4UL * (uint)i), (uint)to) || !memory.TryWrite(to, strings[i]))
            {
                return Errno.Fault;
            }

            to += (ulong)strings[i].Length;
        }

        return Errno.Success;
    }
}
