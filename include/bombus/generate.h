/* bombus/generate.h: from ids to more ids and text.
 *
 * A session is one timeline of a model: the tokens seen so far and their keys and values. It is one thread's at a time; any number of
 * sessions share a model. */
#ifndef BOMBUS_GENERATE_H
#define BOMBUS_GENERATE_H

#include <bombus/adapter.h>
#include <bombus/model.h>
#include <bombus/tokenizer.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bombus_logit_bias {
    int32_t id;
    float bias; /* added to the logit before anything else */
} bombus_logit_bias;

typedef struct bombus_logprob {
    int32_t id;
    float logprob; /* natural logarithm, of the distribution before temperature and filters, after penalties and bias */
} bombus_logprob;

/* A token as it is drawn. Everything is borrowed for the length of the callback. The callback also receives the end or stop token that ends
 * an answer, which is not in the result's tokens; its text is what was held back until then. */
typedef struct bombus_token {
    int32_t id;
    const char *text; /* what became certain with this token: may be empty, never half a character, never part of a stop string */
    size_t text_bytes;
    float logprob;
    const bombus_logprob *top; /* [top_count] most likely first */
    size_t top_count;
} bombus_token;

/* Returns false to cancel: the result then ends with this token and BOMBUS_FINISH_CANCELED, unless the answer ends here anyway. */
typedef bool (*bombus_token_callback)(const bombus_token *token, void *context);

/* After each chunk of a prompt but the last: done of count tokens are computed. Returns false to cancel: the result then has no tokens and
 * BOMBUS_FINISH_CANCELED, and the session has seen the first done tokens of the prompt. */
typedef bool (*bombus_prompt_callback)(size_t done, size_t count, void *context);

/* How one answer is drawn. Always begin with bombus_request_init, so that zero can be said where zero has a meaning. */
typedef struct bombus_request {
    int max_tokens;    /* default 256 */
    float temperature; /* default 0: the most likely token */
    int top_k;         /* 0: off (default) */
    float top_p;       /* 1 or 0: off (default 1) */
    float min_p;       /* 0: off (default) */
    int min_keep;      /* tokens min_p keeps at least, default 1 */

    /* Over the last *_window tokens that the session has seen, prompt and answer (default 20 each, at least 1). */
    float repetition_penalty; /* 1 or 0: off (default 1) */
    int repetition_window;
    float presence_penalty; /* 0: off (default) */
    int presence_window;
    float frequency_penalty; /* 0: off (default) */
    int frequency_window;

    const bombus_logit_bias *logit_bias; /* [logit_bias_count] */
    size_t logit_bias_count;

    uint64_t seed; /* the same seed, model and prompt give the same tokens; default 0 */

    const char *const *stops; /* [stop_count] strings, UTF-8; the answer ends before the first to appear */
    size_t stop_count;
    const int32_t *stop_tokens; /* [stop_token_count] besides the end tokens of the model and of the tokenizer */
    size_t stop_token_count;
    bool ignore_end; /* the end tokens of model and tokenizer do not stop */

    bool keep_special; /* special tokens leave their text, for bombus_answer to find its marks (default: they leave none) */

    /* Tokens guessed ahead, at most, and computed together with the one before them; a guess counts where it is the token that is drawn in
     * its place, so the answer is the same with and without. By the draft model of the session or engine; without one by prompt lookup:
     * what followed the last time that the text ended as it does. 0: none (default), to 31. */
    int draft_tokens;

    int top_logprobs; /* how many of the most likely tokens each token reports, 0 to 20 */

    bombus_prompt_callback on_prompt; /* may be NULL */
    bombus_token_callback on_token;   /* may be NULL */
    void *context;                    /* of both */
} bombus_request;

BOMBUS_API void bombus_request_init(bombus_request *request);
/* The same with the model's sampling defaults: temperature, top_k, top_p, min_p and repetition_penalty of its info. */
BOMBUS_API void bombus_request_init_for(bombus_request *request, const bombus_model *model);

/* X(name, text) */
#define BOMBUS_FINISH_LIST(X)                                                                                                              \
    X(STOP, "stop")         /* an end token, stop token or stop string */                                                                  \
    X(LENGTH, "length")     /* max_tokens, or the context is full */                                                                       \
    X(CANCELED, "canceled") /* a callback said so, or bombus_ticket_cancel */                                                              \
    X(DEADLINE, "deadline") /* it has passed (bombus/serving.h) */

typedef enum bombus_finish {
#define X(name, text) BOMBUS_FINISH_##name,
    BOMBUS_FINISH_LIST(X)
#undef X
} bombus_finish;

/* "stop". Static. */
BOMBUS_API const char *bombus_finish_name(bombus_finish finish);

typedef struct bombus_result {
    char *text; /* ends in NUL; without the stop string; NULL where the session has no tokenizer */
    size_t text_bytes;
    int32_t *tokens; /* [token_count], without the end or stop token */
    float *logprobs; /* [token_count] */
    size_t token_count;
    size_t prompt_count;   /* of its tokens fed: all, unless the answer was canceled before */
    size_t cached_count;   /* of them, those that a serving engine had computed for another request */
    size_t drafted_count;  /* tokens guessed ahead, */
    size_t accepted_count; /* and those of them that were drawn */
    bombus_finish finish;
    double prompt_seconds;   /* until the first token was drawn */
    double generate_seconds; /* from there to the last */
} bombus_result;

/* Frees what a result holds and empties it. */
BOMBUS_API void bombus_result_clear(bombus_result *result);

typedef struct bombus_session bombus_session;

typedef struct bombus_session_options {
    int context;           /* positions the session has room for; 0: the model's. More than the model was made for is the caller's risk */
    int chunk;             /* prompt tokens computed at once, 0: 256 */
    bombus_dtype kv_dtype; /* BOMBUS_F32; BOMBUS_F16; BOMBUS_I8: a scale for each 32 elements of a key or value */
    const bombus_adapter_use *adapters; /* [adapter_count] of which the session keeps what it needs */
    size_t adapter_count;
    bombus_model *draft_model; /* for draft_tokens: a smaller model with the same tokens; NULL: none. A reference is kept */
} bombus_session_options;

BOMBUS_API void bombus_session_options_init(bombus_session_options *options);

/* tokenizer may be NULL: then tokens have no text and stop strings are refused. options may be NULL. Keeps references to both.
 * BOMBUS_EINVAL also where an adapter does not fit the model: err names the module and both shapes. */
BOMBUS_API bombus_status bombus_session_create(bombus_session **out, bombus_model *model, bombus_tokenizer *tokenizer,
                                               const bombus_session_options *options, bombus_error *err);
BOMBUS_API void bombus_session_free(bombus_session *session); /* NULL is fine */

/* Tokens the session has seen. */
BOMBUS_API int bombus_session_position(const bombus_session *session);
/* These tokens: [*count] ids, borrowed until the session is fed, rewound or freed. */
BOMBUS_API const int32_t *bombus_session_tokens(const bombus_session *session, size_t *count);
/* Forgets all but the first position tokens. BOMBUS_EINVAL beyond the present position. */
BOMBUS_API bombus_status bombus_session_rewind(bombus_session *session, int position, bombus_error *err);
/* Forgets all from the first token on that is not that of ids, and returns how many are left: what of ids need not be fed again. As an
 * answer needs at least one token of prompt, give this all ids but the last. */
BOMBUS_API int bombus_session_keep_prefix(bombus_session *session, const int32_t *ids, size_t count);

/* A prompt file: what a session has seen, so that another session, also of another process, goes on from there without computing it again,
 * with the same bytes as if it had. A safetensors file with the tensors
 *
 *   tokens          I32 [T]
 *   layers.N.keys   [K, T, d] of the session's kv_dtype, as attention reads them: normalized and turned by RoPE
 *   layers.N.values [K, T, d] likewise
 *   layers.N.key_scales, layers.N.value_scales   F16 [K, T, ceil(d / 32)] where kv_dtype is I8
 *
 * and in its metadata who made it: bombus.file ("prompt"), bombus.file_version, bombus.version (the library's), bombus.model and
 * bombus.tokenizer and bombus.adapter (fingerprints in hexadecimal; "none" without one), bombus.compute ("exact" or "fast"),
 * bombus.tokens (T). The model's covers its config, and name, type, shape and a sample of the bytes of each tensor; the tokenizer's all of
 * its tokenizer.json.
 *
 * metadata  [metadata_count][2] more keys and values, for the caller's use (bombus_safetensors_metadata); no key begins with "bombus."
 *
 * It is written as bombus_safetensors_write writes, and fails as that does: path is then as it was. */
BOMBUS_API bombus_status bombus_session_save(const bombus_session *session, const char *path, const char *const (*metadata)[2],
                                             size_t metadata_count, bombus_error *err);

/* Puts the tokens of a prompt file in the place of all that the session has seen. Chunk size, threads and context need not be those of the
 * session that saved it. The file is trusted to hold what its metadata says, and is not needed afterwards.
 *
 * Returns what bombus_safetensors_open returns; BOMBUS_EFORMAT (no prompt file, a tensor that is missing or has another shape, an id
 * outside the vocabulary), BOMBUS_EUNSUPPORTED (made by another version), BOMBUS_EINVAL (by another model, in another compute mode, with
 * another tokenizer, other adapters, or another kv_dtype), BOMBUS_ELIMIT (more tokens than the context). The session is then as before, or
 * where the backend itself fails, empty. */
BOMBUS_API bombus_status bombus_session_restore(bombus_session *session, const char *path, bombus_error *err);

/* Feeds ids. logits, where not NULL, receives F32 [count, V], a row a token: what follows it.
 * BOMBUS_EINVAL names an id outside the vocabulary, BOMBUS_ELIMIT a context that is too short; the session is then as before. */
BOMBUS_API bombus_status bombus_session_eval(bombus_session *session, const int32_t *ids, size_t count, float *logits, bombus_error *err);

/* Feeds a prompt (at least one token) and draws an answer. The session has then seen the prompt (all of it, unless on_prompt
 * canceled) and all tokens of the result but possibly the last; after a failure it is as before. The caller clears *result, also after a
 * failure. */
BOMBUS_API bombus_status bombus_session_generate(bombus_session *session, const int32_t *prompt, size_t count,
                                                 const bombus_request *request, bombus_result *result, bombus_error *err);

#ifdef __cplusplus
}
#endif
#endif
