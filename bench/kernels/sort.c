// Compares, swaps and recursion: quicksort with insertion sort below sixteen.
#include "kernel.h"

enum { COUNT = 200000 };
static uint32_t values[COUNT];

static void sort(uint32_t *lo, uint32_t *hi)
{
    while (hi - lo > 16)
    {
        uint32_t pivot = lo[(hi - lo) / 2], *i = lo, *j = hi - 1;
        while (i <= j)
        {
            while (*i < pivot) i++;
            while (*j > pivot) j--;
            if (i <= j) { uint32_t t = *i; *i++ = *j; *j-- = t; }
        }
        if (j + 1 - lo < hi - i) { sort(lo, j + 1); lo = i; }
        else { sort(i, hi); hi = j + 1; }
    }
    for (uint32_t *i = lo + 1; i < hi; i++)
    {
        uint32_t v = *i, *j = i;
        for (; j > lo && j[-1] > v; j--) *j = j[-1];
        *j = v;
    }
}

KERNEL uint64_t run(uint32_t rounds)
{
    uint64_t hash = 1;
    for (uint32_t round = 0; round < rounds; round++)
    {
        for (int i = 0; i < COUNT; i++) values[i] = (uint32_t)kernel_random();
        sort(values, values + COUNT);
        hash = kernel_mix(hash, values[round * 31 % COUNT]);
    }
    return hash;
}
