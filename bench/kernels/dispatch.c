// br_table: a bytecode interpreter that runs a small loop.
#include "kernel.h"

enum { PUSH, ADD, SUB, MUL, XOR, LOAD, STORE, JNZ, DUP, HALT };
static const int32_t program[] = {
    /* 0 */ PUSH, 0, STORE, 0,
    /* 4 */ LOAD, 0, PUSH, 31, MUL, LOAD, 1, ADD, PUSH, 0x5bd1e995, XOR, STORE, 0,
    /* 17 */ LOAD, 1, PUSH, 1, SUB, DUP, STORE, 1, JNZ, 4,
    /* 27 */ HALT };

__attribute__((noinline)) static uint32_t interpret(uint32_t iterations)
{
    uint32_t stack[16], variables[4] = { 0, iterations, 0, 0 };
    int sp = 0, pc = 0;
    for (;;)
        switch (program[pc++])
        {
            case PUSH: stack[sp++] = (uint32_t)program[pc++]; break;
            case ADD: sp--; stack[sp - 1] += stack[sp]; break;
            case SUB: sp--; stack[sp - 1] -= stack[sp]; break;
            case MUL: sp--; stack[sp - 1] *= stack[sp]; break;
            case XOR: sp--; stack[sp - 1] ^= stack[sp]; break;
            case LOAD: stack[sp++] = variables[program[pc++] & 3]; break;
            case STORE: variables[program[pc++] & 3] = stack[--sp]; break;
            case JNZ: { int target = program[pc++]; if (stack[--sp]) pc = target; break; }
            case DUP: stack[sp] = stack[sp - 1]; sp++; break;
            default: return variables[0];
        }
}

KERNEL uint64_t run(uint32_t iterations) { return interpret(iterations); }
