/* terminal.h: the program at a terminal: what is typed, what the screen shows, and a shell's part of job control. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <time.h>

enum { PATIENCE = 60 }; /* seconds after which a program that says nothing hangs */
enum { KILLED = 98 };   /* the status of a shell whose job a signal has ended */

static int terminal = -1;
static pid_t shell;
static char screen[1 << 20]; /* all that was written */
static size_t screen_bytes, screen_seen;

/* In the terminal's session: runs the command as a job of its own, and wakes it up where it is suspended. */
static inline void be_a_shell(const char *command)
{
    int status;

    signal(SIGTTOU, SIG_IGN);
    const pid_t job = fork();
    setpgid(job, job);
    tcsetpgrp(0, job ? job : getpid());
    if (job == 0) {
        signal(SIGTTOU, SIG_DFL);
        execl("/bin/sh", "sh", "-c", command, NULL);
        _exit(99);
    }
    while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
        if (write(1, "[suspended]\n", 12) != 12)
            break;
        kill(-job, SIGCONT);
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : KILLED);
}

/* Begins the program with arguments as a shell reads them. environment: "NO_COLOR=1 ". */
static inline void open_terminal(const char *environment, const char *arguments)
{
    char command[4096];

    snprintf(command, sizeof command, "%s exec " BOMBUS_PROGRAM " %s", environment, arguments);
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    const struct winsize size = {.ws_row = 24, .ws_col = 80};
    screen_bytes = screen_seen = 0;
    screen[0] = '\0';
    shell = fork();
    if (shell == 0) {
        setsid();
        const int other = open(ptsname(terminal), O_RDWR);
        close(terminal); /* so that it goes away with the test */
        ioctl(other, TIOCSCTTY, 0);
        ioctl(other, TIOCSWINSZ, &size);
        for (int i = 0; i < 3; i++)
            dup2(other, i);
        be_a_shell(command);
    }
}

static inline void type(const char *text)
{
    assert_int_equal(write(terminal, text, strlen(text)), strlen(text));
}

/* false at the end: nobody has the terminal any more. */
static inline bool watch(void)
{
    struct pollfd ready = {.fd = terminal, .events = POLLIN};
    const int count = poll(&ready, 1, PATIENCE * 1000);
    const ssize_t got = count == 1 ? read(terminal, screen + screen_bytes, sizeof screen - 1 - screen_bytes) : 0;

    if (count == 0 || (size_t)got == sizeof screen - 1 - screen_bytes)
        fail_msg("%s; the screen shows: %s", count ? "too much was written" : "nothing happens", screen + screen_seen);
    if (got <= 0)
        return false;
    screen_bytes += (size_t)got;
    screen[screen_bytes] = '\0';
    return true;
}

/* Waits until the screen shows a text, after what was expected before. Returns what stood between. */
static inline const char *expect(const char *text)
{
    static char between[sizeof screen];
    const char *found;

    while (!(found = strstr(screen + screen_seen, text)))
        if (!watch())
            fail_msg("the program has ended before \"%s\"; the screen shows: %s", text, screen + screen_seen);
    const size_t bytes = (size_t)(found - screen) - screen_seen;
    memcpy(between, screen + screen_seen, bytes);
    between[bytes] = '\0';
    screen_seen += bytes + strlen(text);
    return between;
}

/* The program ends by itself. Returns its exit status. */
static inline int close_terminal(void)
{
    int status;

    while (watch())
        ;
    assert_int_equal(waitpid(shell, &status, 0), shell);
    shell = 0;
    close(terminal);
    terminal = -1;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* After a test that failed: the terminal goes away, and with it whoever uses it. */
static inline int drop_terminal(void **state)
{
    (void)state;
    if (terminal >= 0)
        close(terminal);
    terminal = -1;
    if (shell)
        waitpid(shell, NULL, 0);
    shell = 0;
    return 0;
}

#endif
