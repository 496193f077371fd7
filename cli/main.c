/* bombus: one program, one command a task. */
#include "options.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const command *const commands[] = {&cmd_generate, &cmd_chat,       &cmd_batch, &cmd_cache_prompt, &cmd_template, &cmd_tokenize,
                                          &cmd_inspect,  &cmd_perplexity, &cmd_bench, &cmd_adapter,      &cmd_fuse,     &cmd_version};

enum { COMMANDS = sizeof commands / sizeof *commands };

static int run_version(const command *self, int argc, char **argv)
{
    const int status = read_options(self, NULL, 0, &argc, argv);
    if (status >= 0)
        return status;
    if (argc)
        return complain_usage(self, "unexpected argument \"%s\"", argv[0]);
    print("bombus %s\n", bombus_version());
    return flush_output() ? EXIT_OK : EXIT_FAILED;
}

const command cmd_version = {
    .name = "version",
    .summary = "Print the version",
    .synopsis = "",
    .description = "Prints the version, as --version does.",
    .run = run_version,
};

static int print_overview(void)
{
    print("Bombus runs quantized language models.\n\nUsage: bombus COMMAND [options]\n\nCommands:\n");
    for (int i = 0; i < COMMANDS; i++)
        print("  %-12s %s\n", commands[i]->name, commands[i]->summary);
    print("\nbombus help COMMAND, or bombus COMMAND --help, says all about one.\n\n"
          "Examples:\n"
          "  bombus generate --model models/Qwen3-0.6B-4bit \"Once upon a time\"\n"
          "  bombus chat --model models/Qwen3-0.6B-4bit\n"
          "  bombus template --model models/Qwen3-0.6B-4bit --messages chat.json\n"
          "  bombus tokenize --model models/Qwen3-0.6B-4bit \"Once upon a time\"\n"
          "  bombus inspect --model models/Qwen3-0.6B-4bit\n");
    return flush_output() ? EXIT_OK : EXIT_FAILED;
}

static const command *find_command(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    static char help[] = "--help";

    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, with a message */
    if (argc < 2) {
        complain("no command (see bombus --help)");
        return EXIT_USAGE;
    }

    const char *name = argv[1];
    if (strcmp(name, "--version") == 0)
        name = cmd_version.name;
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    const bool asks_help = strcmp(name, "help") == 0;
    if (asks_help && argc == 2)
        return print_overview();
    if (asks_help)
        name = argv[2];

    const command *chosen = find_command(name);
    if (!chosen) {
        complain("unknown command %s (see bombus --help)", name);
        return EXIT_USAGE;
    }
    if (asks_help)
        return chosen->run(chosen, 1, (char *[]){help});
    return chosen->run(chosen, argc - 2, argv + 2);
}
