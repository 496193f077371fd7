/* Options: the one parser of command lines, and the writer of help texts. */
#include "options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void add_options(option_table *table, const option *rows, size_t count)
{
    assert(table->count + count <= sizeof table->rows / sizeof *table->rows);
    memcpy(table->rows + table->count, rows, count * sizeof *rows);
    table->count += count;
}

/* ---- help ---- */

enum { HELP_COLUMN = 30, HELP_WIDTH = 88 };

/* Words of text from a column on; lines after the first begin there too. */
static void print_wrapped(const char *text, int column)
{
    int at = column;

    while (*text) {
        const int length = (int)strcspn(text, " ");
        if (at > column && at + 1 + length > HELP_WIDTH) {
            print("\n%*s", column, "");
            at = column;
        }
        at += printf("%s%.*s", at > column ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    print("\n");
}

static void print_option(const option *o)
{
    char head[96];
    const int length = snprintf(head, sizeof head, "  %c%c%s --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
                                o->letter ? "," : " ", o->name, o->argument ? " " : "", o->argument ? o->argument : "");

    print("%s", head);
    if (length + 2 > HELP_COLUMN)
        print("\n%*s", HELP_COLUMN, "");
    else
        print("%*s", HELP_COLUMN - length, "");
    print_wrapped(o->help, HELP_COLUMN);
}

static int print_help(const command *self, const option *options, size_t count)
{
    const option help = with_letter('h', flag_option("help", NULL, "Print this text."));

    print("Usage: bombus %s %s\n\n%s\n\nOptions:\n", self->name, self->synopsis, self->description);
    for (size_t i = 0; i < count; i++)
        print_option(&options[i]);
    print_option(&help);
    print("\nExit status: 0 done, 1 bad input or a failure (a message on standard error), 2 wrong usage, 130 interrupted.\n");
    return flush_output() ? EXIT_OK : EXIT_FAILED;
}

/* ---- values ---- */

static int refuse(const command *self, const option *o, const char *text, const char *expected)
{
    return complain_usage(self, "--%s: \"%s\", expected %s", o->name, text, expected);
}

static int read_int(const command *self, const option *o, const char *text)
{
    char expected[96], *end;

    errno = 0;
    const long value = strtol(text, &end, 10);
    if (isspace((unsigned char)*text) || end == text || *end || errno || (double)value < o->min || (double)value > o->max) {
        snprintf(expected, sizeof expected, "an integer from %.0f to %.0f", o->min, o->max);
        return refuse(self, o, text, expected);
    }
    *(int *)o->value = (int)value;
    return -1;
}

static int read_seed(const command *self, const option *o, const char *text)
{
    char *end;

    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno)
        return refuse(self, o, text, "an integer from 0 to 18446744073709551615");
    *(uint64_t *)o->value = value;
    return -1;
}

static int read_float(const command *self, const option *o, const char *text, float *out)
{
    char expected[96], *end;
    const double value = strtod(text, &end);

    /* NaN fails both comparisons. */
    if (!isspace((unsigned char)*text) && end != text && !*end && value >= o->min && value <= o->max) {
        *out = (float)value;
        return -1;
    }
    if (o->min <= -HUGE_FLOAT)
        snprintf(expected, sizeof expected, "a number");
    else if (o->max >= HUGE_FLOAT)
        snprintf(expected, sizeof expected, "a number of at least %g", o->min);
    else
        snprintf(expected, sizeof expected, "a number from %g to %g", o->min, o->max);
    return refuse(self, o, text, expected);
}

static int is_full(const command *self, const option *o)
{
    return complain_usage(self, "--%s: given more than %d times", o->name, MAX_LIST);
}

static int read_bool(const command *self, const option *o, const char *text)
{
    const bool yes = !strcasecmp(text, "true") || !strcasecmp(text, "t"), no = !strcasecmp(text, "false") || !strcasecmp(text, "f");

    if (!yes && !no)
        return refuse(self, o, text, "True or False");
    *(bool *)o->value = yes;
    return -1;
}

static int read_choice(const command *self, const option *o, const char *text)
{
    char expected[96] = "";

    for (int i = 0; o->choices[i]; i++) {
        if (strcmp(text, o->choices[i]) == 0) {
            *(int *)o->value = i;
            return -1;
        }
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s%s", i ? " or " : "", o->choices[i]);
    }
    return complain_usage(self, "--%s %s: not supported, expected %s", o->name, text, expected);
}

static int read_value(const command *self, const option *o, const char *text)
{
    text_list *list = o->value;
    float_list *floats = o->value;

    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)o->value = true;
        return -1;
    case OPTION_BOOL:
        return read_bool(self, o, text);
    case OPTION_INT:
        return read_int(self, o, text);
    case OPTION_SEED:
        return read_seed(self, o, text);
    case OPTION_FLOAT:
        return read_float(self, o, text, o->value);
    case OPTION_CHOICE:
        return read_choice(self, o, text);
    case OPTION_TEXT:
        *(const char **)o->value = text;
        return -1;
    case OPTION_LIST:
        if (list->count == MAX_LIST)
            return is_full(self, o);
        list->items[list->count++] = text;
        return -1;
    case OPTION_FLOATS:
        return floats->count == MAX_LIST ? is_full(self, o) : read_float(self, o, text, &floats->items[floats->count++]);
    }
    return -1;
}

/* ---- arguments ---- */

static const option *find_option(const option *options, size_t count, const char *name, size_t length, char letter)
{
    for (size_t i = 0; i < count; i++)
        if (letter ? options[i].letter == letter : strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

/* A lone dash, and a dash before a digit, is an argument like any other. */
static bool is_option(const char *text)
{
    return text[0] == '-' && text[1] && !isdigit((unsigned char)text[1]);
}

int read_options(const command *self, const option *options, size_t count, int *argc, char **argv)
{
    int rest = 0;

    for (int i = 0; i < *argc; i++) {
        const char *text = argv[i], *value = NULL;
        if (strcmp(text, "--") == 0) {
            while (++i < *argc)
                argv[rest++] = argv[i];
            break;
        }
        if (!is_option(text)) {
            argv[rest++] = argv[i];
            continue;
        }
        if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)
            return print_help(self, options, count);

        const bool is_long = text[1] == '-';
        const size_t length = is_long ? strcspn(text + 2, "=") : 1;
        const option *o = find_option(options, count, text + 2, length, is_long ? 0 : text[1]);
        if (!o)
            return complain_usage(self, "unknown option %s", text);
        if (is_long && text[2 + length] == '=')
            value = text + 3 + length;
        else if (!is_long && text[2])
            value = text + 2;
        if (o->kind == OPTION_FLAG && value)
            return complain_usage(self, "--%s takes no value", o->name);
        if (o->kind != OPTION_FLAG && !value) {
            if (i + 1 == *argc)
                return complain_usage(self, "--%s needs a value", o->name);
            value = argv[++i];
        }
        const int status = read_value(self, o, value);
        if (status >= 0)
            return status;
        if (o->given)
            *o->given = true;
    }
    *argc = rest;
    return -1;
}
