/* The first process of an emulated machine (tools/check_avx512.sh): runs every program in /tests, says on the console what each returned,
 * and switches off in the way that Bochs knows. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SHUTDOWN_PORT = 0x8900 };

static void run(const char *name)
{
    char path[512];
    int status = -1;

    snprintf(path, sizeof path, "/tests/%s", name);
    const pid_t child = fork();
    if (child == 0) {
        execl(path, path, (char *)NULL);
        _exit(126);
    }
    waitpid(child, &status, 0);
    printf("%s: status %d\n", name, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

int main(void)
{
    struct dirent **names;

    mount("none", "/proc", "proc", 0, NULL);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    const int count = scandir("/tests", &names, NULL, alphasort);
    for (int i = 0; i < count; i++)
        if (names[i]->d_name[0] != '.')
            run(names[i]->d_name);
    puts("all have run");
    sleep(1); /* the last line is on its way */
    if (iopl(3) == 0)
        for (const char *c = "Shutdown"; *c; c++)
            outb((unsigned char)*c, SHUTDOWN_PORT);
    for (;;)
        pause();
}
