/* tokenizer_golden.h: a tokenizer against what the tokenizers library gave for it (tools/golden/tokenizer.py), and against long texts. */
#ifndef TOKENIZER_GOLDEN_H
#define TOKENIZER_GOLDEN_H

#include "base/json.h"
#include "base/utf8.h"
#include "testing.h"
#include "text/tokenizer/tokenizer.h"

#define FOLDER BOMBUS_GOLDEN "/tokenizer"

static bombus_error err;

static inline void fail_case(const char *name, const char *what, const bb_json *text, size_t index)
{
    fail_msg("%s: %s, case %zu: \"%.80s\"", name, what, index, text && text->type == BB_JSON_STRING ? text->text : "");
}

/* ---- what golden data says ---- */

static inline void read_ids(bombus_ids *out, const bb_json *json)
{
    out->count = 0;
    assert_true(bb_grow(&out->ids, &out->capacity, json->count, sizeof *out->ids));
    for (size_t i = 0; i < json->count; i++) {
        int64_t id;
        assert_true(bb_json_to_int(&json->items[i], &id));
        out->ids[out->count++] = (int32_t)id;
    }
}

static inline bool same_ids(const bombus_ids *a, const bombus_ids *b)
{
    return a->count == b->count && (a->count == 0 || memcmp(a->ids, b->ids, a->count * sizeof *a->ids) == 0);
}

static inline bool same_text(const bb_json *expected, const char *text, size_t bytes)
{
    return expected->bytes == bytes && memcmp(expected->text, text, bytes) == 0;
}

static inline void check_encode(const bombus_tokenizer *t, const char *name, const bb_json *c, const char *field, int flags, size_t index)
{
    const bb_json *text = bb_json_get(c, "text");
    bombus_ids expected = {0}, ids = {0};

    read_ids(&expected, bb_json_get(c, field));
    assert_ok(bombus_tokenizer_encode(t, text->text, text->bytes, flags, &ids, &err), err);
    if (!same_ids(&expected, &ids))
        fail_case(name, field, text, index);
    bombus_ids_free(&ids);
    bombus_ids_free(&expected);
}

/* decode, and the pieces of a detokenizer joined; null is where the library itself fails. */
static inline void check_decode(bombus_tokenizer *t, const char *name, const bb_json *c, const char *field, int flags, size_t index)
{
    const bb_json *expected = bb_json_get(c, field);
    bombus_ids ids = {0};
    bb_buffer joined = {0};
    bombus_detokenizer *stream;
    const char *piece;
    char *text;
    size_t bytes;

    if (expected->type == BB_JSON_NULL)
        return;
    read_ids(&ids, bb_json_get(c, "ids"));
    assert_ok(bombus_tokenizer_decode(t, ids.ids, ids.count, flags, &text, &bytes, &err), err);
    if (!same_text(expected, text, bytes))
        fail_case(name, field, bb_json_get(c, "text"), index);
    bombus_text_free(text);

    assert_ok(bombus_detokenizer_create(&stream, t, flags, &err), err);
    for (size_t i = 0; i <= ids.count; i++) {
        bb_alloc_forbid();
        bombus_status status = i < ids.count ? bombus_detokenizer_push(stream, ids.ids[i], &piece, &bytes, &err)
                                             : bombus_detokenizer_finish(stream, &piece, &bytes, &err);
        bb_alloc_allow();
        assert_ok(status, err);
        assert_true(bb_utf8_valid(piece, bytes));
        assert_true(bb_buffer_append(&joined, piece, bytes));
    }
    if (!same_text(expected, joined.data ? joined.data : "", joined.size))
        fail_case(name, "stream", bb_json_get(c, "text"), index);
    bombus_detokenizer_free(stream);
    bb_buffer_free(&joined);
    bombus_ids_free(&ids);
}

static inline void check_tokens(const bombus_tokenizer *t, const char *name, const bb_json *c, size_t index)
{
    const bb_json *tokens = bb_json_get(c, "tokens"), *ids = bb_json_get(c, "ids");

    for (size_t i = 0; i < tokens->count; i++) {
        int64_t id;
        assert_true(bb_json_to_int(&ids->items[i], &id));
        const char *token = bombus_tokenizer_token(t, (int32_t)id);
        if (!token || strcmp(token, tokens->items[i].text) != 0)
            fail_case(name, "tokens", &tokens->items[i], index);
    }
}

static inline void check_golden(const char *name, const char *tokenizer)
{
    char path[512];
    bb_json_document golden;
    bombus_tokenizer *t;

    snprintf(path, sizeof path, FOLDER "/%s.golden.json", name);
    assert_ok(bb_json_load(&golden, path, &err), err);
    assert_ok(bombus_tokenizer_load(&t, tokenizer, &err), err);
    const bb_json *texts = bb_json_get(&golden.root, "texts"), *decodes = bb_json_get(&golden.root, "ids");
    assert_true(texts->count > 30 && decodes->count > 10);
    for (size_t i = 0; i < texts->count; i++) {
        const bb_json *c = &texts->items[i];
        check_encode(t, name, c, "ids", 0, i);
        check_encode(t, name, c, "plain", BOMBUS_NO_SPECIAL, i);
        check_tokens(t, name, c, i);
        check_decode(t, name, c, "decoded", 0, i);
        check_decode(t, name, c, "skipped", BOMBUS_SKIP_SPECIAL, i);
    }
    for (size_t i = 0; i < decodes->count; i++) {
        check_decode(t, name, &decodes->items[i], "decoded", 0, i);
        check_decode(t, name, &decodes->items[i], "skipped", BOMBUS_SKIP_SPECIAL, i);
    }
    bombus_tokenizer_free(t);
    bb_json_free(&golden);
}

/* ---- long and dull texts ---- */

enum { LONG = 200000 }; /* bytes; work that grows with their square would not end within a test's time */

static inline void check_long_text(bombus_tokenizer *t, const char *name, const char *repeated, bool comes_back)
{
    const size_t unit = strlen(repeated), bytes = LONG / unit * unit;
    char *text = malloc(bytes), *decoded;
    size_t decoded_bytes;
    bombus_ids ids = {0};

    assert_non_null(text);
    for (size_t i = 0; i < bytes; i += unit)
        memcpy(text + i, repeated, unit);
    if (bombus_tokenizer_encode(t, text, bytes, BOMBUS_NO_SPECIAL, &ids, &err) != BOMBUS_OK)
        fail_msg("%s: \"%s\" repeated: %s", name, repeated, err.message);
    assert_ok(bombus_tokenizer_decode(t, ids.ids, ids.count, 0, &decoded, &decoded_bytes, &err), err);
    if (comes_back && (decoded_bytes != bytes || memcmp(decoded, text, bytes) != 0))
        fail_msg("%s: \"%s\" repeated does not come back", name, repeated);
    bombus_text_free(decoded);
    bombus_ids_free(&ids);
    free(text);
}

static inline void check_long_texts(const char *name, const char *tokenizer, bool comes_back)
{
    static const char *const repeated[] = {"a",
                                           "A",
                                           " ",
                                           "7",
                                           "\n",
                                           "\r\n",
                                           "\t \n",
                                           "!",
                                           "'",
                                           "\xf0\x9f\x98\x80",
                                           "\xcc\x81",
                                           "\xcc\x96\xcc\x81",
                                           "\xe4\xb8\xad",
                                           "\xc2\xa0",
                                           "\xcd\xb8",
                                           "aB1 "};
    bombus_tokenizer *t;

    assert_ok(bombus_tokenizer_load(&t, tokenizer, &err), err);
    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++)
        check_long_text(t, name, repeated[i], comes_back);
    bombus_tokenizer_free(t);
}

#endif
