/* bombus/tokenizer.h: text to token ids and back.
 *
 * Reads Hugging Face's tokenizer.json (model type BPE) and gives the ids and text that the tokenizers library gives.
 * A tokenizer is immutable once loaded and may be shared between threads. */
#ifndef BOMBUS_TOKENIZER_H
#define BOMBUS_TOKENIZER_H

#include <bombus/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bombus_tokenizer bombus_tokenizer;

/* Loads a tokenizer.json.
 *
 * path  a model directory, or the file itself. A tokenizer_config.json beside it is read too where there is one: the names of the
 *       beginning, end and padding tokens.
 *
 * Returns BOMBUS_OK, BOMBUS_ENOTFOUND, BOMBUS_EIO, BOMBUS_EFORMAT, BOMBUS_EUNSUPPORTED (err names the component) or BOMBUS_ENOMEM.
 * On success the caller frees *out with bombus_tokenizer_free. */
BOMBUS_API bombus_status bombus_tokenizer_load(bombus_tokenizer **out, const char *path, bombus_error *err);
BOMBUS_API void bombus_tokenizer_free(bombus_tokenizer *tokenizer); /* NULL is fine */
/* Another reference: free as often. */
BOMBUS_API bombus_tokenizer *bombus_tokenizer_retain(bombus_tokenizer *tokenizer);

enum {
    BOMBUS_NO_SPECIAL = 1,   /* encode: the post-processor adds no special tokens */
    BOMBUS_SKIP_SPECIAL = 2, /* decode: special tokens leave no text */
};

typedef struct bombus_ids {
    int32_t *ids; /* [count] */
    size_t count;
    size_t capacity;
} bombus_ids;

BOMBUS_API void bombus_ids_free(bombus_ids *ids); /* leaves it empty and usable */

/* Appends the ids of text (UTF-8, may hold NUL bytes) to *ids. BOMBUS_EINVAL names the byte where text is not UTF-8; *ids is then as
 * before. */
BOMBUS_API bombus_status bombus_tokenizer_encode(const bombus_tokenizer *tokenizer, const char *text, size_t bytes, int flags,
                                                 bombus_ids *ids, bombus_error *err);

/* The text of ids in *text, ending in NUL, which the caller frees with bombus_text_free. BOMBUS_EINVAL names an id outside the vocabulary.
 */
BOMBUS_API bombus_status bombus_tokenizer_decode(const bombus_tokenizer *tokenizer, const int32_t *ids, size_t count, int flags,
                                                 char **text, size_t *bytes, bombus_error *err);
BOMBUS_API void bombus_text_free(char *text);

/* One past the largest id, added tokens included. */
BOMBUS_API int32_t bombus_tokenizer_size(const bombus_tokenizer *tokenizer);
/* The token as the vocabulary spells it, borrowed; NULL where the id names none. */
BOMBUS_API const char *bombus_tokenizer_token(const bombus_tokenizer *tokenizer, int32_t id);
/* The id of a token as the vocabulary spells it, or -1. */
BOMBUS_API int32_t bombus_tokenizer_id(const bombus_tokenizer *tokenizer, const char *token);
BOMBUS_API bool bombus_tokenizer_is_special(const bombus_tokenizer *tokenizer, int32_t id);
/* Beginning and end of text by tokenizer_config.json, or -1. */
BOMBUS_API int32_t bombus_tokenizer_bos(const bombus_tokenizer *tokenizer);
BOMBUS_API int32_t bombus_tokenizer_eos(const bombus_tokenizer *tokenizer);

/* Text of a stream of ids, piece by piece. No piece ends inside a character, and all pieces joined are what decode gives, whatever
 * the decoder does at the beginning of a text. One thread's. */
typedef struct bombus_detokenizer bombus_detokenizer;

BOMBUS_API bombus_status bombus_detokenizer_create(bombus_detokenizer **out, bombus_tokenizer *tokenizer, int flags, bombus_error *err);
BOMBUS_API void bombus_detokenizer_free(bombus_detokenizer *detokenizer); /* NULL is fine */
BOMBUS_API void bombus_detokenizer_reset(bombus_detokenizer *detokenizer);
/* Takes one id; *text is what became certain, maybe empty, ends in NUL, borrowed until the next call. */
BOMBUS_API bombus_status bombus_detokenizer_push(bombus_detokenizer *detokenizer, int32_t id, const char **text, size_t *bytes,
                                                 bombus_error *err);
/* What is still held back when the stream ends (bytes that are no character become U+FFFD, as decode gives them). */
BOMBUS_API bombus_status bombus_detokenizer_finish(bombus_detokenizer *detokenizer, const char **text, size_t *bytes, bombus_error *err);

#ifdef __cplusplus
}
#endif
#endif
