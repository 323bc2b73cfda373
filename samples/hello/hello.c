/* A function in C: the server gives the request as environment and standard input (CGI, RFC 3875), the answer is standard output.
 *
 *   clang-19 --target=wasm32-wasi -Os -s hello.c -o hello.wasm
 */
#include <stdio.h>
#include <stdlib.h>

static const char *variable(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

int main(void)
{
    printf("Content-Type: text/plain; charset=utf-8\r\n\r\n");
    printf("Hello from WebAssembly!\n");
    printf("You asked for %s with %s.\n", variable("PATH_INFO", "/"), variable("REQUEST_METHOD", "nothing at all"));

    const char *query = variable("QUERY_STRING", NULL);
    if (query) {
        printf("The query is %s.\n", query);
    }

    return 0;
}
