/* Answers: any text, in any style, comes out the same whole and byte by byte; content without markers comes out as it went in. */
#include <bombus/answer.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct record {
    char *text;
    size_t used, capacity;
} record;

static void note(record *r, const char *text, size_t bytes)
{
    if (r->used + bytes > r->capacity) {
        r->capacity = 2 * (r->used + bytes);
        r->text = realloc(r->text, r->capacity);
        if (!r->text)
            abort();
    }
    if (bytes)
        memcpy(r->text + r->used, text, bytes);
    r->used += bytes;
}

static bool on_part(const bombus_part *part, void *context)
{
    record *r = context;

    if (part->kind == BOMBUS_PART_TOOL_CALL)
        note(r, part->name, strlen(part->name));
    note(r, part->text, part->bytes);
    return true;
}

static void parse(record *r, bombus_answer_style style, const char *text, size_t bytes, size_t piece)
{
    bombus_answer *answer;

    if (bombus_answer_create(&answer, style, false, on_part, r, NULL) != BOMBUS_OK)
        abort();
    for (size_t at = 0; at < bytes; at += piece)
        if (bombus_answer_push(answer, text + at, piece < bytes - at ? piece : bytes - at, NULL) != BOMBUS_OK)
            abort();
    if (bombus_answer_finish(answer, NULL) != BOMBUS_OK)
        abort();
    bombus_answer_free(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    record whole = {0}, pieces = {0};

    if (size < 2)
        return 0;
    const bombus_answer_style style = data[0] % 4;
    parse(&whole, style, (const char *)data + 1, size - 1, size);
    parse(&pieces, style, (const char *)data + 1, size - 1, 1);
    if (whole.used != pieces.used || (whole.used && memcmp(whole.text, pieces.text, whole.used) != 0))
        abort();
    if (style == BOMBUS_ANSWER_PLAIN && !memchr(data, '<', size) && (whole.used != size - 1 || memcmp(whole.text, data + 1, size - 1) != 0))
        abort();
    free(whole.text);
    free(pieces.text);
    return 0;
}
