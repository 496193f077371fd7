/* generate/serving.h: the serving engine from the inside.
 *
 * Who may touch what: the fields marked "under the mutex" go by the engine's mutex; those marked "the engine's" are its thread's alone,
 * until the ticket has ended; all others do not change once other threads can see them. */
#ifndef BB_GENERATE_SERVING_H
#define BB_GENERATE_SERVING_H

#include "adapter/adapter.h"
#include "base/memory.h"
#include "generate/draft.h"
#include "generate/prefixes.h"
#include "generate/request.h"
#include "generate/speaker.h"

#include <bombus/serving.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

typedef struct bb_binding bb_binding; /* adapters, bound to the engine's model; NULL: none (serving_adapters.c) */

typedef enum bb_stage {
    BB_STAGE_NEW,     /* in the mail for the first time */
    BB_STAGE_WAITING, /* in the queue */
    BB_STAGE_RUNNING, /* among the running */
    BB_STAGE_PAUSED,  /* nowhere, until its reader has made room */
    BB_STAGE_ENDED,
} bb_stage;

/* A token that waits to be read. */
typedef struct bb_kept_token {
    int32_t id;
    float logprob;
    size_t text, bytes; /* in the result's text */
    size_t top_count;
} bb_kept_token;

struct bombus_ticket {
    atomic_int references;   /* the caller's, and the engine's until it has ended */
    bombus_serving *serving; /* a reference, for its mutex */
    bb_arena arena;
    bombus_request request; /* what it points at is in the arena */
    int32_t *prompt;        /* [prompt_count] */
    size_t prompt_count;
    bb_binding *binding; /* until it ends */
    void (*on_end)(bombus_ticket *ticket, void *context);
    void *on_end_context;
    int queue;           /* tokens kept */
    uint64_t number;     /* of arrival; set under the mutex, before the engine knows of it */
    int64_t order;       /* number less what the priority is worth: the less, the sooner */
    double submitted_at; /* bb_seconds */
    double deadline;     /* likewise, or INFINITY */

    /* Under the mutex. */
    pthread_cond_t changed;
    bool mailed; /* in the engine's mail, from which next_mail leads on */
    bombus_ticket *next_mail;
    bool canceled, unread; /* asked for by others; unread: nobody will read tokens any more */
    bool ended, taken;
    bb_kept_token *kept;  /* [queue] a ring */
    bombus_logprob *tops; /* [queue][top_logprobs] */
    int kept_first, kept_count;
    bool reading; /* the first is with the reader, and leaves with the next call */

    bombus_result result;
    bombus_status status;
    bombus_error error;

    /* The engine's. */
    bb_stage stage;
    bombus_ticket *older, *newer; /* among all that have not ended */
    size_t place;                 /* in the queue */
    bb_speaker speaker;
    bool begun;      /* the speaker is there */
    int32_t *tokens; /* [prompt_count + limit] prompt and answer; count of them are known, the first computed have keys and values */
    int count, computed;
    int32_t *blocks; /* [block_count] room for all that the tokens need */
    int block_count;
    int settled;    /* blocks that are whole, and known where prefixes are kept */
    uint64_t chain; /* the id of the last of these, or the binding's root */
    int room;       /* tokens its reader has room for */
    bool full;      /* none: its reader has to make some first; counted in counts.paused */
    bool done;      /* ends after this step */
    int rows;       /* of this step, and the first of them */
    int first_row;
    int guessed; /* of the rows, the last: tokens behind the count known ones that may follow them */
    int wanted;  /* of those */
    bb_pace pace;
    double first_at; /* bb_seconds of the first token */
};

/* A sequence whose step gave logits, and what came of them. */
typedef struct bb_drawing {
    bombus_ticket *ticket;
    int first;                             /* of its rows of logits */
    bombus_token tokens[1 + BB_MAX_DRAFT]; /* [drawn] */
    bombus_logprob tops[1 + BB_MAX_DRAFT][BB_MAX_TOP];
    int drawn;
    size_t token_counts[1 + BB_MAX_DRAFT]; /* the result's, with each */
    bool done;                             /* the last of them ends the answer */
    bombus_status status;
    bombus_error error;
} bb_drawing;

struct bombus_serving {
    atomic_int references; /* the caller's, the thread's and the tickets' */
    bombus_model *model;
    bombus_tokenizer *tokenizer; /* may be NULL */
    int context;
    int slots; /* requests that run at once */
    int most_waiting;
    int chunk, slice;
    bombus_adapter *adapter; /* of requests that name none; NULL: none */
    bb_binding *binding;     /* of that */
    pthread_t thread;

    pthread_mutex_t mutex;
    pthread_cond_t wake; /* of the engine */
    bool quit;           /* under the mutex, as all that follows */
    bombus_ticket *first_mail, *last_mail;
    bb_binding *bindings; /* stats.bound of them, the one used last first */
    uint64_t roots;       /* given so far */
    bombus_serving_stats stats;

    /* The engine's. */
    bb_prefixes prefixes;
    bb_workspace workspace;
    bombus_model *draft; /* NULL: no draft model, and none of what goes with it */
    bb_kv_pool draft_pool;
    bb_workspace draft_workspace;
    float *draft_logits;            /* [BB_LOGIT_ROWS, V of the draft model] */
    bombus_ticket *oldest, *newest; /* all that have not ended */
    double soonest;                 /* no deadline passes before */
    bombus_ticket **waiting;        /* [waiting_count] a heap: each before its children, 2i + 1 and 2i + 2 */
    size_t waiting_count, waiting_capacity;
    bombus_ticket **running; /* [running_count] of [slots], by order */
    int running_count;
    bombus_ticket **plan, **prompts;         /* [slots] those of a step */
    int32_t *tokens, *positions, *sequences; /* [workspace.rows] the rows of a step */
    const int32_t **tables;                  /* [slots] */
    bb_delta_run *runs;                      /* [slots] */
    bb_drawing *drawings;                    /* [slots] */
    float *logits;                           /* [BB_LOGIT_ROWS, V] */
    bombus_serving_stats counts;             /* goes into stats after each step */
};

static inline int bb_blocks_of(int positions)
{
    return (positions + BB_KV_BLOCK - 1) / BB_KV_BLOCK;
}

/* Waits for a signal or until a time of bb_seconds; false where the time is up. Times that no clock of the system's will say, INFINITY
 * among them, never come. */
static inline bool bb_serving_wait(bombus_serving *serving, pthread_cond_t *changed, double until)
{
    if (!(until < 1e9))
        return pthread_cond_wait(changed, &serving->mutex) == 0;

    const double whole = floor(until);
    const struct timespec time = {.tv_sec = (time_t)whole, .tv_nsec = (long)(1e9 * (until - whole))};
    return pthread_cond_timedwait(changed, &serving->mutex, &time) == 0;
}

/* ---- tickets (serving_ticket.c) ---- */

/* A copy of the submission, with one reference; it is not in the engine's mail yet. */
bombus_status bb_ticket_create(bombus_ticket **out, bombus_serving *serving, const bombus_submission *submission, bombus_error *err);
void bb_ticket_release(bombus_ticket *ticket);
/* Puts the ticket in the engine's mail, with a reference. Under the mutex. */
void bb_ticket_mail(bombus_ticket *ticket);
/* Keeps a token for the reader, where there is one. Returns how many more there is room for. The engine's. */
int bb_ticket_keep(bombus_ticket *ticket, const bombus_token *token);
/* Tells waiters and the request's on_end that the ticket has ended with its status, and drops the engine's reference. The engine's. */
void bb_ticket_end(bombus_ticket *ticket);

/* Drops a reference to the engine's mutex and what goes with it; the engine's own parts are gone by then (serving.c). */
void bb_serving_release(bombus_serving *serving);
/* Is this the engine's thread? */
bool bb_serving_is_here(const bombus_serving *serving);

/* ---- adapters (serving_adapters.c) ---- */

/* A binding of the caller's to use, until bb_serving_unbind; *out is NULL for no adapters. BOMBUS_EINVAL where one does not fit the model.
 */
bombus_status bb_serving_bind(bb_binding **out, bombus_serving *serving, const bombus_adapter_use *uses, size_t count, bombus_error *err);
void bb_serving_unbind(bombus_serving *serving, bb_binding *binding); /* NULL is fine */
/* All of them, when the engine ends. */
void bb_serving_drop_adapters(bombus_serving *serving);
const bb_deltas *bb_binding_deltas(const bb_binding *binding); /* NULL for NULL */
uint64_t bb_binding_root(const bb_binding *binding);           /* of prefixes: no two bindings have the same */

/* ---- who runs (serving_schedule.c): the engine's ---- */

/* Puts a ticket in the queue. Without memory it ends. */
void bb_serving_queue(bombus_serving *serving, bombus_ticket *ticket);
/* Takes a ticket out of wherever it is, gives its blocks back, and ends it with its status. */
void bb_serving_finish(bombus_serving *serving, bombus_ticket *ticket);
/* Runs as many of the waiting as there is room for. */
void bb_serving_admit(bombus_serving *serving);
/* Sees to it that a running ticket has blocks for its first positions, at the cost of those that come behind it. Returns the positions that
 * it has blocks for: less only where the ticket is the last. */
int bb_serving_reserve(bombus_serving *serving, bombus_ticket *ticket, int positions);
/* Goes on with what others have computed of this ticket's prompt. Returns false where another is computing its next block now. */
bool bb_serving_adopt(bombus_serving *serving, bombus_ticket *ticket);

/* ---- a step: the engine's ---- */

/* Tokens that are known and not computed. */
static inline int bb_left_of(const bombus_ticket *ticket)
{
    return ticket->count - ticket->computed;
}

enum { BB_SERVING_GUESSES = 64 }; /* of a step: beyond that a row costs as much as it may save */

/* Gives each of the running its rows of this step. What takes blocks may make those behind it give way, which then leave the running.
 * Returns how many in serving->plan have rows (serving_plan.c). */
int bb_serving_plan(bombus_serving *serving);

/* Guesses for those of the plan that want some: more rows (serving_guess.c). Allocates nothing, as the next two. */
void bb_serving_guess(bombus_serving *serving, int planned);
/* The draft model computes what the model computes in this step. */
void bb_serving_follow(bombus_serving *serving, int planned);
/* So many of a ticket's guesses were right. */
void bb_serving_learn(bombus_serving *serving, bombus_ticket *ticket, int right);
bombus_status bb_serving_create_draft(bombus_serving *serving, int blocks, bombus_dtype dtype, bombus_error *err);
void bb_serving_free_draft(bombus_serving *serving);

/* Computes a step of what runs. Returns false where nothing can: all wait for their readers, or there is nothing (serving_step.c). */
bool bb_serving_step(bombus_serving *serving);

#endif
