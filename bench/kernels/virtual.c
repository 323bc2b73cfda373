// call_indirect: methods of shapes through function pointers.
#include "kernel.h"

typedef struct shape shape;
struct shape { double (*area)(const shape *); void (*grow)(shape *, double); double a, b; };

static double box_area(const shape *s) { return s->a * s->b; }
static double disc_area(const shape *s) { return s->a * s->a * 3.14159265358979; }
static double tri_area(const shape *s) { return s->a * s->b * 0.5; }
static void grow_both(shape *s, double f) { s->a += f; s->b -= f; }
static void grow_one(shape *s, double f) { s->a = s->a > 100 ? 1 : s->a + f; }

static shape shapes[1024];

KERNEL uint64_t run(uint32_t rounds)
{
    double (*areas[])(const shape *) = { box_area, disc_area, tri_area };
    void (*grows[])(shape *, double) = { grow_both, grow_one };
    for (int i = 0; i < 1024; i++)
        shapes[i] = (shape){ areas[kernel_random() % 3], grows[kernel_random() % 2], i * 0.25, i * 0.5 };
    double sum = 0;
    for (uint32_t round = 0; round < rounds; round++)
        for (int i = 0; i < 1024; i++)
        {
            sum += shapes[i].area(&shapes[i]);
            shapes[i].grow(&shapes[i], 0.125);
        }
    return kernel_mix_double(1, sum);
}
