// Runs a kernel natively for Wisp.Bench: for each number n on a line of standard input it answers "RESULT NANOSECONDS", the CPU time
// of run(n) in a new child process, because kernels keep state and every other engine starts from a new instance as well.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t run(uint32_t n);

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

int main(void)
{
    uint32_t n;
    while (scanf("%" SCNu32, &n) == 1)
    {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
        {
            int64_t start = now();
            uint64_t result = run(n);
            int64_t end = now();
            printf("%" PRId64 " %" PRId64 "\n", (int64_t)result, end - start);
            fflush(stdout);
            _exit(0);
        }

        int status;
        if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
        {
            return 1;
        }
    }

    return 0;
}
