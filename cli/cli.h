/* cli.h: the commands, and what they share: messages, input, output.
 *
 * Exit status: 0 done, 1 bad input or a failure (one message on standard error), 2 wrong usage, 130 interrupted. A command's result goes to
 * standard output, everything else to standard error. */
#ifndef CLI_H
#define CLI_H

#include <bombus/bombus.h>

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

typedef struct command command;

struct command {
    const char *name;
    const char *summary;                                    /* one line */
    const char *synopsis;                                   /* what follows the name */
    const char *description;                                /* paragraphs, wrapped as they stand */
    int (*run)(const command *self, int argc, char **argv); /* argv [argc] without the command's name */
};

extern const command cmd_generate, cmd_chat, cmd_cache_prompt, cmd_template, cmd_tokenize, cmd_inspect, cmd_perplexity, cmd_batch,
    cmd_bench, cmd_adapter, cmd_fuse, cmd_version;

/* "bombus: ..." on standard error. Returns EXIT_FAILED. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for the way a command was called. Returns EXIT_USAGE. */
int complain_usage(const command *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* All bytes of a file, "-": of standard input, with a NUL behind them. The caller frees *data. Complains and returns false where that
 * fails. */
bool read_input(const char *path, char **data, size_t *bytes);

/* Bytes that grow at their end; a NUL is behind them once add_bytes has been called. Begin with a zeroed struct, end with free(data). */
typedef struct byte_buffer {
    char *data; /* [size] */
    size_t size;
} byte_buffer;

/* Complains and returns false without memory. */
bool add_bytes(byte_buffer *to, const char *data, size_t bytes);

/* Standard output. A write that fails is complained about once, then everything returns false. */
bool put(const char *data, size_t bytes);
bool print(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool flush_output(void);

/* The most memory this process has held, in bytes. */
int64_t peak_memory(void);
/* Seconds of a clock that never goes back. */
double seconds_now(void);
/* NaN where no time has passed. */
double rate(double count, double seconds);

#endif
