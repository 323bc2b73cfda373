// Sixteen words in rounds of add, xor, rotate: more values live than there are registers.
#include "kernel.h"

static inline uint32_t rotl(uint32_t x, int n) { return (x << n) | (x >> (32 - n)); }
#define QUARTER(a, b, c, d) \
    a += b; d = rotl(d ^ a, 16); c += d; b = rotl(b ^ c, 12); a += b; d = rotl(d ^ a, 8); c += d; b = rotl(b ^ c, 7);

KERNEL uint64_t run(uint32_t blocks)
{
    uint64_t hash = 1;
    uint32_t in[16], x[16];
    for (int i = 0; i < 16; i++) in[i] = (uint32_t)kernel_random();
    for (uint32_t n = 0; n < blocks; n++)
    {
        in[12] = n;
        for (int i = 0; i < 16; i++) x[i] = in[i];
        for (int i = 0; i < 10; i++)
        {
            QUARTER(x[0], x[4], x[8], x[12]) QUARTER(x[1], x[5], x[9], x[13])
            QUARTER(x[2], x[6], x[10], x[14]) QUARTER(x[3], x[7], x[11], x[15])
            QUARTER(x[0], x[5], x[10], x[15]) QUARTER(x[1], x[6], x[11], x[12])
            QUARTER(x[2], x[7], x[8], x[13]) QUARTER(x[3], x[4], x[9], x[14])
        }
        hash = kernel_mix(hash, x[3] + in[3] + ((uint64_t)(x[9] + in[9]) << 32));
    }
    return hash;
}
