/* bombus tokenize: text to ids and back. */
#include "json.h"
#include "load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct choice {
    const char *model;
    bool json, decode, no_special;
} choice;

static bool print_ids(const choice *c, const bombus_tokenizer *tokenizer, const bombus_ids *ids)
{
    if (!c->json) {
        for (size_t i = 0; i < ids->count; i++)
            print("%s%" PRId32, i ? " " : "", ids->ids[i]);
        return print("\n") && flush_output();
    }

    json *out = json_begin();
    json_object(out);
    json_ids(out, "ids", ids->ids, ids->count);
    json_key(out, "tokens");
    json_array(out);
    for (size_t i = 0; i < ids->count; i++)
        json_string(out, NULL, bombus_tokenizer_token(tokenizer, ids->ids[i]));
    json_array_end(out);
    json_object_end(out);
    return json_finish(out);
}

static int encode_text(const choice *c, const bombus_tokenizer *tokenizer, const char *argument)
{
    const bool standard = strcmp(argument, "-") == 0;
    char *read = NULL;
    bombus_ids ids = {0};
    size_t bytes = strlen(argument);

    if (standard && !read_input("-", &read, &bytes))
        return EXIT_FAILED;
    const bool done = encode(tokenizer, standard ? "standard input" : "text", read ? read : argument, bytes,
                             c->no_special ? BOMBUS_NO_SPECIAL : 0, &ids) &&
                      print_ids(c, tokenizer, &ids);
    free(read);
    bombus_ids_free(&ids);
    return done ? EXIT_OK : EXIT_FAILED;
}

/* Ids between spaces and commas. ids has room for one for every two bytes of text, which is as many as there can be. */
static bool parse_ids(const char *text, size_t bytes, bombus_ids *ids)
{
    static const char separators[] = " \t\r\n,";
    const char *end = text + bytes;

    for (;;) {
        char *after;
        text += strspn(text, separators);
        if (text == end)
            return true;

        errno = 0;
        const long value = strtol(text, &after, 10);
        if (after == text || (*after && !strchr(separators, *after)) || errno || value < 0 || value > INT32_MAX) {
            const size_t length = strcspn(text, separators);
            complain("ids: \"%.*s\", expected a token id", length > 40 ? 40 : (int)length, text);
            return false;
        }
        ids->ids[ids->count++] = (int32_t)value;
        text = after;
    }
}

/* All arguments joined by spaces, or what stands on standard input. */
static char *gather_ids(int argc, char **argv, size_t *bytes)
{
    char *text;

    if (argc == 1 && strcmp(argv[0], "-") == 0)
        return read_input("-", &text, bytes) ? text : NULL;

    size_t size = 1;
    for (int i = 0; i < argc; i++)
        size += strlen(argv[i]) + 1;
    if (!(text = malloc(size))) {
        complain("out of memory");
        return NULL;
    }
    *bytes = 0;
    for (int i = 0; i < argc; i++) {
        const size_t length = strlen(argv[i]);
        memcpy(text + *bytes, argv[i], length);
        *bytes += length;
        text[(*bytes)++] = ' ';
    }
    text[*bytes] = '\0';
    return text;
}

static bool print_text(const choice *c, const bombus_ids *ids, const char *text, size_t bytes)
{
    if (!c->json)
        return put(text, bytes) && flush_output();

    json *out = json_begin();
    json_object(out);
    json_ids(out, "ids", ids->ids, ids->count);
    json_text(out, "text", text, bytes);
    json_object_end(out);
    return json_finish(out);
}

static int decode_ids(const choice *c, const bombus_tokenizer *tokenizer, int argc, char **argv)
{
    bombus_ids ids = {0};
    bombus_error err;
    bool done = false;
    char *decoded;
    size_t bytes, length;
    char *text = gather_ids(argc, argv, &bytes);

    if (!text)
        return EXIT_FAILED;
    if (!(ids.ids = malloc((bytes / 2 + 1) * sizeof *ids.ids))) {
        complain("out of memory");
    } else if (parse_ids(text, bytes, &ids)) {
        if (bombus_tokenizer_decode(tokenizer, ids.ids, ids.count, c->no_special ? BOMBUS_SKIP_SPECIAL : 0, &decoded, &length, &err)) {
            complain("ids: %s", err.message);
        } else {
            done = print_text(c, &ids, decoded, length);
            bombus_text_free(decoded);
        }
    }
    free(ids.ids);
    free(text);
    return done ? EXIT_OK : EXIT_FAILED;
}

static int run(const command *self, int argc, char **argv)
{
    choice c = {0};
    bombus_tokenizer *tokenizer;
    const option options[] = {
        text_option("model", &c.model, "PATH",
                    "Model directory, or a tokenizer.json (default: the small model that comes with bombus). Weights are not needed."),
        flag_option("no-special", &c.no_special,
                    "Add no special tokens (beginning of text and the like). With --decode: leave special tokens out of the text."),
        flag_option("decode", &c.decode, "The arguments are ids, and their text is printed."),
        flag_option("json", &c.json,
                    "Print {\"ids\": [...], \"tokens\": [...]}, the tokens as the vocabulary spells them. With --decode: "
                    "{\"ids\": [...], \"text\": \"...\"}."),
    };

    int status = read_options(self, options, sizeof options / sizeof *options, &argc, argv);
    if (status >= 0)
        return status;
    if (argc == 0)
        return complain_usage(self, "no %s (- reads standard input)", c.decode ? "ids" : "text");
    if (!c.decode && argc > 1)
        return complain_usage(self, "unexpected argument \"%s\": the text is one argument, in quotes", argv[1]);
    if ((status = need_model(self, &c.model)) >= 0)
        return status;
    if (!load_tokenizer(c.model, &tokenizer))
        return EXIT_FAILED;

    const int result = c.decode ? decode_ids(&c, tokenizer, argc, argv) : encode_text(&c, tokenizer, argv[0]);
    bombus_tokenizer_free(tokenizer);
    return result;
}

const command cmd_tokenize = {
    .name = "tokenize",
    .summary = "Turn text into token ids, or ids into text",
    .synopsis = "[--model PATH] [options] TEXT|-\n       bombus tokenize [--model PATH] --decode ID...|-",
    .description = "Prints the ids of a text, separated by spaces, as Hugging Face's tokenizers gives them. With -, the text is\n"
                   "standard input as it is: every byte counts, the last newline too. Text that is not UTF-8 is refused.\n\n"
                   "With --decode, prints the text of ids, exactly: no newline is added. Ids are separated by spaces, newlines or\n"
                   "commas; with - they are read from standard input.",
    .run = run,
};
