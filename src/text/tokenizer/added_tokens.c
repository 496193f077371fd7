/* Added tokens.
 *
 * A token that wants normalized text is looked for by its own normal form behind the normalizer, the others in the text as it came. Ids in
 * the file do not count: as in the library, a token has the id of its content in the vocabulary, or the next free one. */
#include "text/tokenizer/added_tokens.h"

#include "base/error.h"
#include "base/utf8.h"
#include "text/unicode.h"

/* ---- trie ---- */

struct bb_trie_node {
    int32_t child, sibling; /* 0 for none */
    int32_t value;          /* -1 for none */
    unsigned char byte;
};

static int32_t find_child(const bb_trie *trie, int32_t node, unsigned char byte)
{
    if (node == 0)
        return trie->first[byte];
    int32_t at = trie->nodes[node].child;
    while (at && trie->nodes[at].byte != byte)
        at = trie->nodes[at].sibling;
    return at;
}

static int32_t add_node(bb_trie *trie, unsigned char byte)
{
    if (trie->count >= INT32_MAX || !bb_grow(&trie->nodes, &trie->capacity, trie->count + 1, sizeof *trie->nodes))
        return -1;
    trie->nodes[trie->count] = (struct bb_trie_node){.value = -1, .byte = byte};
    return (int32_t)trie->count++;
}

/* An empty string is not kept: it is never found. One that is there stays. */
static bool trie_add(bb_trie *trie, const char *text, size_t bytes, int32_t value)
{
    int32_t node = 0;

    if (trie->count == 0 && add_node(trie, 0) < 0)
        return false;
    for (size_t i = 0; i < bytes; i++) {
        const unsigned char byte = (unsigned char)text[i];
        int32_t child = find_child(trie, node, byte);
        if (!child) {
            child = add_node(trie, byte);
            if (child < 0)
                return false;
            if (node == 0) {
                trie->first[byte] = child;
            } else {
                trie->nodes[child].sibling = trie->nodes[node].child;
                trie->nodes[node].child = child;
            }
        }
        node = child;
    }
    if (node && trie->nodes[node].value < 0)
        trie->nodes[node].value = value;
    return true;
}

/* The longest string of the trie with which text begins: its value, or -1. */
static int32_t trie_longest(const bb_trie *trie, const char *text, size_t bytes, size_t *length)
{
    int32_t value = -1;

    for (size_t i = 0, node = 0; i < bytes; i++) {
        node = (size_t)find_child(trie, (int32_t)node, (unsigned char)text[i]);
        if (!node)
            break;
        if (trie->nodes[node].value >= 0) {
            value = trie->nodes[node].value;
            *length = i + 1;
        }
    }
    return value;
}

const bb_added_token *bb_added_tokens_find(const bb_added_tokens *added, const char *text, size_t bytes)
{
    size_t length = 0;
    int32_t found = trie_longest(&added->contents, text, bytes, &length);

    return found >= 0 && length == bytes ? &added->tokens[found] : NULL;
}

/* ---- loading ---- */

static bool set_text(bb_buffer *out, const char *text, size_t bytes)
{
    out->size = 0;
    if (!bb_buffer_append(out, text, bytes) || !bb_buffer_append(out, "", 1))
        return false;
    out->size--;
    return true;
}

static bombus_status read_flags(bb_added_token *token, const bb_json *json, size_t index, const char *file, bombus_error *err)
{
    const struct {
        const char *field;
        bool *out;
    } flags[] = {{"single_word", &token->single_word},
                 {"lstrip", &token->left_strip},
                 {"rstrip", &token->right_strip},
                 {"normalized", &token->normalized},
                 {"special", &token->special}};
    char found[80];

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        const bb_json *value = bb_json_get(json, flags[i].field);
        if (!bb_json_is(value, BB_JSON_BOOL))
            return bb_fail(err, BOMBUS_EFORMAT, "%s: added_tokens[%zu].%s: %s, expected true or false", file, index, flags[i].field,
                           bb_json_describe(value, found, sizeof found));
        *flags[i].out = value->truth;
    }
    return BOMBUS_OK;
}

static bombus_status check(const bb_json *json, size_t index, const char *file, bombus_error *err)
{
    const bb_json *id = bb_json_get(json, "id"), *content = bb_json_get(json, "content");
    char found[80];
    int64_t number;

    if (!bb_json_is(json, BB_JSON_OBJECT))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: added_tokens[%zu]: %s, expected an object", file, index,
                       bb_json_describe(json, found, sizeof found));
    if (!bb_json_to_int(id, &number) || number < 0 || number > UINT32_MAX)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: added_tokens[%zu].id: %s, expected a number from 0 to 4294967295", file, index,
                       bb_json_describe(id, found, sizeof found));
    if (!bb_json_is(content, BB_JSON_STRING))
        return bb_fail(err, BOMBUS_EFORMAT, "%s: added_tokens[%zu].content: %s, expected a string", file, index,
                       bb_json_describe(content, found, sizeof found));
    return BOMBUS_OK;
}

/* The normal form of a token's content. */
static bombus_status make_form(bb_added_token *token, const bb_normalizers *normalizers, bb_normalize_scratch *scratch, bombus_error *err)
{
    bb_piece piece = {token->content.data, token->content.size, 0};

    if (token->normalized) {
        bombus_status status = bb_normalize(normalizers, scratch, &piece, err);
        if (status != BOMBUS_OK)
            return status;
    }
    return set_text(&token->form, piece.text, piece.bytes) ? BOMBUS_OK : bb_fail_memory(err, piece.bytes);
}

typedef struct loader {
    bb_added_tokens *out;
    const bb_vocab *vocab;
    const bb_normalizers *normalizers;
    bb_normalize_scratch scratch;
    int32_t next_id;
    const char *file;
    bombus_error *err;
} loader;

static bombus_status load_token(loader *l, const bb_json *json, size_t index)
{
    bb_added_token flags = {0};
    bombus_status status = check(json, index, l->file, l->err);

    if (status == BOMBUS_OK)
        status = read_flags(&flags, json, index, l->file, l->err);
    const bb_json *content = bb_json_get(json, "content");
    if (status != BOMBUS_OK || content->bytes == 0)
        return status;

    bb_added_token *token = (bb_added_token *)bb_added_tokens_find(l->out, content->text, content->bytes);
    if (!token) {
        if (!bb_grow(&l->out->tokens, &l->out->capacity, l->out->count + 1, sizeof *l->out->tokens))
            return bb_fail_memory(l->err, sizeof *l->out->tokens);
        token = &l->out->tokens[l->out->count];
        *token = (bb_added_token){.id = bb_vocab_find(l->vocab, content->text, content->bytes)};
        if (token->id < 0)
            token->id = l->next_id++;
        if (token->id >= BB_VOCAB_ID_LIMIT)
            return bb_fail(l->err, BOMBUS_ELIMIT, "%s: added_tokens[%zu]: id %d, expected at most %d", l->file, index, (int)token->id,
                           BB_VOCAB_ID_LIMIT - 1);
        if (!trie_add(&l->out->contents, content->text, content->bytes, (int32_t)l->out->count))
            return bb_fail_memory(l->err, content->bytes);
        l->out->count++;
        if (!set_text(&token->content, content->text, content->bytes))
            return bb_fail_memory(l->err, content->bytes);
    }
    token->single_word = flags.single_word;
    token->left_strip = flags.left_strip;
    token->right_strip = flags.right_strip;
    token->normalized = flags.normalized;
    token->special = token->special || flags.special; /* once special, a content stays so */
    return make_form(token, l->normalizers, &l->scratch, l->err);
}

static bombus_status index_tokens(bb_added_tokens *out, const bb_vocab *vocab, bombus_error *err)
{
    out->limit = vocab->limit;
    for (size_t i = 0; i < out->count; i++)
        if (out->tokens[i].id >= out->limit)
            out->limit = out->tokens[i].id + 1;
    out->by_id = bb_alloc((size_t)out->limit * sizeof *out->by_id);
    if (!out->by_id)
        return bb_fail_memory(err, (size_t)out->limit * sizeof *out->by_id);
    memset(out->by_id, 0xff, (size_t)out->limit * sizeof *out->by_id);
    for (size_t i = 0; i < out->count; i++) {
        bb_added_token *token = &out->tokens[i];
        bb_trie *trie = token->normalized ? &out->normalized : &out->raw;
        out->by_id[token->id] = (int32_t)i;
        if (!trie_add(trie, token->form.data, token->form.size, (int32_t)i))
            return bb_fail_memory(err, token->form.size);
        /* The library asks whether what it is about to decode is the content of a special token. */
        const bb_added_token *same = bb_added_tokens_find(out, token->form.data, token->form.size);
        token->skipped = same && same->special;
    }
    return BOMBUS_OK;
}

bombus_status bb_added_tokens_load(bb_added_tokens *out, const bb_json *json, const bb_vocab *vocab, const bb_normalizers *normalizers,
                                   const char *file, bombus_error *err)
{
    char found[80];
    loader l = {.out = out, .vocab = vocab, .normalizers = normalizers, .next_id = (int32_t)vocab->count, .file = file, .err = err};
    bombus_status status = BOMBUS_OK;

    if (json && json->type != BB_JSON_ARRAY)
        return bb_fail(err, BOMBUS_EFORMAT, "%s: added_tokens: %s, expected an array", file, bb_json_describe(json, found, sizeof found));
    for (size_t i = 0; json && i < json->count && status == BOMBUS_OK; i++)
        status = load_token(&l, &json->items[i], i);
    bb_normalize_scratch_free(&l.scratch);
    return status == BOMBUS_OK ? index_tokens(out, vocab, err) : status;
}

void bb_added_tokens_free(bb_added_tokens *added)
{
    for (size_t i = 0; i < added->count; i++) {
        bb_buffer_free(&added->tokens[i].content);
        bb_buffer_free(&added->tokens[i].form);
    }
    bb_free(added->tokens);
    bb_free(added->contents.nodes);
    bb_free(added->raw.nodes);
    bb_free(added->normalized.nodes);
    bb_free(added->by_id);
    *added = (bb_added_tokens){0};
}

/* ---- finding ---- */

static size_t before(const char *text, size_t at, uint32_t *c)
{
    at = bb_utf8_before(text, at);
    bb_utf8_decode(text + at, c);
    return at;
}

static bool is_single_word(bb_piece piece, size_t start, size_t end)
{
    uint32_t c;

    if (start > 0) {
        before(piece.text, start, &c);
        if (bb_unicode_is_word(c))
            return false;
    }
    if (end == piece.bytes)
        return true;
    bb_utf8_decode(piece.text + end, &c);
    return !bb_unicode_is_word(c);
}

static size_t skip_spaces_left(const char *text, size_t start, size_t least)
{
    uint32_t c;

    while (start > least) {
        size_t at = before(text, start, &c);
        if (!bb_unicode_is_space(c))
            break;
        start = at;
    }
    return start;
}

static size_t skip_spaces_right(bb_piece piece, size_t end)
{
    uint32_t c;

    while (end < piece.bytes) {
        size_t n = bb_utf8_decode(piece.text + end, &c);
        if (!bb_unicode_is_space(c))
            break;
        end += n;
    }
    return end;
}

/* As the library does it: the search goes on behind the token itself, also where the token took spaces behind it along. A token found in
 * those spaces comes again, and the text from its end on too. */
bombus_status bb_added_tokens_split(const bb_added_tokens *added, const bb_trie *trie, bb_piece piece, bb_added_taker take, void *context,
                                    bombus_error *err)
{
    size_t done = 0;
    size_t spaces = 0, spaces_end = 0; /* known to be spaces: a long run is not walked again for each token in it */
    bombus_status status = BOMBUS_OK;

    for (size_t at = 0; trie->count && at < piece.bytes && status == BOMBUS_OK;) {
        size_t length = 0;
        if (!trie->first[(unsigned char)piece.text[at]]) {
            at++;
            continue;
        }
        int32_t found = trie_longest(trie, piece.text + at, piece.bytes - at, &length);
        if (found < 0) {
            at++;
            continue;
        }
        const bb_added_token *token = &added->tokens[found];
        size_t start = at, end = at + length;
        at = end;
        if (token->single_word && !is_single_word(piece, start, end))
            continue;
        if (token->left_strip && start > done)
            start = skip_spaces_left(piece.text, start, done);
        else if (token->left_strip)
            start = done;
        if (token->right_strip && end >= spaces && end < spaces_end) {
            end = spaces_end;
        } else if (token->right_strip) {
            spaces = end;
            end = spaces_end = skip_spaces_right(piece, end);
        }
        if (done < start)
            status = take(context, bb_piece_part(piece, done, start), NULL, err);
        if (status == BOMBUS_OK && start < end)
            status = take(context, bb_piece_part(piece, start, end), token, err);
        done = end;
    }
    if (status == BOMBUS_OK && done < piece.bytes)
        status = take(context, bb_piece_part(piece, done, piece.bytes), NULL, err);
    return status;
}
