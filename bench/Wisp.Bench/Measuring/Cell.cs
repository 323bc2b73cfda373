namespace Wisp.Bench.Measuring;

/// <summary>What one engine showed in one row: the least of its rounds, or why there is nothing.</summary>
/// <param name="Value">In the table's unit; less is better. NaN when the engine did not run it.</param>
/// <param name="Rounds">Every round; empty when only the least was kept.</param>
/// <param name="Refusal">Why there is no value, or null.</param>
internal sealed record Cell(double Value, IReadOnlyList<double> Rounds, string? Refusal)
{
    public bool HasValue => !double.IsNaN(Value);

    public static Cell Of(double value) => new(value, [], null);

    public static Cell Of(IReadOnlyList<double> rounds) => new(rounds.Min(), rounds, null);

    public static Cell Refused(string reason) => new(double.NaN, [], reason);
}
