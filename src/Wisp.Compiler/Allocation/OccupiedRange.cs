namespace Wisp.Compiler.Allocation;

/// <summary>A range of program points in a register, and the bundle that holds it.</summary>
internal struct OccupiedRange
{
    public int From;
    public int To;
    public int Bundle;
}
