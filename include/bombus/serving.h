/* bombus/serving.h: many requests at once over one model.
 *
 * An engine has a thread of its own. Requests come from any thread and wait in one queue; those that run share every step of the model:
 * a token of each that is drawing, and beside them a slice of the prompts that are still being computed. Keys and values live in one
 * bounded memory, and prompts that begin alike share them. A request's result is byte for byte that of a session, alone or beside any
 * others.
 *
 * Tokens are heard through request->on_token on the engine's thread, or polled from a bounded queue; who reads slowly holds up only its own
 * request. Where running requests outgrow the memory, the one that came last gives its keys and values back and waits; what it has drawn
 * stays, and it goes on where it was, with the same bytes, once there is room again. The first in the queue is never overtaken for being
 * large, and the first that runs never gives way: every request ends. */
#ifndef BOMBUS_SERVING_H
#define BOMBUS_SERVING_H

#include <bombus/generate.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bombus_serving bombus_serving;
typedef struct bombus_ticket bombus_ticket; /* a request that has been submitted */

/* Zero means the default in every field. */
typedef struct bombus_serving_options {
    bombus_adapter *adapter;   /* of requests that name none; default none. A reference is kept */
    bombus_model *draft_model; /* for draft_tokens, as a session's; its keys and values count for kv_bytes. A reference is kept */
    int context;      /* positions a request has room for; default the model's. More than the model was made for is the caller's risk */
    int64_t kv_bytes; /* of keys and values; default a quarter of the memory that the process may use, and no more than requests * context
                         need */
    bombus_dtype kv_dtype; /* as a session's; default BOMBUS_F32 */
    int requests;          /* that run at once, 1 to 1024; default 32 */
    int waiting;           /* that may wait besides, default no limit */
    int chunk;             /* prompt tokens computed at once while nothing is drawn; default 256 */
    int slice;             /* the same beside requests that are drawing: the less, the less they stall; default 64 */
    bool no_prefixes;      /* keys and values are not shared, nor kept for later requests */
} bombus_serving_options;

/* tokenizer may be NULL: then tokens have no text, stop strings are refused, and bombus_serving_run too. options may be NULL. Keeps
 * references to both. BOMBUS_EINVAL for options that make no sense and for an adapter that does not fit the model, BOMBUS_ELIMIT where
 * kv_bytes has no room for one block of positions, BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_serving_create(bombus_serving **out, bombus_model *model, bombus_tokenizer *tokenizer,
                                               const bombus_serving_options *options, bombus_error *err);
/* Ends all requests with BOMBUS_FINISH_CANCELED, calls their on_end, and returns when the engine has stopped; called from a callback it
 * returns at once, and the engine stops behind it. Tickets stay valid. NULL is fine. */
BOMBUS_API void bombus_serving_free(bombus_serving *serving);

/* Everything is copied. */
typedef struct bombus_submission {
    const int32_t *prompt; /* [prompt_count] at least one token */
    size_t prompt_count;
    const bombus_request *request; /* its callbacks are called on the engine's thread, which waits for them; NULL: bombus_request_init's */

    /* [adapter_count] used together, in place of the engine's own. They are bound to the model when they are first named, and stay bound
     * while a request uses them or somebody holds them (with the few weights used last): an adapter may be freed at any time, and what was
     * made of it lives until its last request has ended (or, freed later than that, until the next is submitted). Requests of different
     * adapters share steps, not prefixes. */
    const bombus_adapter_use *adapters;
    size_t adapter_count;
    bool no_adapter; /* nor the engine's own */

    /* The queue goes by arrival; one step of priority is worth this many places in it, so that nobody waits forever. -100 to 100. */
    int priority;
    double deadline; /* seconds from now, after which the request ends with BOMBUS_FINISH_DEADLINE; 0: none */

    int queue; /* tokens kept for bombus_ticket_next; the request pauses while so many are unread, and where it gave its
                  blocks back meanwhile, until half of them are read. 0: none are kept */

    /* After the last token, on the engine's thread; may be NULL. The ticket is borrowed, and bombus_ticket_wait does not wait. */
    void (*on_end)(bombus_ticket *ticket, void *context);
    void *context; /* of on_end */
} bombus_submission;

enum { BOMBUS_PRIORITY_PLACES = 16 };

/* From any thread, callbacks included. The result's context is the least of the engine's and what kv_bytes has room for.
 *
 * out  the caller frees *out with bombus_ticket_free; may be NULL where there is on_end
 *
 * Returns what bombus_session_create and bombus_session_generate return for the same adapters, prompt and request, BOMBUS_ELIMIT also where
 * too many wait already, or BOMBUS_ECANCELED where the engine is stopping. */
BOMBUS_API bombus_status bombus_serving_submit(bombus_serving *serving, bombus_ticket **out, const bombus_submission *submission,
                                               bombus_error *err);

/* The simple case: a text as it is (with the special tokens that the tokenizer adds), answered. Waits for the end, so it is not called from
 * a callback. request may be NULL. The caller clears *result, also after a failure. */
BOMBUS_API bombus_status bombus_serving_run(bombus_serving *serving, const char *text, const bombus_request *request, bombus_result *result,
                                            bombus_error *err);

/* ---- tickets: from any thread, callbacks included ---- */

/* The request ends with BOMBUS_FINISH_CANCELED, unless it has ended. Does not wait for that. */
BOMBUS_API void bombus_ticket_cancel(bombus_ticket *ticket);
/* Cancels where the request has not ended. NULL is fine. */
BOMBUS_API void bombus_ticket_free(bombus_ticket *ticket);

typedef enum bombus_heard {
    BOMBUS_HEARD_TOKEN,
    BOMBUS_HEARD_END,    /* the request has ended and all its tokens have been given: bombus_ticket_wait has the result */
    BOMBUS_HEARD_NOTHING /* in the time allowed */
} bombus_heard;

/* The next token of a request with a queue. It is borrowed until the next call for this ticket; its text has no NUL behind it. seconds: how
 * long to wait for one; 0: not at all; negative: as long as it takes. One thread's at a time. */
BOMBUS_API bombus_heard bombus_ticket_next(bombus_ticket *ticket, double seconds, bombus_token *token);

/* Waits for the end and hands the result over, once; tokens still in the queue are dropped. The caller clears *result, also after a
 * failure.
 *
 * Returns how the request ended: BOMBUS_OK, or what bombus_session_generate returns. BOMBUS_EINVAL where the result was handed over before,
 * and on the engine's thread for a request that has not ended. */
BOMBUS_API bombus_status bombus_ticket_wait(bombus_ticket *ticket, bombus_result *result, bombus_error *err);

/* ---- figures ---- */

typedef struct bombus_serving_stats {
    int waiting, running, paused; /* requests; paused: for their readers, whether they hold blocks or not */
    int blocks;                   /* of keys and values in all */
    int block_tokens;             /* positions of a block */
    int blocks_held;              /* by requests that run */
    int blocks_kept;              /* by nobody, for prompts that begin alike */
    int bound;                    /* adapters, or sets of them with weights, that are ready for the model: each takes what they have */

    /* Since the engine was made. */
    uint64_t submitted, ended;
    uint64_t steps;
    uint64_t prompt_tokens;    /* computed in prompts, or again after a request gave its blocks back */
    uint64_t cached_tokens;    /* that did not have to be, since another request had computed them */
    uint64_t generated_tokens; /* drawn */
    uint64_t drafted_tokens;   /* guessed ahead, */
    uint64_t accepted_tokens;  /* and those of them that were drawn */
    uint64_t gave_way;         /* times a request gave its blocks back */
    double step_seconds;       /* the model's part */
    double draw_seconds;       /* from logits to tokens and text */
    double tell_seconds;       /* in callbacks */
    double busy_seconds;       /* all of it, with the scheduling and looking guesses up, but not the waiting for requests */
} bombus_serving_stats;

BOMBUS_API void bombus_serving_get_stats(bombus_serving *serving, bombus_serving_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
