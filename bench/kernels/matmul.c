// Doubles in nested loops: dense matrix product.
#include "kernel.h"

enum { N = 160 };
static double a[N][N], b[N][N], c[N][N];

KERNEL uint64_t run(uint32_t rounds)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
        {
            a[i][j] = (double)(kernel_random() % 1000) / 10;
            b[i][j] = (double)(kernel_random() % 1000) / 10;
        }
    uint64_t hash = 1;
    for (uint32_t round = 0; round < rounds; round++)
    {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
            {
                double sum = 0;
                for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];
                c[i][j] = sum;
            }
        hash = kernel_mix_double(hash, c[round % N][(round * 7) % N]);
    }
    return hash;
}
