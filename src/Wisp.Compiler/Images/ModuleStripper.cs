namespace Wisp.Compiler.Images;

/// <summary>Takes the code section out of a module's bytes; an image has the compiled code instead.</summary>
internal static class ModuleStripper
{
    // https://webassembly.github.io/spec/core/binary/modules.html#sections
    //   module  = magic version section*        section = id:byte size:u32 contents
    private const int PreambleBytes = 8;
    private const byte CodeSection = 10;

    /// <summary>The module without its code section; every other section, custom ones included, stays as it is.</summary>
    /// <param name="module">A module that was decoded already, so that its sections are known to be in order.</param>
    public static byte[] Strip(ReadOnlySpan<byte> module)
    {
        int at = PreambleBytes;
        while (at < module.Length)
        {
            int start = at;
            byte id = module[at++];
            uint size = ReadU32(module, ref at);
            int end = checked((int)(at + (long)size));
            if (id == CodeSection)
            {
                return [.. module[..start], .. module[end..]];
            }

            at = end;
        }

        return module.ToArray();
    }

    private static uint ReadU32(ReadOnlySpan<byte> bytes, ref int at)
    {
        uint value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[at++];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
