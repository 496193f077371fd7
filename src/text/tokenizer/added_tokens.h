/* text/tokenizer/added_tokens.h: tokens that are found in the text itself, before the model sees it. */
#ifndef BB_TEXT_TOKENIZER_ADDED_TOKENS_H
#define BB_TEXT_TOKENIZER_ADDED_TOKENS_H

#include "text/tokenizer/normalizer.h"
#include "text/tokenizer/vocab.h"

/* Strings and a number for each, searched from a place in a text on. */
typedef struct bb_trie {
    struct bb_trie_node *nodes; /* the first is the root */
    size_t count, capacity;
    int32_t first[256]; /* the root's children by their byte; 0 for none */
} bb_trie;

typedef struct bb_added_token {
    bb_buffer content; /* ends in NUL, which size does not count */
    bb_buffer form;    /* what decoding gives: the content, or its normal form; ends in NUL likewise */
    int32_t id;
    bool single_word, left_strip, right_strip, normalized, special;
    bool skipped; /* where decoding skips special tokens */
} bb_added_token;

typedef struct bb_added_tokens {
    bb_added_token *tokens;
    size_t count, capacity;
    bb_trie contents;   /* every token, by content */
    bb_trie raw;        /* those found before normalizing */
    bb_trie normalized; /* those found behind it, by normal form */
    int32_t *by_id;     /* [limit] index of a token, or -1 */
    int32_t limit;      /* one past the largest id of added tokens and vocabulary */
} bb_added_tokens;

/* json may be NULL. bb_added_tokens_free is needed in any case. */
bombus_status bb_added_tokens_load(bb_added_tokens *out, const bb_json *json, const bb_vocab *vocab, const bb_normalizers *normalizers,
                                   const char *file, bombus_error *err);
void bb_added_tokens_free(bb_added_tokens *added);

/* NULL where there is none. */
const bb_added_token *bb_added_tokens_find(const bb_added_tokens *added, const char *text, size_t bytes);
static inline const bb_added_token *bb_added_tokens_at(const bb_added_tokens *added, int32_t id)
{
    return id >= 0 && id < added->limit && added->by_id[id] >= 0 ? &added->tokens[added->by_id[id]] : NULL;
}

/* Takes what lies between tokens (token is NULL) and the tokens, from left to right. */
typedef bombus_status (*bb_added_taker)(void *context, bb_piece piece, const bb_added_token *token, bombus_error *err);

/* Divides a piece at the tokens of a trie of added: at each place the longest, from left to right. */
bombus_status bb_added_tokens_split(const bb_added_tokens *added, const bb_trie *trie, bb_piece piece, bb_added_taker take, void *context,
                                    bombus_error *err);

#endif
