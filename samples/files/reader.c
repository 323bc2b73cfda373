/* Answers with a note, or says why not. /private asks for the directory beside the granted one: by its own path, and by way of the
 * granted one. Neither works, whatever the program does: it holds nothing to reach it by. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(const char *path)
{
    printf("Status: %d\r\nContent-Type: text/plain\r\n\r\n%s: %s\n", errno == ENOENT ? 404 : 403, path, strerror(errno));
    return 0;
}

int main(void)
{
    char path[256];
    const char *name = getenv("PATH_PARAM_NAME");
    if (!name) {
        FILE *direct = fopen("/private/key.txt", "r");
        snprintf(path, sizeof path, "/notes/../private/key.txt");
        if (direct) {
            printf("Status: 500\r\n\r\nread what was not granted\n");
            return 1;
        }
    } else {
        snprintf(path, sizeof path, "/notes/%s", name);
    }

    FILE *file = fopen(path, "r");
    if (!file) {
        return refuse(path);
    }

    printf("Content-Type: text/plain\r\n\r\n");
    char buffer[4096];
    for (size_t count; (count = fread(buffer, 1, sizeof buffer, file)) > 0;) {
        fwrite(buffer, 1, count, stdout);
    }

    return 0;
}
