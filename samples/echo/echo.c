/* Answers with the body of the request, piece by piece as it comes: neither side ever holds all of it.
 *
 *   clang-19 --target=wasm32-wasi -Os -s echo.c -o echo.wasm
 *
 * Outside of a server it copies standard input to standard output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    if (getenv("GATEWAY_INTERFACE")) {
        const char *type = getenv("CONTENT_TYPE");
        printf("Content-Type: %s\r\n\r\n", type && *type ? type : "application/octet-stream");
        fflush(stdout);
    }

    static char piece[16384];
    ssize_t count;
    while ((count = read(0, piece, sizeof piece)) > 0) {
        for (ssize_t written = 0; written < count;) {
            ssize_t more = write(1, piece + written, (size_t)(count - written));
            if (more < 0) {
                return 1;
            }
            written += more;
        }
    }

    return count < 0;
}
