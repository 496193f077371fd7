/* text/jinja/eval.h: what the interpreter of statements, of expressions and of calls share. */
#ifndef BB_TEXT_JINJA_EVAL_H
#define BB_TEXT_JINJA_EVAL_H

#include "text/jinja/ast.h"

/* The variables of a function that runs. Frames live in the run's arena: a macro keeps the one it was made in. */
typedef struct bb_jframe {
    struct bb_jframe *parent; /* of the function around this one */
    bb_jvalue *slots;
} bb_jframe;

typedef struct bb_jmacro {
    const bb_jfunction *function;
    bb_jframe *frame;     /* it was made in */
    const bb_jtext *name; /* NULL for the body of a call block */
} bb_jmacro;

typedef struct bb_jloop {
    bb_jvalue iterable;
    bb_jiterator *it;
    int64_t index0;
    bb_jvalue current, before, after; /* after: asked for ahead of time */
    bool ahead, ended;                /* after holds the next item; there is none */
    int64_t length;                   /* -1 until asked for */
    bb_jvalue changed;                /* what loop.changed() saw last */
} bb_jloop;

bool bb_jeval(bb_jinja *run, const bb_jnode *node, bb_jvalue *out);
bool bb_jeval_filter(bb_jinja *run, const bb_jnode *node, bb_jvalue value, bb_jvalue *out); /* a chain that ends in value */
bool bb_jeval_call(bb_jinja *run, const bb_jnode *node, const bb_jvalue *caller, bb_jvalue *out);
bool bb_jeval_binary(bb_jinja *run, int op, bb_jvalue a, bb_jvalue b, bb_jvalue *out);
bool bb_jeval_negate(bb_jinja *run, bb_jvalue value, bool negative, bb_jvalue *out);

typedef enum bb_jflow { BB_J_NEXT, BB_J_BREAK, BB_J_CONTINUE, BB_J_FAIL } bb_jflow;

bb_jflow bb_jexec(bb_jinja *run, bb_jnodes body);
bool bb_jassign(bb_jinja *run, const bb_jnode *target, bb_jvalue value);
bool bb_jframe_new(bb_jinja *run, const bb_jfunction *function, bb_jframe *parent, bb_jframe **out);
bool bb_jscope_enter(bb_jinja *run, const bb_jscope *scope);
void bb_jscope_leave(bb_jinja *run, const bb_jscope *scope);
bb_jvalue *bb_jref_slot(const bb_jframe *frame, bb_jref ref);
bool bb_jloop_next(bb_jinja *run, bb_jloop *loop, bb_jvalue *item, bool *more);

#endif
