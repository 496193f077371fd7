/* Regular expressions, by PCRE2.
 *
 * PCRE2 never sees a character. Two characters that no set of the pattern tells apart are the same to it, so all characters fall into a few
 * classes (GPT-2's pattern has fourteen); the text is rewritten to one byte a character, the number of its class, and the pattern to match
 * such bytes. So Unicode's classes are exactly those of our tables, whatever PCRE2 knows, and a set costs one bit test where PCRE2 would
 * search hundreds of ranges.
 *
 * Limits: PCRE2 counts steps and gives up at ten million, which a pattern like \s*[\r\n]+ reaches on a long run of spaces with linear work.
 * The limit here grows with the text: what exceeds it is a pattern that backtracks without end. Every result but a match and no match is an
 * error. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/tokenizer/regex.h"

#include "base/error.h"
#include "base/utf8.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    STEPS = 10000000,
    STEPS_PER_CHARACTER = 2000,
    STACK_FIRST = 32 * 1024,
    STACK_LARGEST = 256 * 1024 * 1024, /* address space: pages come as they are touched */
    HEAP_LIMIT_KIB = 1024 * 1024,
};

struct bb_regex {
    pcre2_code *code;
    pcre2_general_context *memory;
    unsigned char *class_of; /* [BB_CODE_POINT_MAX + 1] */
};

struct pcre2_scratch {
    const bb_regex *regex; /* whose pattern the match data is for */
    pcre2_match_data *match;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

static void *door_alloc(size_t size, void *context)
{
    (void)context;
    return bb_alloc(size);
}

static void door_free(void *block, void *context)
{
    (void)context;
    bb_free(block);
}

/* ---- classes ---- */

typedef struct signature {
    uint64_t in[BB_REGEX_CLASSES / 64]; /* a bit for each set that has the characters */
} signature;

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Where some set begins or ends, sorted; the last is behind all characters. */
static uint32_t *find_edges(const bb_regex_parsed *parsed, size_t *count)
{
    size_t total = 2;

    for (size_t i = 0; i < parsed->count; i++)
        total += 2 * parsed->sets[i].count;
    uint32_t *edges = bb_alloc(total * sizeof *edges);
    if (!edges)
        return NULL;
    size_t n = 0;
    edges[n++] = 0;
    edges[n++] = BB_CODE_POINT_MAX + 1;
    for (size_t i = 0; i < parsed->count; i++) {
        for (size_t k = 0; k < parsed->sets[i].count; k++) {
            edges[n++] = parsed->sets[i].ranges[k].first;
            edges[n++] = parsed->sets[i].ranges[k].last + 1;
        }
    }
    qsort(edges, n, sizeof *edges, by_value);
    *count = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || edges[i] != edges[*count - 1])
            edges[(*count)++] = edges[i];
    return edges;
}

/* Divides all characters into classes. *class_count is BB_REGEX_CLASSES + 1 where they are too many. */
static bool divide(bb_regex *regex, const bb_regex_parsed *parsed, signature *classes, size_t *class_count)
{
    size_t edge_count, *next = bb_alloc_zero(parsed->count + 1, sizeof *next);
    uint32_t *edges = find_edges(parsed, &edge_count);
    bool ok = next && edges;

    *class_count = 0;
    for (size_t e = 0; ok && e + 1 < edge_count; e++) {
        signature s = {0};
        for (size_t i = 0; i < parsed->count; i++) {
            const bb_charset *set = &parsed->sets[i];
            while (next[i] < set->count && set->ranges[next[i]].last < edges[e])
                next[i]++;
            if (next[i] < set->count && set->ranges[next[i]].first <= edges[e])
                s.in[i / 64] |= (uint64_t)1 << i % 64;
        }
        size_t class = 0;
        while (class < *class_count && memcmp(&classes[class], &s, sizeof s) != 0)
            class ++;
        if (class == BB_REGEX_CLASSES) {
            *class_count = BB_REGEX_CLASSES + 1;
            break;
        }
        if (class == *class_count)
            classes[(*class_count)++] = s;
        memset(regex->class_of + edges[e], (int)class, edges[e + 1] - edges[e]);
    }
    bb_free(next);
    bb_free(edges);
    return ok;
}

/* ---- the pattern for PCRE2 ---- */

static bool write_set(bb_buffer *out, size_t set, const signature *classes, size_t class_count)
{
    char text[BB_REGEX_CLASSES * 4 + 3];
    size_t n = 0, members = 0;

    text[n++] = '[';
    for (size_t c = 0; c < class_count; c++) {
        if (classes[c].in[set / 64] >> set % 64 & 1) {
            n += (size_t)snprintf(text + n, 5, "\\x%02x", (unsigned)c);
            members++;
        }
    }
    text[n++] = ']';
    return members ? bb_buffer_append(out, text, n) : bb_buffer_append(out, "(?:(?!))", 8);
}

static bool write_pattern(bb_buffer *out, const bb_regex_parsed *parsed, const signature *classes, size_t class_count)
{
    const char *p = parsed->pattern.data, *end = p + parsed->pattern.size;

    while (p < end) {
        if (*p != BB_REGEX_SET) {
            if (!bb_buffer_append(out, p++, 1))
                return false;
            continue;
        }
        size_t set = (size_t)(unsigned char)p[1] << 8 | (unsigned char)p[2];
        if (!write_set(out, set, classes, class_count))
            return false;
        p += 3;
    }
    return true;
}

static bombus_status compile_code(bb_regex *regex, const bb_buffer *pattern, const char *where, bombus_error *err)
{
    int code;
    PCRE2_SIZE offset;

    regex->memory = pcre2_general_context_create(door_alloc, door_free, NULL);
    pcre2_compile_context *context = regex->memory ? pcre2_compile_context_create(regex->memory) : NULL;
    if (!context)
        return bb_fail_memory(err, pattern->size);
    regex->code = pcre2_compile((PCRE2_SPTR)pattern->data, pattern->size, PCRE2_NEVER_UTF | PCRE2_NEVER_UCP, &code, &offset, context);
    pcre2_compile_context_free(context);
    if (!regex->code) {
        char message[128];
        if (code == PCRE2_ERROR_HEAP_FAILED)
            return bb_fail_memory(err, pattern->size);
        pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof message);
        return bb_fail(err, BOMBUS_EFORMAT, "%s: Regex: %s", where, message);
    }
    pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE); /* where there is no JIT the interpreter does the same */
    return BOMBUS_OK;
}

bombus_status bb_regex_compile(bb_regex **out, const char *pattern, size_t bytes, const char *where, bombus_error *err)
{
    bb_regex_parsed parsed = {0};
    bb_buffer text = {0};
    signature *classes = bb_alloc_zero(BB_REGEX_CLASSES, sizeof *classes);
    size_t class_count;
    bb_regex *regex = bb_alloc_zero(1, sizeof *regex);
    bombus_status status = BOMBUS_OK;

    if (regex)
        regex->class_of = bb_alloc(BB_CODE_POINT_MAX + 1);
    if (!classes || !regex || !regex->class_of) {
        status = bb_fail_memory(err, BB_CODE_POINT_MAX + 1);
        goto out;
    }
    status = bb_regex_parse(&parsed, pattern, bytes, where, err);
    if (status != BOMBUS_OK)
        goto out;
    if (!divide(regex, &parsed, classes, &class_count) ||
        (class_count <= BB_REGEX_CLASSES && !write_pattern(&text, &parsed, classes, class_count))) {
        status = bb_fail_memory(err, bytes);
        goto out;
    }
    if (class_count > BB_REGEX_CLASSES) {
        status = bb_fail(err, BOMBUS_EUNSUPPORTED, "%s: Regex: tells more than %d classes of characters apart", where, BB_REGEX_CLASSES);
        goto out;
    }
    status = compile_code(regex, &text, where, err);

out:
    bb_free(classes);
    bb_buffer_free(&text);
    bb_regex_parsed_free(&parsed);
    if (status != BOMBUS_OK) {
        bb_regex_free(regex);
        regex = NULL;
    }
    *out = regex;
    return status;
}

void bb_regex_free(bb_regex *regex)
{
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    pcre2_general_context_free(regex->memory);
    bb_free(regex->class_of);
    bb_free(regex);
}

/* ---- searching ---- */

static void free_scratch(struct pcre2_scratch *own)
{
    if (!own)
        return;
    pcre2_match_data_free(own->match);
    pcre2_match_context_free(own->context);
    pcre2_jit_stack_free(own->stack);
    bb_free(own);
}

static bool make_scratch(bb_regex_search *search, const bb_regex *regex)
{
    if (search->own && search->own->regex == regex)
        return true;
    free_scratch(search->own);
    search->own = bb_alloc_zero(1, sizeof *search->own);
    if (!search->own)
        return false;
    search->own->regex = regex;
    search->own->match = pcre2_match_data_create_from_pattern(regex->code, regex->memory);
    search->own->context = pcre2_match_context_create(regex->memory);
    search->own->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_LARGEST, regex->memory);
    if (!search->own->match || !search->own->context)
        return false;
    if (search->own->stack)
        pcre2_jit_stack_assign(search->own->context, NULL, search->own->stack);
    pcre2_set_heap_limit(search->own->context, HEAP_LIMIT_KIB);
    return true;
}

bool bb_regex_prepare(bb_regex_search *search, const bb_regex *regex, size_t bytes)
{
    search->classes.size = 0;
    return make_scratch(search, regex) && bb_buffer_reserve(&search->classes, bytes + 1);
}

bombus_status bb_regex_begin(bb_regex_search *search, const bb_regex *regex, const char *text, size_t bytes, bombus_error *err)
{
    if (!bb_regex_prepare(search, regex, bytes))
        return bb_fail_memory(err, bytes);

    char *classes = search->classes.data;
    size_t n = 0;
    for (size_t i = 0; i < bytes;) {
        uint32_t c;
        i += bb_utf8_decode(text + i, &c);
        classes[n++] = (char)regex->class_of[c];
    }
    search->classes.size = n;
    search->characters = n;

    uint64_t steps = STEPS + (uint64_t)n * STEPS_PER_CHARACTER;
    pcre2_set_match_limit(search->own->context, steps < UINT32_MAX ? (uint32_t)steps : UINT32_MAX);
    search->regex = regex;
    search->text = text;
    search->bytes = bytes;
    search->from = 0;
    search->last_end = SIZE_MAX;
    search->at_character = 0;
    search->at = 0;
    return BOMBUS_OK;
}

/* The byte at which a character begins; characters are asked for in ascending order. */
static size_t byte_of(bb_regex_search *search, size_t character)
{
    if (search->characters == search->bytes)
        return character;
    for (; search->at_character < character; search->at_character++)
        search->at += bb_utf8_length(search->text[search->at]);
    return search->at;
}

bombus_status bb_regex_next(bb_regex_search *search, bool *found, size_t *start, size_t *end, bombus_error *err)
{
    *found = false;
    while (search->from <= search->characters) {
        int rc = pcre2_match(search->regex->code, (PCRE2_SPTR)search->classes.data, search->characters, search->from, PCRE2_NO_UTF_CHECK,
                             search->own->match, search->own->context);
        if (rc == PCRE2_ERROR_NOMATCH)
            break;
        if (rc < 0) {
            char message[128];
            if (rc == PCRE2_ERROR_NOMEMORY)
                return bb_fail_memory(err, search->bytes);
            pcre2_get_error_message(rc, (PCRE2_UCHAR *)message, sizeof message);
            return bb_fail(err, BOMBUS_ELIMIT, "text: its Regex cannot be matched: %s", message);
        }
        const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(search->own->match);
        if (offsets[0] == offsets[1] && offsets[1] == search->last_end) {
            search->from++;
            continue;
        }
        search->from = search->last_end = offsets[1];
        *start = byte_of(search, offsets[0]);
        *end = byte_of(search, offsets[1]);
        *found = true;
        return BOMBUS_OK;
    }
    search->from = search->characters + 1;
    return BOMBUS_OK;
}

void bb_regex_search_free(bb_regex_search *search)
{
    free_scratch(search->own);
    bb_buffer_free(&search->classes);
    *search = (bb_regex_search){0};
}
