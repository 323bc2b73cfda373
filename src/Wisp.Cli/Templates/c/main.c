/* Answers a request: it comes as environment variables and standard input (CGI, RFC 3875), the answer is standard output. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    const char *path = getenv("PATH_INFO");
    printf("Content-Type: text/plain; charset=utf-8\r\n\r\n");
    printf("Hello from @NAME@! You asked for %s.\n", path ? path : "nothing");
    return 0;
}
