/* Knows how many steps the Collatz sequence takes from each number below a million to 1, and who takes the most.
 *
 *   clang-19 --target=wasm32-wasi -mexec-model=reactor -O2 -s collatz.c -o collatz.wasm
 *
 * A reactor: _initialize, which clang makes, runs the constructors once in each instance; handle answers a request. Nothing flushes
 * standard output at the end of handle but handle itself.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT 1000000

static uint16_t steps[COUNT];
static uint32_t longest = 1;

__attribute__((constructor)) static void count_all(void)
{
    for (uint32_t start = 2; start < COUNT; start++) {
        uint32_t count = 0;
        for (uint64_t n = start; n != 1; count++) {
            n = n % 2 ? 3 * n + 1 : n / 2;
        }

        steps[start] = (uint16_t)count;
        longest = count > steps[longest] ? start : longest;
    }
}

__attribute__((export_name("handle"))) void handle(void)
{
    const char *text = getenv("PATH_PARAM_NUMBER");
    char *end;
    unsigned long number = text ? strtoul(text, &end, 10) : longest;
    if (text && (*end || number < 1 || number >= COUNT)) {
        printf("Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\nnot a number from 1 to %d\n", COUNT - 1);
    } else {
        printf("Content-Type: application/json\r\n\r\n{\"number\":%lu,\"steps\":%u}\n", number, steps[number]);
    }

    fflush(stdout);
}
