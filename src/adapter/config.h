/* adapter/config.h: what an adapter_config.json says, checked: mlx-lm's or PEFT's. */
#ifndef BB_ADAPTER_CONFIG_H
#define BB_ADAPTER_CONFIG_H

#include "base/json.h"
#include "text/tokenizer/regex.h"

#include <bombus/adapter.h>

enum { BB_ADAPTER_RANK_MAX = 65536 };

/* Names of modules, as a list or as one expression that a whole name matches. */
typedef struct bb_module_names {
    const char **items; /* [count] */
    size_t count;
    bb_regex *regex; /* NULL: the list counts */
} bb_module_names;

/* A value for the modules whose name ends as an expression says. */
typedef struct bb_module_value {
    bb_regex *regex;
    double value;
} bb_module_value;

typedef struct bb_adapter_config {
    const char *file; /* path, for messages */
    bombus_adapter_format format;
    bombus_adapter_kind kind;
    const char *base; /* may be NULL */
    int rank;

    /* mlx-lm */
    double scale;
    int num_layers; /* the last of the model; 0 or less: all */
    bool all_keys;  /* every linear layer of these; else keys, relative to a layer or to the model */
    bb_module_names keys;

    /* PEFT */
    double alpha;
    bool rslora, all_linear;
    bb_module_names targets, excluded;
    bool some_layers; /* only layers [layer_count] of what a list of targets names */
    const int *layers;
    size_t layer_count;
    bb_regex **layers_patterns; /* [layers_pattern_count] of the name of the list of layers; none: any */
    size_t layers_pattern_count;
    bb_module_value *ranks, *alphas; /* [rank_count], [alpha_count]: the first that matches */
    size_t rank_count, alpha_count;
} bb_adapter_config;

/* Reads text. What the config points to lives in arena, but for expressions: bb_adapter_config_free is needed in any case. file stands in
 * messages. BOMBUS_EFORMAT, BOMBUS_EUNSUPPORTED, BOMBUS_ENOMEM. */
bombus_status bb_adapter_config_parse(bb_adapter_config *config, bb_arena *arena, const char *text, size_t bytes, const char *file,
                                      bombus_error *err);
void bb_adapter_config_free(bb_adapter_config *config);

/* Does it change the module of this name, which is UTF-8, in a model of so many layers? */
bombus_status bb_adapter_config_targets(const bb_adapter_config *config, const char *module, int layers, bool *out, bombus_error *err);

/* Rank and scale of a module, by its name likewise. */
bombus_status bb_adapter_config_module(const bb_adapter_config *config, const char *module, int *rank, double *scale, bombus_error *err);

#endif
