using System.Runtime.CompilerServices;
using Wisp.Linking;

namespace Wisp.Stacks;

/// <summary>What typed functions of every arity have in common.</summary>
internal static class TypedCall
{
    public static SlotKind KindOf<T>() => Slots.KindOf<T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TResult Result<TResult>(Activation activation) =>
        typeof(TResult) == typeof(Unit) ? default! : activation.GetResult<TResult>(0);

    /// <summary>The function of that name, if its type is what the caller says.</summary>
    public static Function Check<TResult>(Instance instance, string name, ReadOnlySpan<SlotKind> parameters)
    {
        Function function = instance.GetFunction(name)
            ?? throw new ArgumentException($"no function \"{name}\" is exported", nameof(name));
        CallShape shape = function.Shape;
        bool fits = shape.Parameters.Length == parameters.Length;
        for (int i = 0; fits && i < parameters.Length; i++)
        {
            // A host object carries no type, so only a parameter that takes every reference of its kind can be filled unchecked.
            SlotType slot = shape.Parameters[i];
            fits = slot.Kind == parameters[i]
                && (slot.Kind < SlotKind.Function || (slot.IsNullable && slot.TypeId < 0 && !slot.IsBottom));
        }

        bool hasResult = typeof(TResult) != typeof(Unit);
        fits = fits && shape.Results.Length == (hasResult ? 1 : 0);
        if (!fits || (hasResult && shape.Results[0].Kind != Slots.KindOf<TResult>()))
        {
            throw new ArgumentException(
                $"the function \"{name}\" is {TypeText.Of(function.Type)}, which is not what was asked for", nameof(name));
        }

        return function;
    }
}
