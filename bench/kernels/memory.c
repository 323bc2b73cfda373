// Bulk memory: copies and fills of many sizes, forward and overlapping.
#include "kernel.h"

static uint8_t buffer[1 << 20];

KERNEL uint64_t run(uint32_t rounds)
{
    for (uint32_t i = 0; i < sizeof buffer; i++) buffer[i] = (uint8_t)kernel_random();
    uint64_t hash = 1;
    for (uint32_t i = 0; i < rounds; i++)
    {
        uint64_t r = kernel_random();
        uint32_t size = (uint32_t)(r & 15) < 12 ? (uint32_t)(r >> 8 & 127) : (uint32_t)(r >> 8 & 16383);
        uint32_t from = (uint32_t)(r >> 24 & 0x7ffff), to = (uint32_t)(r >> 44 & 0x7ffff);
        __builtin_memmove(buffer + to, buffer + from, size);
        if ((i & 15) == 0) __builtin_memset(buffer + from, (int)i, size);
        hash = kernel_mix(hash, buffer[to + size / 2]);
    }
    return hash;
}
