// A float loop with a data-dependent exit.
#include "kernel.h"

KERNEL uint64_t run(uint32_t size)
{
    uint64_t total = 0;
    for (uint32_t py = 0; py < size; py++)
        for (uint32_t px = 0; px < size; px++)
        {
            double cr = 3.0 * px / size - 2.0, ci = 2.0 * py / size - 1.0, zr = 0, zi = 0;
            int i = 0;
            while (i < 200)
            {
                double zr2 = zr * zr, zi2 = zi * zi;
                if (zr2 + zi2 > 4.0) break;
                zi = 2 * zr * zi + ci;
                zr = zr2 - zi2 + cr;
                i++;
            }
            total += i;
        }
    return total;
}
