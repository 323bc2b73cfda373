namespace Wisp.Wasi.Preview1;

/// <summary>What a function does with a path: for denials, and for the gate.</summary>
/// <param name="Function">The function that the guest called.</param>
/// <param name="Verb">What it does, in a denial's words.</param>
/// <param name="Writes">Whether something on the disk changes.</param>
/// <param name="OnDot">What a last component of "." gives, where the function takes a directory and a name.</param>
/// <param name="OnDotDot">What a last component of ".." gives there. The kernel gives the same for both kinds.</param>
internal sealed record PathOperation(
    string Function, string Verb, bool Writes, Errno OnDot = Errno.Inval, Errno OnDotDot = Errno.Inval)
{
    public static readonly PathOperation CreateDirectory =
        new("path_create_directory", "create directory", Writes: true, Errno.Exist, Errno.Exist);

    public static readonly PathOperation RemoveDirectory =
        new("path_remove_directory", "remove directory", Writes: true, Errno.Inval, Errno.Notempty);

    public static readonly PathOperation Unlink = new("path_unlink_file", "remove", Writes: true, Errno.Isdir,
        Errno.Isdir);

    public static readonly PathOperation Rename = new("path_rename", "rename", Writes: true, Errno.Busy, Errno.Busy);

    public static readonly PathOperation RenameTo = new("path_rename", "rename to", Writes: true, Errno.Busy,
        Errno.Busy);

    public static readonly PathOperation Link = new("path_link", "link", Writes: true, Errno.Perm, Errno.Perm);

    public static readonly PathOperation LinkTo = new("path_link", "link to", Writes: true, Errno.Exist, Errno.Exist);

    public static readonly PathOperation CreateLink =
        new("path_symlink", "create link", Writes: true, Errno.Exist, Errno.Exist);

    public static readonly PathOperation ReadLink = new("path_readlink", "read link", Writes: false);

    public static readonly PathOperation Stat = new("path_filestat_get", "look at", Writes: false);

    public static readonly PathOperation SetTimes = new("path_filestat_set_times", "set times of", Writes: true);

    public static readonly PathOperation OpenToRead = new("path_open", "open", Writes: false);

    public static readonly PathOperation OpenToWrite = new("path_open", "open", Writes: true);
}
