// Double arithmetic with many values live: five bodies under gravity.
#include "kernel.h"

typedef struct { double x, y, z, vx, vy, vz, mass; } body;
static body bodies[5];

static void step(double dt)
{
    for (int i = 0; i < 5; i++)
    {
        body *p = &bodies[i];
        for (int j = i + 1; j < 5; j++)
        {
            body *q = &bodies[j];
            double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
            double square = dx * dx + dy * dy + dz * dz;
            double magnitude = dt / (square * __builtin_sqrt(square));
            p->vx -= dx * q->mass * magnitude; p->vy -= dy * q->mass * magnitude; p->vz -= dz * q->mass * magnitude;
            q->vx += dx * p->mass * magnitude; q->vy += dy * p->mass * magnitude; q->vz += dz * p->mass * magnitude;
        }
    }
    for (int i = 0; i < 5; i++)
    {
        bodies[i].x += dt * bodies[i].vx; bodies[i].y += dt * bodies[i].vy; bodies[i].z += dt * bodies[i].vz;
    }
}

KERNEL uint64_t run(uint32_t steps)
{
    for (int i = 0; i < 5; i++)
        bodies[i] = (body){ i * 3.1 + 0.5, i * 1.7 - 2, 0.3 * i, 0.01 * i, 0.4 - 0.1 * i, 0.02, i == 0 ? 39.47 : 0.03 * i };
    for (uint32_t i = 0; i < steps; i++) step(0.001);
    uint64_t hash = 1;
    for (int i = 0; i < 5; i++) hash = kernel_mix_double(kernel_mix_double(hash, bodies[i].x), bodies[i].vy);
    return hash;
}
