// Division: by constants, by variables, signed and 64 bits; greatest common divisors and decimal digits.
#include "kernel.h"

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) { uint64_t r = a % b; a = b; b = r; }
    return a;
}

KERNEL uint64_t run(uint32_t rounds)
{
    uint64_t hash = 1;
    for (uint32_t i = 0; i < rounds; i++)
    {
        uint64_t a = kernel_random(), b = kernel_random() >> 20;
        hash = kernel_mix(hash, gcd(a, b));
        uint32_t digits = 0;
        for (uint64_t v = a; v; v /= 10) digits += v % 10;
        hash = kernel_mix(hash, digits + (uint32_t)((int32_t)a / 7) + (uint32_t)((int64_t)b % -13));
    }
    return hash;
}
