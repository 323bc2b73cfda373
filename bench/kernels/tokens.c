// Branches on bytes: a JSON-like text is made, then scanned into tokens.
#include "kernel.h"

static char text[1 << 18];
static uint32_t length;

static void put(const char *s) { while (*s && length < sizeof text) text[length++] = *s++; }

static void number(uint64_t v)
{
    char digits[24]; int n = 0;
    do { digits[n++] = '0' + v % 10; v /= 10; } while (v);
    while (n && length < sizeof text) text[length++] = digits[--n];
}

KERNEL uint64_t run(uint32_t rounds)
{
    length = 0;
    put("[");
    while (length < sizeof text - 128)
    {
        put("{\"id\": "); number(kernel_random() % 100000); put(", \"name\": \"item \\\"");
        number(kernel_random() % 1000); put("\\\"\", \"ok\": "); put(kernel_random() & 1 ? "true" : "false"); put(", \"v\": -");
        number(kernel_random() % 1000); put("."); number(kernel_random() % 1000); put("},\n");
    }
    put("null]");
    uint64_t hash = 1;
    for (uint32_t round = 0; round < rounds; round++)
    {
        uint32_t strings = 0, numbers = 0, words = 0, marks = 0, depth = 0, deepest = 0;
        for (uint32_t i = 0; i < length;)
        {
            char c = text[i];
            if (c == '"')
            {
                for (i++; i < length && text[i] != '"'; i++) if (text[i] == '\\') i++;
                i++; strings++;
            }
            else if (c == '-' || (c >= '0' && c <= '9'))
            {
                uint32_t v = 0;
                for (i++; i < length && ((text[i] >= '0' && text[i] <= '9') || text[i] == '.'); i++) v = v * 10 + (uint32_t)text[i];
                numbers += v | 1;
            }
            else if (c >= 'a' && c <= 'z') { while (i < length && text[i] >= 'a' && text[i] <= 'z') i++; words++; }
            else if (c == '{' || c == '[') { if (++depth > deepest) deepest = depth; i++; marks++; }
            else if (c == '}' || c == ']') { depth--; i++; marks++; }
            else { marks += c == ',' || c == ':'; i++; }
        }
        hash = kernel_mix(hash, strings + numbers * 3ull + words * 5ull + marks * 7ull + deepest);
    }
    return hash;
}
