// A table lookup a byte: the loop's length is its latency.
#include "kernel.h"

static uint32_t table[256];
static uint8_t data[1 << 20];

KERNEL uint64_t run(uint32_t rounds)
{
    for (uint32_t i = 0; i < 256; i++)
    {
        uint32_t c = i;
        for (int j = 0; j < 8; j++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    for (uint32_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)kernel_random();
    uint32_t crc = 0xffffffffu;
    for (uint32_t round = 0; round < rounds; round++)
        for (uint32_t i = 0; i < sizeof data; i++) crc = table[(crc ^ data[i]) & 0xff] ^ (crc >> 8);
    return crc;
}
