// A kernel exports `run(n)`: work that grows with n, and a checksum that every engine must agree on. No libc, no imports.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define KERNEL __attribute__((export_name("run")))

static uint64_t kernel_state = 88172645463325252ull;

// xorshift64: the same inputs everywhere, without a library.
static inline uint64_t kernel_random(void)
{
    kernel_state ^= kernel_state << 13;
    kernel_state ^= kernel_state >> 7;
    kernel_state ^= kernel_state << 17;
    return kernel_state;
}

static inline uint64_t kernel_mix(uint64_t hash, uint64_t value)
{
    hash ^= value;
    hash *= 0x100000001b3ull;
    return hash ^ (hash >> 29);
}

static inline uint64_t kernel_mix_double(uint64_t hash, double value)
{
    union { double d; uint64_t u; } bits = { .d = value };
    return kernel_mix(hash, bits.u);
}
