namespace Wisp.Permissions;

/// <summary>Keeps what one run of a program was denied, where several share a <see cref="PermissionGate"/>. Called on the thread that runs
/// the program.</summary>
public interface IRunDenials
{
    /// <summary>Whether another denial would be kept, so that it is worth to find out who called.</summary>
    bool KeepsMore { get; }

    /// <summary>Takes each denial of the run, also those that the hook of the gate is spared.</summary>
    /// <param name="denial">The denial.</param>
    void Add(Denial denial);
}
