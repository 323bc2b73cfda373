// Small arrays, permuted and reversed in place.
#include "kernel.h"

KERNEL uint64_t run(uint32_t n)
{
    int perm[16], perm1[16], count[16];
    int flips = 0, checksum = 0, r = (int)n, index = 0;
    for (int i = 0; i < (int)n; i++) perm1[i] = i;
    for (;;)
    {
        for (; r != 1; r--) count[r - 1] = r;
        for (int i = 0; i < (int)n; i++) perm[i] = perm1[i];
        int flipped = 0;
        for (int k; (k = perm[0]) != 0; flipped++)
            for (int lo = 0, hi = k; lo < hi; lo++, hi--)
            {
                int t = perm[lo]; perm[lo] = perm[hi]; perm[hi] = t;
            }
        if (flipped > flips) flips = flipped;
        checksum += index % 2 == 0 ? flipped : -flipped;
        for (;; r++)
        {
            if (r == (int)n) return (uint64_t)(uint32_t)checksum << 32 | (uint32_t)flips;
            int first = perm1[0];
            for (int i = 0; i < r; i++) perm1[i] = perm1[i + 1];
            perm1[r] = first;
            if (--count[r] > 0) break;
        }
        index++;
    }
}
