// Calls: the doubly recursive Fibonacci number.
#include "kernel.h"

__attribute__((noinline)) static uint32_t fib(uint32_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

KERNEL uint64_t run(uint32_t n) { return fib(n); }
