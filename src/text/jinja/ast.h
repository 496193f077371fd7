/* text/jinja/ast.h: a template in the form it is run from: source, tokens, tree, and where each variable lives.
 *
 * lex -> parse -> scope. A template is immutable after that and shared between threads; all of it lives in one arena. */
#ifndef BB_TEXT_JINJA_AST_H
#define BB_TEXT_JINJA_AST_H

#include "text/jinja/value.h"

/* X(name, spelling) in the order in which an operator is tried: longer ones first. */
#define BB_JINJA_OPERATORS(X)                                                                                                              \
    X(FLOORDIV, "//")                                                                                                                      \
    X(POW, "**")                                                                                                                           \
    X(EQ, "==")                                                                                                                            \
    X(NE, "!=")                                                                                                                            \
    X(GE, ">=")                                                                                                                            \
    X(LE, "<=")                                                                                                                            \
    X(ADD, "+")                                                                                                                            \
    X(SUB, "-")                                                                                                                            \
    X(DIV, "/")                                                                                                                            \
    X(MUL, "*")                                                                                                                            \
    X(MOD, "%")                                                                                                                            \
    X(TILDE, "~")                                                                                                                          \
    X(LBRACKET, "[")                                                                                                                       \
    X(RBRACKET, "]")                                                                                                                       \
    X(LPAREN, "(")                                                                                                                         \
    X(RPAREN, ")")                                                                                                                         \
    X(LBRACE, "{")                                                                                                                         \
    X(RBRACE, "}")                                                                                                                         \
    X(GT, ">")                                                                                                                             \
    X(LT, "<")                                                                                                                             \
    X(ASSIGN, "=")                                                                                                                         \
    X(DOT, ".")                                                                                                                            \
    X(COLON, ":")                                                                                                                          \
    X(PIPE, "|")                                                                                                                           \
    X(COMMA, ",")                                                                                                                          \
    X(SEMICOLON, ";")

typedef enum bb_jtoken_kind {
#define X(name, spelling) BB_JT_##name,
    BB_JINJA_OPERATORS(X)
#undef X
        BB_JT_OPERATORS,
    BB_JT_DATA = BB_JT_OPERATORS,
    BB_JT_VARIABLE_BEGIN,
    BB_JT_VARIABLE_END,
    BB_JT_BLOCK_BEGIN,
    BB_JT_BLOCK_END,
    BB_JT_NAME,
    BB_JT_STRING,
    BB_JT_INTEGER,
    BB_JT_FLOAT,
    BB_JT_EOF,
} bb_jtoken_kind;

typedef struct bb_jtoken {
    bb_jtoken_kind kind;
    uint32_t at; /* offset in the source */
    union {
        struct {
            const char *text; /* DATA, NAME, STRING (escapes undone) */
            size_t size;
        };
        int64_t integer;
        double real;
    };
} bb_jtoken;

/* ---- the tree ---- */

typedef enum bb_jnode_kind {
    /* statements */
    BB_JN_OUTPUT,       /* items */
    BB_JN_IF,           /* left test, body, more: elifs (BB_JN_IF), orelse */
    BB_JN_FOR,          /* left target, right iterable, third filter or NULL, body, orelse */
    BB_JN_SET,          /* left target, right value */
    BB_JN_SET_BLOCK,    /* left target, right filter or NULL, body */
    BB_JN_MACRO,        /* name, items parameters, more defaults, body */
    BB_JN_CALL_BLOCK,   /* left call (NULL: a generation block), items, more, body */
    BB_JN_FILTER_BLOCK, /* right filter, body */
    BB_JN_WITH,         /* items targets, more values, body */
    BB_JN_BREAK,
    BB_JN_CONTINUE,
    /* expressions */
    BB_JN_DATA,  /* value: text of the template */
    BB_JN_CONST, /* value */
    BB_JN_NAME,  /* name, role */
    BB_JN_NSREF, /* name, attribute: a target "name.attribute" */
    BB_JN_LIST,  /* items */
    BB_JN_TUPLE, /* items */
    BB_JN_DICT,  /* items keys, more values */
    BB_JN_COND,  /* left value, right otherwise or NULL, third test */
    BB_JN_AND,   /* left, right */
    BB_JN_OR,
    BB_JN_NOT, /* left */
    BB_JN_NEGATE,
    BB_JN_PLUS,
    BB_JN_BINARY,    /* op, left, right */
    BB_JN_CONCAT,    /* items */
    BB_JN_COMPARE,   /* left, items: BB_JN_OPERAND */
    BB_JN_OPERAND,   /* op (BB_JT_EQ..., or BB_JO_IN, BB_JO_NOT_IN), left */
    BB_JN_ATTRIBUTE, /* left, name */
    BB_JN_ITEM,      /* left, right */
    BB_JN_SLICE,     /* left value; items start, stop, step, each may be NULL */
    BB_JN_CALL,      /* left callee, items positional, more keywords, star, star_star */
    BB_JN_FILTER,    /* left value (NULL: the captured block), name, arguments as in a call */
    BB_JN_TEST,      /* the same */
    BB_JN_KEYWORD,   /* name, left value */
} bb_jnode_kind;

enum { BB_JO_IN = BB_JT_EOF + 1, BB_JO_NOT_IN };

typedef enum bb_jrole { BB_J_LOAD, BB_J_STORE, BB_J_PARAM } bb_jrole;

/* A variable: slot of the function that is hops functions out. */
typedef struct bb_jref {
    uint16_t hops;
    uint16_t slot;
} bb_jref;

typedef struct bb_jnode bb_jnode;

typedef struct bb_jnodes {
    bb_jnode **at;
    size_t count;
} bb_jnodes;

struct bb_jnode {
    uint8_t kind; /* bb_jnode_kind */
    uint8_t op;
    uint8_t role;
    uint16_t height; /* of the tree below: bounded, since running it recurses */
    uint32_t at;
    bb_jref ref; /* NAME, NSREF, MACRO */
    const bb_jtext *name;
    const bb_jtext *attribute;
    bb_jnode *left, *right, *third;
    bb_jnode *star, *star_star; /* CALL, FILTER, TEST: *args and **kwargs */
    bb_jnodes items, more, body, orelse;
    bb_jvalue value;
    const bb_jcallable *callable;  /* FILTER, TEST; NULL where there is none of that name */
    struct bb_jscope *scope;       /* of the body */
    struct bb_jscope *else_scope;  /* FOR */
    struct bb_jfunction *function; /* MACRO, CALL_BLOCK; of FOR the filter, whose target is its own */
    bb_jnode *function_target;     /* FOR */
};

/* ---- variables ---- */

/* What a scope does to a variable when it is entered. */
typedef enum bb_jload { BB_J_LOAD_NOTHING, BB_J_LOAD_PARAM, BB_J_LOAD_RESOLVE, BB_J_LOAD_ALIAS, BB_J_LOAD_UNDEFINED } bb_jload;

typedef struct bb_jsymbol {
    const bb_jtext *name;
    bool referenced; /* has a slot in this scope */
    bool stored;
    uint16_t slot;
    bb_jload load;
    bb_jref alias; /* BB_J_LOAD_ALIAS: where the outer one is, seen from this scope's function */
} bb_jsymbol;

typedef struct bb_jscope {
    struct bb_jscope *parent;
    struct bb_jfunction *function;
    int level;
    bb_jsymbol *symbols;
    size_t count, capacity;
} bb_jscope;

/* What has variables of its own each time it runs: the template, a macro, the body of a call block, the filter of a loop. */
typedef struct bb_jfunction {
    struct bb_jfunction *parent;
    int depth; /* functions around it */
    bb_jscope *scope;
    const bb_jnode *node;        /* MACRO or CALL_BLOCK: parameters, defaults, body */
    uint16_t *params;            /* [node->items.count] slots */
    int caller, kwargs, varargs; /* slots, or -1 where the body does not use them */
    bool names_caller;           /* among its parameters */
    struct bb_jslot {
        const bb_jtext *name;
        int level;
    } * slots;
    size_t slot_count, slot_capacity;
} bb_jfunction;

typedef struct bb_jtemplate {
    bb_arena arena;
    const char *name;
    const char *source; /* line ends are \n; ends in NUL */
    size_t size;
    bb_jtoken *tokens;
    size_t token_count;
    bb_jdict *names; /* each name of the source once, so that names compare by address */
    bb_jnodes body;
    bb_jfunction *root;
} bb_jtemplate;

/* The steps. A step needs the one before. run serves as the owner of errors; its arena is the template's. */
bool bb_jinja_lex(bb_jinja *run, bb_jtemplate *program);
bool bb_jinja_parse(bb_jinja *run, bb_jtemplate *program);
bool bb_jinja_scope(bb_jinja *run, bb_jtemplate *program);
/* Raises at a place. */
bool bb_jinja_raise_at(bb_jinja *run, uint32_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));

const bb_jtext *bb_jtemplate_name(bb_jinja *run, bb_jtemplate *program, const char *bytes, size_t size);
const char *bb_jtoken_spelling(bb_jtoken_kind kind);

/* Writes the whole template's text. */
bool bb_jinja_run(bb_jinja *run);

#endif
