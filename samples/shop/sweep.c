/* A job: what it prints is in the log, and its exit code says whether it went well. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    const char *time = getenv("WISP_CRON_TIME");
    printf("swept at %s\n", time ? time : "no tick at all");
    return 0;
}
