/* text/jinja/parser.h: what the parser of statements and the parser of expressions share. */
#ifndef BB_TEXT_JINJA_PARSER_H
#define BB_TEXT_JINJA_PARSER_H

#include "text/jinja/ast.h"

typedef struct bb_jparser {
    bb_jinja *run;
    bb_jtemplate *program;
    size_t next; /* index of the current token */
} bb_jparser;

/* A list of nodes in the making. */
typedef struct bb_jgathering {
    bb_jnodes nodes;
    size_t capacity;
} bb_jgathering;

/* Every parsing function returns NULL (or false) after raising. */
const bb_jtoken *bb_jparser_token(const bb_jparser *p);
const bb_jtoken *bb_jparser_ahead(const bb_jparser *p); /* the one behind the current */
bool bb_jparser_is(const bb_jparser *p, bb_jtoken_kind kind);
bool bb_jtoken_is_word(const bb_jtoken *token, const char *word);
bool bb_jparser_at(const bb_jparser *p, const char *word); /* the current token is the name word */
void bb_jparser_skip(bb_jparser *p, size_t count);
bool bb_jparser_skip_if(bb_jparser *p, bb_jtoken_kind kind);
bool bb_jparser_skip_word(bb_jparser *p, const char *word);
bool bb_jparser_expect(bb_jparser *p, bb_jtoken_kind kind);
bool bb_jparser_expect_word(bb_jparser *p, const char *word);
bool bb_jparser_unexpected(bb_jparser *p, const char *expected);

bb_jnode *bb_jnode_new(bb_jparser *p, bb_jnode_kind kind, uint32_t at);
const bb_jtext *bb_jparser_name(bb_jparser *p); /* takes a name */
bool bb_jgather(bb_jparser *p, bb_jgathering *list, bb_jnode *node);
/* Sets the height of a node whose children are complete. NULL where it is too high to be run. */
bb_jnode *bb_jnode_finish(bb_jparser *p, bb_jnode *node);

enum {
    BB_JP_NO_CONDITION = 1, /* "a if b" is not taken: the if belongs to a for */
    BB_JP_TARGETS = 2,      /* only what can be assigned to */
    BB_JP_NSREF = 4,        /* with "name.attribute" among it */
    BB_JP_EMPTY = 8,        /* "()" is a tuple */
};

bb_jnode *bb_jparse_expression(bb_jparser *p);
/* Expressions with commas between. end: the name that also ends them, or NULL. */
bb_jnode *bb_jparse_tuple(bb_jparser *p, int flags, const char *end);
/* Filters behind node, each with "|" before it but the first where bare. */
bb_jnode *bb_jparse_filters(bb_jparser *p, bb_jnode *node, bool bare);

#endif
