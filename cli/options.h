/* options.h: one table of options a command, from which its arguments are read and its help is written. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "cli.h"

typedef enum option_kind {
    OPTION_FLAG,   /* bool *, set by the name alone */
    OPTION_BOOL,   /* bool *, True or False */
    OPTION_INT,    /* int *, from min to max */
    OPTION_SEED,   /* uint64_t * */
    OPTION_FLOAT,  /* float *, from min to max */
    OPTION_TEXT,   /* const char ** */
    OPTION_LIST,   /* text_list *, once for each time it is given */
    OPTION_FLOATS, /* float_list *, likewise, each from min to max */
    OPTION_CHOICE, /* int *, index of one of the choices */
} option_kind;

enum { MAX_LIST = 256 };

/* As min or max of a number that has none. */
#define HUGE_FLOAT 3.0e38

typedef struct text_list {
    const char *items[MAX_LIST]; /* [count] */
    int count;
} text_list;

typedef struct float_list {
    float items[MAX_LIST]; /* [count] */
    int count;
} float_list;

/* A row of the table. Made by the functions below, which see to it that value points at the right type. */
typedef struct option {
    const char *name; /* without the dashes */
    char letter;      /* of the short form, or 0 */
    option_kind kind;
    void *value;
    const char *argument;       /* what the help calls the value: "N" */
    const char *help;           /* one paragraph, wrapped when printed */
    double min, max;            /* OPTION_INT, OPTION_FLOAT, OPTION_FLOATS */
    const char *const *choices; /* OPTION_CHOICE; ends with NULL */
    bool *given;                /* set when the option occurs; may be NULL */
} option;

static inline option flag_option(const char *name, bool *value, const char *help)
{
    return (option){.name = name, .kind = OPTION_FLAG, .value = value, .help = help};
}

static inline option bool_option(const char *name, bool *value, const char *help)
{
    return (option){.name = name, .kind = OPTION_BOOL, .value = value, .argument = "BOOL", .help = help};
}

static inline option int_option(const char *name, int *value, const char *argument, int min, int max, const char *help)
{
    return (option){.name = name, .kind = OPTION_INT, .value = value, .argument = argument, .help = help, .min = min, .max = max};
}

static inline option seed_option(const char *name, uint64_t *value, bool *given, const char *help)
{
    return (option){.name = name, .kind = OPTION_SEED, .value = value, .argument = "N", .help = help, .given = given};
}

static inline option float_option(const char *name, float *value, const char *argument, double min, double max, const char *help)
{
    return (option){.name = name, .kind = OPTION_FLOAT, .value = value, .argument = argument, .help = help, .min = min, .max = max};
}

static inline option text_option(const char *name, const char **value, const char *argument, const char *help)
{
    return (option){.name = name, .kind = OPTION_TEXT, .value = value, .argument = argument, .help = help};
}

static inline option list_option(const char *name, text_list *value, const char *argument, const char *help)
{
    return (option){.name = name, .kind = OPTION_LIST, .value = value, .argument = argument, .help = help};
}

static inline option floats_option(const char *name, float_list *value, const char *argument, double min, double max, const char *help)
{
    return (option){.name = name, .kind = OPTION_FLOATS, .value = value, .argument = argument, .help = help, .min = min, .max = max};
}

static inline option choice_option(const char *name, int *value, const char *argument, const char *const *choices, const char *help)
{
    return (option){.name = name, .kind = OPTION_CHOICE, .value = value, .argument = argument, .help = help, .choices = choices};
}

static inline option with_letter(char letter, option row)
{
    row.letter = letter;
    return row;
}

/* The row whose occurrence sets *given. */
static inline option with_given(bool *given, option row)
{
    row.given = given;
    return row;
}

/* A table of a command's own rows and of rows that it shares. */
typedef struct option_table {
    option rows[64]; /* [count] */
    size_t count;
} option_table;

void add_options(option_table *table, const option *rows, size_t count);

/* Reads argv [*argc] into the table's values: --name value, --name=value, -n value, -nvalue; "--" ends the options. What is no option is
 * left in argv, *argc of them. Returns -1, or the exit status where that ends the command: help was asked for, or the usage is wrong. */
int read_options(const command *self, const option *options, size_t count, int *argc, char **argv);

#endif
