// Pointers and a bump allocator: binary trees built, walked and dropped.
#include "kernel.h"

typedef struct node { struct node *left, *right; } node;
static node arena[1 << 19];
static uint32_t used;

static node *build(int depth)
{
    node *n = &arena[used++];
    n->left = depth ? build(depth - 1) : 0;
    n->right = depth ? build(depth - 1) : 0;
    return n;
}

static uint32_t check(const node *n) { return n->left ? 1 + check(n->left) + check(n->right) : 1; }

KERNEL uint64_t run(uint32_t rounds)
{
    uint64_t total = 0;
    for (uint32_t round = 0; round < rounds; round++)
    {
        used = 0;
        total += check(build(10 + round % 8));
    }
    return total;
}
