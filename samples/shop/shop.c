/* Two routes of one app: SCRIPT_NAME is the part of the path that the route names, PATH_INFO the rest, PATH_PARAM_ID what stood
 * for :id. The first argument is the currency, from the app's variables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

static int item(const char *id, const char *currency)
{
    char *end;
    long number = strtol(id, &end, 10);
    if (*end || number < 1 || number > 999) {
        printf("Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\nno item has this number\n");
        return 0;
    }

    printf("Content-Type: application/json\r\n\r\n{\"id\":%ld,\"price\":%ld,\"currency\":\"%s\"}\n", number, number * 3, currency);
    return 0;
}

static int cart(void)
{
    char body[256];
    size_t length = fread(body, 1, sizeof body, stdin);
    printf("Content-Type: text/plain\r\n\r\n");
    printf("%s in %s at \"%s\", %zu bytes\n", variable("REQUEST_METHOD"), variable("SCRIPT_NAME"), variable("PATH_INFO"), length);
    return 0;
}

int main(int argc, char **argv)
{
    const char *id = getenv("PATH_PARAM_ID");
    return id ? item(id, argc > 1 ? argv[1] : "") : cart();
}
