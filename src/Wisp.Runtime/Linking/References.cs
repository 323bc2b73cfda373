using System.Runtime.CompilerServices;

namespace Wisp.Linking;

/// <summary>Translates between the 64-bit reference values of guest code and the host's objects, for one store.</summary>
/// <remarks>
/// A funcref is the address of a FuncRef. An externref is a number: guests may keep it anywhere, so an object stays alive as long as
/// its store; the same object always gets the same number. Thread safe: a call hands over its arguments before its turn comes, and
/// its results after.
/// </remarks>
internal sealed class References(Store store)
{
    private readonly Dictionary<ulong, Function> _functions = [];   // what the lock is on
    private Dictionary<object, ulong>? _handles;   // with _externals, made with the first externref
    private List<object>? _externals;

    public ulong FromFunction(Function? function)
    {
        if (function is null)
        {
            return 0;
        }

        if (function.Store != store)
        {
            throw new ArgumentException("the function belongs to another store");
        }

        return (ulong)function.Address;
    }

    public Function? ToFunction(ulong reference)
    {
        if (reference == 0)
        {
            return null;
        }

        lock (_functions)
        {
            if (!_functions.TryGetValue(reference, out Function? function))
            {
                function = store.FindFunction((nint)reference);
                _functions[reference] = function;   // a host function has registered itself already
            }

            return function;
        }
    }

    public void Register(Function function)
    {
        lock (_functions)
        {
            _functions[(ulong)function.Address] = function;
        }
    }

    public ulong FromExternal(object? value)
    {
        if (value is null)
        {
            return 0;
        }

        lock (_functions)
        {
            _handles ??= new Dictionary<object, ulong>(IdentityComparer.Instance);
            _externals ??= [];
            if (!_handles.TryGetValue(value, out ulong handle))
            {
                _externals.Add(value);
                handle = (ulong)_externals.Count;   // from 1: zero is null
                _handles.Add(value, handle);
            }

            return handle;
        }
    }

    public object? ToExternal(ulong handle)
    {
        if (handle == 0)
        {
            return null;
        }

        lock (_functions)
        {
            return _externals![(int)handle - 1];
        }
    }

    /// <summary>Objects are told apart by identity; boxed numbers by value, so that a guest cannot fill the host by passing them.</summary>
    private sealed class IdentityComparer : IEqualityComparer<object>
    {
        public static readonly IdentityComparer Instance = new();

        public new bool Equals(object? x, object? y) => ReferenceEquals(x, y) || (x is ValueType && x.Equals(y));

        public int GetHashCode(object obj) => obj is ValueType ? obj.GetHashCode() : RuntimeHelpers.GetHashCode(obj);
    }
}
