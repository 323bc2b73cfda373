// Minimum of three over two rows: edit distance of texts.
#include "kernel.h"

enum { LENGTH = 1024 };
static uint8_t s[LENGTH], t[LENGTH];
static uint32_t row[LENGTH + 1];

KERNEL uint64_t run(uint32_t rounds)
{
    uint64_t hash = 1;
    for (uint32_t round = 0; round < rounds; round++)
    {
        for (int i = 0; i < LENGTH; i++) { s[i] = 'a' + kernel_random() % 4; t[i] = 'a' + kernel_random() % 4; }
        for (uint32_t j = 0; j <= LENGTH; j++) row[j] = j;
        for (uint32_t i = 1; i <= LENGTH; i++)
        {
            uint32_t diagonal = row[0];
            row[0] = i;
            for (uint32_t j = 1; j <= LENGTH; j++)
            {
                uint32_t cost = diagonal + (s[i - 1] != t[j - 1]), above = row[j] + 1, left = row[j - 1] + 1;
                diagonal = row[j];
                uint32_t best = above < left ? above : left;
                row[j] = best < cost ? best : cost;
            }
        }
        hash = kernel_mix(hash, row[LENGTH]);
    }
    return hash;
}
