// Byte stores with a stride: the sieve of Eratosthenes over two million numbers.
#include "kernel.h"

enum { LIMIT = 2000000 };
static uint8_t composite[LIMIT + 1];

KERNEL uint64_t run(uint32_t rounds)
{
    uint64_t count = 0;
    for (uint32_t round = 0; round < rounds; round++)
    {
        for (uint32_t i = 0; i <= LIMIT; i++) composite[i] = 0;
        for (uint32_t i = 2; (uint64_t)i * i <= LIMIT; i++)
            if (!composite[i])
                for (uint32_t j = i * i; j <= LIMIT; j += i) composite[j] = 1;
        for (uint32_t i = 2; i <= LIMIT; i++) count += !composite[i];
    }
    return count;
}
