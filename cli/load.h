/* load.h: the model, its tokenizer and the options that several commands share. */
#ifndef LOAD_H
#define LOAD_H

#include "options.h"

typedef struct model_choice {
    const char *path;
    int threads;
    int compute;
    int context;
    int chunk;
    int kv; /* index into F32, F16, I8 */
    bool kv_given;
    text_list adapters;
    float_list adapter_scales; /* one for each, or none: 1 */
    const char *draft_path;
    int draft_tokens; /* 0: not given */
    bool prompt_lookup;
} model_choice;

/* Sees to it that *path names a model: where none was given, the one that comes with bombus, which it says on stderr. -1, or the status to
 * end with after a complaint. */
int need_model(const command *self, const char **path);

/* Rows of a table of options. */
option model_option(model_choice *choice);
option kv_option(model_choice *choice);
int kv_choice_of(bombus_dtype dtype); /* what the option would have been */
bombus_dtype kv_dtype_of(const model_choice *choice);
option threads_option(model_choice *choice);
option compute_option(model_choice *choice);
void add_adapter_options(option_table *table, model_choice *choice);
/* Loads them into uses [MAX_LIST]. Complains and returns false where that fails; free_adapters is needed in any case. */
bool load_adapters(const model_choice *choice, bombus_adapter_use *uses, size_t *count);
void free_adapters(const bombus_adapter_use *uses, size_t count);

/* How much room a session has and how it computes: what generate and chat share. */
void add_session_options(option_table *table, model_choice *choice);

/* Who guesses ahead, and how far. */
void add_draft_options(option_table *table, model_choice *choice);
/* Do they go together? Returns -1, or the exit status of wrong usage. */
int check_draft(const command *self, const model_choice *choice);
/* For bombus_request. */
int draft_tokens_of(const model_choice *choice);
/* *model is NULL where none is asked for. Complains and returns false where it fails. */
bool load_draft_model(const model_choice *choice, bombus_model **model);

/* Each complains and returns false where it fails. */
/* The one adapter that is a full fine-tune, to load the model with; NULL where none is. Complains and returns false where it is not alone.
 */
bool find_fine_tune(const model_choice *choice, const char **out);
/* A full fine-tune among the adapters becomes a part of the model, and is no adapter any more. */
bool load_model(model_choice *choice, bombus_model **model);
bool load_tokenizer(const char *path, bombus_tokenizer **tokenizer);
bool open_session(const model_choice *choice, bombus_model *model, bombus_tokenizer *tokenizer, int context, bombus_session **session);
/* name says in a complaint where the text is from. */
bool encode(const bombus_tokenizer *tokenizer, const char *name, const char *text, size_t bytes, int flags, bombus_ids *ids);

#endif
