/* A model with random weights for the length of one task.
 *
 * The task runs in a child process while the parent waits to remove the model: gigabytes must not be left behind where a signal, or a
 * system short of memory, ends the task in the middle. */
#include "random_model.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const bombus_mode modes[] = {BOMBUS_AFFINE, BOMBUS_MXFP4, BOMBUS_MXFP8, BOMBUS_NVFP4, BOMBUS_DENSE};
static const bombus_dtype dtypes[] = {BOMBUS_BF16, BOMBUS_F16, BOMBUS_F32};

option random_option(random_choice *choice)
{
    return text_option("random", &choice->shape, "SHAPE",
                       "A model of this shape with random weights: qwen3-0.6b, qwen3-8b, llama-3.2-1b, mistral-7b ... (a wrong name gets a "
                       "list of all).");
}

option mode_option(random_choice *choice)
{
    static const char *const names[] = {"affine", "mxfp4", "mxfp8", "nvfp4", "dense", NULL};

    return with_given(&choice->mode_given,
                      choice_option("mode", &choice->mode, "MODE", names,
                                    "How random weights are quantized: affine (default), mxfp4, mxfp8, nvfp4, dense."));
}

option bits_option(random_choice *choice)
{
    return with_given(&choice->bits_given, int_option("bits", &choice->bits, "N", 2, 32,
                                                      "Bits of a random weight (default: the mode's, for affine 4). 16 and 32 are dense."));
}

option group_size_option(random_choice *choice)
{
    return with_given(&choice->group_size_given, int_option("group-size", &choice->group_size, "N", 16, 128,
                                                            "Random weights that share a scale (default: the mode's, for affine 64)."));
}

option dtype_option(random_choice *choice)
{
    static const char *const names[] = {"bf16", "f16", "f32", NULL};

    return with_given(&choice->dtype_given, choice_option("dtype", &choice->dtype, "TYPE", names,
                                                          "Type of dense random weights, and of affine scales: bf16 (default), f16, f32."));
}

int check_random(const command *self, const random_choice *choice)
{
    const struct {
        bool given;
        const char *name;
    } others[] = {
        {choice->mode_given, "mode"},
        {choice->bits_given, "bits"},
        {choice->group_size_given, "group-size"},
        {choice->dtype_given, "dtype"},
    };
    char known[512] = "";
    const char *name;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].given && !choice->shape)
            return complain_usage(self, "--%s needs --random", others[i].name);
    for (size_t i = 0; choice->shape && (name = bombus_bench_shape_at(i)); i++) {
        if (strcmp(name, choice->shape) == 0)
            return -1;
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "", name);
    }
    return choice->shape ? complain_usage(self, "--random: \"%s\", expected one of %s", choice->shape, known) : -1;
}

/* What was given, with 16 and 32 bits as the dense types they mean. */
static bool make_model(const random_choice *choice, const char *directory)
{
    const bool dense = choice->mode_given ? modes[choice->mode] == BOMBUS_DENSE : choice->bits >= 16;
    const bombus_quantization quantization = {
        .mode = dense ? BOMBUS_DENSE : modes[choice->mode], .bits = choice->bits, .group_size = choice->group_size};
    const bombus_dtype dtype = dense && choice->bits == 32 && !choice->dtype_given ? BOMBUS_F32 : dtypes[choice->dtype];
    bombus_error err;

    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[Kmaking %s ...", choice->shape);
    if (bombus_bench_random_model(directory, choice->shape, &quantization, dtype, 0, &err) == BOMBUS_OK)
        return true;
    complain("%s", err.message);
    return false;
}

/* ---- the parent ---- */

static volatile sig_atomic_t child;

/* A signal to the parent alone is meant for both. */
static void pass_on(int signal)
{
    if (child > 0)
        kill((pid_t)child, signal);
}

static void remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    char file[1024];

    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        unlink(file); /* . and .. stay */
    }
    if (directory)
        closedir(directory);
    if (rmdir(path) != 0)
        complain("%s: cannot remove: %s", path, strerror(errno));
}

/* Exit status of the child, once it has ended. */
static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return complain("cannot wait for process %ld: %s", (long)pid, strerror(errno));
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGHUP)
        return EXIT_INTERRUPTED;
    return complain("ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
}

int with_random_model(const random_choice *choice, int (*work)(void *context, const char *directory), void *context)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    enum { ENDS = sizeof ends / sizeof *ends };
    const char *temporary = getenv("TMPDIR") && *getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    struct sigaction before[ENDS];
    sigset_t blocked, unblocked;
    char path[512];

    /* No signal comes between the making of the directory and the parent's knowing whom to tell. */
    sigemptyset(&blocked);
    for (int i = 0; i < ENDS; i++)
        sigaddset(&blocked, ends[i]);
    sigprocmask(SIG_BLOCK, &blocked, &unblocked);
    snprintf(path, sizeof path, "%s/bombus-random-XXXXXX", temporary);
    if (!mkdtemp(path)) {
        complain("%s: cannot make a directory for the model: %s", temporary, strerror(errno));
        sigprocmask(SIG_SETMASK, &unblocked, NULL);
        return EXIT_FAILED;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &unblocked, NULL);
        return make_model(choice, path) ? work(context, path) : EXIT_FAILED;
    }
    child = (sig_atomic_t)pid;
    for (int i = 0; i < ENDS; i++) {
        sigaction(ends[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN) /* as of a shell's background, and then the child's too */
            sigaction(ends[i], &(struct sigaction){.sa_handler = pass_on}, NULL);
    }
    sigprocmask(SIG_SETMASK, &unblocked, NULL);

    const int result = pid > 0 ? wait_for(pid) : complain("cannot start a process: %s", strerror(errno));
    remove_directory(path);
    for (int i = 0; i < ENDS; i++)
        sigaction(ends[i], &before[i], NULL);
    return result;
}
