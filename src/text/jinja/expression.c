/* Expressions of templates, from "a if b else c" down to literals: one function a level of precedence, as Jinja has them. */
#include "text/jinja/parser.h"

#include <string.h>

static bb_jnode *parse_or(bb_jparser *p);
static bb_jnode *parse_unary(bb_jparser *p, bool with_filters);
static bb_jnode *parse_primary(bb_jparser *p, int flags);

static bb_jnode *make(bb_jparser *p, bb_jnode_kind kind, uint32_t at, bb_jnode *left, bb_jnode *right)
{
    bb_jnode *node = bb_jnode_new(p, kind, at);

    if (!node)
        return NULL;
    node->left = left;
    node->right = right;
    return bb_jnode_finish(p, node);
}

/* The operator at the current token, between left and what next reads behind it. */
static bb_jnode *operate(bb_jparser *p, bb_jnode_kind kind, bb_jnode *left, bb_jnode *(*next)(bb_jparser *p))
{
    const bb_jtoken *token = bb_jparser_token(p);

    bb_jparser_skip(p, 1);
    bb_jnode *right = next(p), *node = right ? make(p, kind, token->at, left, right) : NULL;
    if (node && kind == BB_JN_BINARY)
        node->op = (uint8_t)token->kind;
    return node;
}

static uint32_t place(const bb_jparser *p)
{
    return bb_jparser_token(p)->at;
}

/* "a if b", and "a if b else c" */
static bb_jnode *parse_condition(bb_jparser *p)
{
    const uint32_t at = place(p);
    bb_jnode *node = parse_or(p);

    while (node && bb_jparser_skip_word(p, "if")) {
        bb_jnode *choice = bb_jnode_new(p, BB_JN_COND, at);
        if (!choice || !(choice->third = parse_or(p)))
            return NULL;
        if (bb_jparser_skip_word(p, "else") && !(choice->right = bb_jparse_expression(p)))
            return NULL;
        choice->left = node;
        node = bb_jnode_finish(p, choice);
    }
    return node;
}

bb_jnode *bb_jparse_expression(bb_jparser *p)
{
    if (!bb_jinja_enter(p->run))
        return NULL;
    bb_jnode *node = parse_condition(p);
    bb_jinja_leave(p->run);
    return node;
}

static bb_jnode *parse_compare(bb_jparser *p);

static bb_jnode *parse_not(bb_jparser *p)
{
    const uint32_t at = place(p);
    size_t count = 0;

    while (bb_jparser_skip_word(p, "not"))
        count++;
    bb_jnode *node = parse_compare(p);
    while (node && count--)
        node = make(p, BB_JN_NOT, at, node, NULL);
    return node;
}

static bb_jnode *parse_and(bb_jparser *p)
{
    bb_jnode *node = parse_not(p);

    while (node && bb_jparser_at(p, "and"))
        node = operate(p, BB_JN_AND, node, parse_not);
    return node;
}

static bb_jnode *parse_or(bb_jparser *p)
{
    bb_jnode *node = parse_and(p);

    while (node && bb_jparser_at(p, "or"))
        node = operate(p, BB_JN_OR, node, parse_and);
    return node;
}

/* ---- arithmetic, loosest first ---- */

static bb_jnode *parse_filtered(bb_jparser *p)
{
    return parse_unary(p, true);
}

static bb_jnode *parse_power(bb_jparser *p)
{
    bb_jnode *node = parse_filtered(p);

    while (node && bb_jparser_is(p, BB_JT_POW))
        node = operate(p, BB_JN_BINARY, node, parse_filtered);
    return node;
}

static bb_jnode *parse_product(bb_jparser *p)
{
    bb_jnode *node = parse_power(p);

    while (node &&
           (bb_jparser_is(p, BB_JT_MUL) || bb_jparser_is(p, BB_JT_DIV) || bb_jparser_is(p, BB_JT_FLOORDIV) || bb_jparser_is(p, BB_JT_MOD)))
        node = operate(p, BB_JN_BINARY, node, parse_power);
    return node;
}

static bb_jnode *parse_concat(bb_jparser *p)
{
    const uint32_t at = place(p);
    bb_jnode *node = parse_product(p);
    bb_jgathering items = {0};

    if (!node || !bb_jparser_is(p, BB_JT_TILDE))
        return node;
    if (!bb_jgather(p, &items, node))
        return NULL;
    while (bb_jparser_skip_if(p, BB_JT_TILDE))
        if (!(node = parse_product(p)) || !bb_jgather(p, &items, node))
            return NULL;
    bb_jnode *concat = bb_jnode_new(p, BB_JN_CONCAT, at);
    if (!concat)
        return NULL;
    concat->items = items.nodes;
    return bb_jnode_finish(p, concat);
}

static bb_jnode *parse_sum(bb_jparser *p)
{
    bb_jnode *node = parse_concat(p);

    while (node && (bb_jparser_is(p, BB_JT_ADD) || bb_jparser_is(p, BB_JT_SUB)))
        node = operate(p, BB_JN_BINARY, node, parse_concat);
    return node;
}

/* The comparison at the current token, taken; -1 where there is none. */
static int comparison(bb_jparser *p)
{
    switch (bb_jparser_token(p)->kind) {
    case BB_JT_EQ:
    case BB_JT_NE:
    case BB_JT_LT:
    case BB_JT_LE:
    case BB_JT_GT:
    case BB_JT_GE: {
        const int kind = (int)bb_jparser_token(p)->kind;
        bb_jparser_skip(p, 1);
        return kind;
    }
    default:
        break;
    }
    if (bb_jparser_skip_word(p, "in"))
        return BB_JO_IN;
    if (bb_jparser_at(p, "not") && bb_jtoken_is_word(bb_jparser_ahead(p), "in")) {
        bb_jparser_skip(p, 2);
        return BB_JO_NOT_IN;
    }
    return -1;
}

static bb_jnode *parse_compare(bb_jparser *p)
{
    bb_jnode *node = parse_sum(p);
    bb_jgathering operands = {0};
    uint32_t at = place(p), first = at;

    if (!node)
        return NULL;
    for (int op; (op = comparison(p)) >= 0; at = place(p)) {
        bb_jnode *right = parse_sum(p), *operand = right ? make(p, BB_JN_OPERAND, at, right, NULL) : NULL;
        if (!operand || !bb_jgather(p, &operands, operand))
            return NULL;
        operand->op = (uint8_t)op;
    }
    if (!operands.nodes.count)
        return node;
    bb_jnode *compare = bb_jnode_new(p, BB_JN_COMPARE, first);
    if (!compare)
        return NULL;
    compare->left = node;
    compare->items = operands.nodes;
    return bb_jnode_finish(p, compare);
}

/* ---- what binds tightest ---- */

/* "(a, *b, c=d, **e)" into node. */
static bool parse_arguments(bb_jparser *p, bb_jnode *node)
{
    bb_jgathering args = {0}, keywords = {0};
    bool comma = false;

    if (!bb_jparser_expect(p, BB_JT_LPAREN))
        return false;
    while (!bb_jparser_is(p, BB_JT_RPAREN)) {
        if (comma && !bb_jparser_expect(p, BB_JT_COMMA))
            return false;
        if (comma && bb_jparser_is(p, BB_JT_RPAREN))
            break;
        comma = true;

        const bb_jtoken *token = bb_jparser_token(p);
        const bool keyword = token->kind == BB_JT_NAME && bb_jparser_ahead(p)->kind == BB_JT_ASSIGN;
        const bool star = token->kind == BB_JT_MUL, star_star = token->kind == BB_JT_POW;
        if (node->star_star || (star && node->star) || (!keyword && !star && !star_star && (node->star || keywords.nodes.count)))
            return bb_jinja_raise_at(p->run, token->at, "arguments come as positional, *positional, name=value, **names");
        if (star || star_star) {
            bb_jparser_skip(p, 1);
            bb_jnode *spread = bb_jparse_expression(p);
            if (star)
                node->star = spread;
            else
                node->star_star = spread;
            if (!spread)
                return false;
            continue;
        }

        bb_jnode *argument = keyword ? bb_jnode_new(p, BB_JN_KEYWORD, token->at) : NULL;
        if (keyword) {
            if (!argument)
                return false;
            argument->name = bb_jparser_name(p);
            bb_jparser_skip(p, 1);
            if (!argument->name || !(argument->left = bb_jparse_expression(p)) || !bb_jnode_finish(p, argument))
                return false;
            for (size_t i = 0; i < keywords.nodes.count; i++)
                if (keywords.nodes.at[i]->name == argument->name)
                    return bb_jinja_raise_at(p->run, token->at, "argument '%.*s' is given twice", (int)argument->name->size,
                                             argument->name->bytes);
        } else {
            argument = bb_jparse_expression(p);
        }
        if (!argument || !bb_jgather(p, keyword ? &keywords : &args, argument))
            return false;
    }
    node->items = args.nodes;
    node->more = keywords.nodes;
    return bb_jparser_expect(p, BB_JT_RPAREN);
}

static bb_jnode *parse_call(bb_jparser *p, bb_jnode *callee)
{
    bb_jnode *node = bb_jnode_new(p, BB_JN_CALL, place(p));

    if (!node || !parse_arguments(p, node))
        return NULL;
    node->left = callee;
    return bb_jnode_finish(p, node);
}

/* "a", "a:b", ":b:c" between brackets. */
static bb_jnode *parse_subscript_part(bb_jparser *p)
{
    const uint32_t at = place(p);
    bb_jgathering parts = {0};

    for (int i = 0; i < 3; i++) {
        bb_jnode *part = NULL;
        const bool empty = bb_jparser_is(p, BB_JT_COLON) || (i > 0 && (bb_jparser_is(p, BB_JT_RBRACKET) || bb_jparser_is(p, BB_JT_COMMA)));
        if (!empty && !(part = bb_jparse_expression(p)))
            return NULL;
        if (i == 0 && !bb_jparser_is(p, BB_JT_COLON))
            return part;
        if (!bb_jgather(p, &parts, part))
            return NULL;
        if (i < 2 && !bb_jparser_skip_if(p, BB_JT_COLON))
            break;
    }
    while (parts.nodes.count < 3)
        if (!bb_jgather(p, &parts, NULL))
            return NULL;
    bb_jnode *slice = bb_jnode_new(p, BB_JN_SLICE, at);
    if (!slice)
        return NULL;
    slice->items = parts.nodes;
    return slice;
}

/* A slice that still waits for what it is of; one that has it is a key like any other. */
static bool is_slice(const bb_jnode *key)
{
    return key->kind == BB_JN_SLICE && !key->left;
}

static bb_jnode *parse_brackets(bb_jparser *p, bb_jnode *value)
{
    const uint32_t at = place(p);
    bb_jgathering keys = {0};

    bb_jparser_skip(p, 1);
    while (!bb_jparser_is(p, BB_JT_RBRACKET)) {
        if (keys.nodes.count && !bb_jparser_expect(p, BB_JT_COMMA))
            return NULL;
        bb_jnode *key = parse_subscript_part(p);
        if (!key || !bb_jgather(p, &keys, key))
            return NULL;
        if (is_slice(key) && (keys.nodes.count > 1 || !bb_jparser_is(p, BB_JT_RBRACKET))) {
            bb_jinja_raise_at(p->run, key->at, "a slice among several keys is not supported");
            return NULL;
        }
    }
    bb_jparser_skip(p, 1);

    if (keys.nodes.count == 1 && is_slice(keys.nodes.at[0])) {
        keys.nodes.at[0]->left = value;
        return bb_jnode_finish(p, keys.nodes.at[0]);
    }
    bb_jnode *key = keys.nodes.count == 1 ? keys.nodes.at[0] : bb_jnode_new(p, BB_JN_TUPLE, at);
    if (!key)
        return NULL;
    if (keys.nodes.count != 1) {
        key->items = keys.nodes;
        if (!bb_jnode_finish(p, key))
            return NULL;
    }
    return make(p, BB_JN_ITEM, at, value, key);
}

static bb_jnode *parse_dot(bb_jparser *p, bb_jnode *value)
{
    bb_jparser_skip(p, 1);

    const bb_jtoken *token = bb_jparser_token(p);
    if (token->kind == BB_JT_INTEGER) {
        bb_jnode *key = bb_jnode_new(p, BB_JN_CONST, token->at);
        if (!key)
            return NULL;
        key->value = bb_j_int(token->integer);
        bb_jparser_skip(p, 1);
        return make(p, BB_JN_ITEM, token->at, value, bb_jnode_finish(p, key));
    }
    if (token->kind != BB_JT_NAME) {
        bb_jparser_unexpected(p, "name or number");
        return NULL;
    }
    bb_jnode *node = bb_jnode_new(p, BB_JN_ATTRIBUTE, token->at);
    if (!node || !(node->name = bb_jparser_name(p)))
        return NULL;
    node->left = value;
    return bb_jnode_finish(p, node);
}

static bb_jnode *parse_postfix(bb_jparser *p, bb_jnode *node)
{
    while (node) {
        if (bb_jparser_is(p, BB_JT_DOT))
            node = parse_dot(p, node);
        else if (bb_jparser_is(p, BB_JT_LBRACKET))
            node = parse_brackets(p, node);
        else if (bb_jparser_is(p, BB_JT_LPAREN))
            node = parse_call(p, node);
        else
            break;
    }
    return node;
}

/* The name of a filter or test into node; one with dots is no name of ours. */
static bool parse_callable_name(bb_jparser *p, bb_jnode *node)
{
    if (!(node->name = bb_jparser_name(p)))
        return false;
    return !bb_jparser_is(p, BB_JT_DOT) || bb_jparser_unexpected(p, "a name without dots");
}

bb_jnode *bb_jparse_filters(bb_jparser *p, bb_jnode *node, bool bare)
{
    while (bare || bb_jparser_skip_if(p, BB_JT_PIPE)) {
        bb_jnode *filter = bb_jnode_new(p, BB_JN_FILTER, place(p));
        if (!filter || !parse_callable_name(p, filter))
            return NULL;
        if (bb_jparser_is(p, BB_JT_LPAREN) && !parse_arguments(p, filter))
            return NULL;
        filter->left = node;
        filter->callable = bb_jinja_filter(filter->name->bytes, filter->name->size);
        node = bb_jnode_finish(p, filter);
        if (!node)
            return NULL;
        bare = false;
    }
    return node;
}

/* An argument of a test without parentheses: "x is divisibleby 3". */
static bool begins_test_argument(const bb_jparser *p)
{
    switch (bb_jparser_token(p)->kind) {
    case BB_JT_STRING:
    case BB_JT_INTEGER:
    case BB_JT_FLOAT:
    case BB_JT_LBRACKET:
    case BB_JT_LBRACE:
        return true;
    case BB_JT_NAME:
        return !bb_jparser_at(p, "else") && !bb_jparser_at(p, "or") && !bb_jparser_at(p, "and");
    default:
        return false;
    }
}

static bb_jnode *parse_test(bb_jparser *p, bb_jnode *value)
{
    bb_jparser_skip(p, 1);

    const bool negated = bb_jparser_skip_word(p, "not");
    bb_jnode *test = bb_jnode_new(p, BB_JN_TEST, place(p));
    if (!test || !parse_callable_name(p, test))
        return NULL;
    if (bb_jparser_is(p, BB_JT_LPAREN)) {
        if (!parse_arguments(p, test))
            return NULL;
    } else if (begins_test_argument(p)) {
        bb_jgathering args = {0};
        if (bb_jparser_at(p, "is")) {
            bb_jinja_raise_at(p->run, place(p), "tests cannot be chained with is");
            return NULL;
        }
        bb_jnode *argument = parse_postfix(p, parse_primary(p, 0));
        if (!argument || !bb_jgather(p, &args, argument))
            return NULL;
        test->items = args.nodes;
    }
    test->left = value;
    test->callable = bb_jinja_test(test->name->bytes, test->name->size);
    test = bb_jnode_finish(p, test);
    return test && negated ? make(p, BB_JN_NOT, test->at, test, NULL) : test;
}

static bb_jnode *parse_signed(bb_jparser *p, bool with_filters)
{
    const bb_jtoken *token = bb_jparser_token(p);
    bb_jnode *node;

    if (token->kind == BB_JT_SUB || token->kind == BB_JT_ADD) {
        bb_jparser_skip(p, 1);
        node = parse_unary(p, false);
        node = node ? make(p, token->kind == BB_JT_SUB ? BB_JN_NEGATE : BB_JN_PLUS, token->at, node, NULL) : NULL;
    } else {
        node = parse_primary(p, 0);
    }
    node = parse_postfix(p, node);
    while (node && with_filters) {
        if (bb_jparser_is(p, BB_JT_PIPE))
            node = bb_jparse_filters(p, node, false);
        else if (bb_jparser_at(p, "is"))
            node = parse_test(p, node);
        else if (bb_jparser_is(p, BB_JT_LPAREN))
            node = parse_call(p, node);
        else
            break;
    }
    return node;
}

static bb_jnode *parse_unary(bb_jparser *p, bool with_filters)
{
    if (!bb_jinja_enter(p->run))
        return NULL;
    bb_jnode *node = parse_signed(p, with_filters);
    bb_jinja_leave(p->run);
    return node;
}

/* ---- literals and names ---- */

static bb_jnode *constant(bb_jparser *p, uint32_t at, bb_jvalue value)
{
    bb_jnode *node = bb_jnode_new(p, BB_JN_CONST, at);

    if (!node)
        return NULL;
    node->value = value;
    return bb_jnode_finish(p, node);
}

static bb_jnode *parse_name(bb_jparser *p, int flags)
{
    const bb_jtoken *token = bb_jparser_token(p);

    if (bb_jparser_skip_word(p, "true") || bb_jparser_skip_word(p, "True"))
        return constant(p, token->at, bb_j_bool(true));
    if (bb_jparser_skip_word(p, "false") || bb_jparser_skip_word(p, "False"))
        return constant(p, token->at, bb_j_bool(false));
    if (bb_jparser_skip_word(p, "none") || bb_jparser_skip_word(p, "None"))
        return constant(p, token->at, bb_j_none());

    bb_jnode *node = bb_jnode_new(p, BB_JN_NAME, token->at);
    if (!node || !(node->name = bb_jparser_name(p)))
        return NULL;
    if (flags & BB_JP_NSREF && bb_jparser_skip_if(p, BB_JT_DOT)) {
        node->kind = BB_JN_NSREF;
        if (!(node->attribute = bb_jparser_name(p)))
            return NULL;
    }
    return bb_jnode_finish(p, node);
}

/* Strings side by side are one. */
static bb_jnode *parse_string(bb_jparser *p)
{
    const bb_jtoken *first = bb_jparser_token(p);
    size_t size = 0, count = 0;
    bb_jvalue value;

    for (; first[count].kind == BB_JT_STRING; count++)
        size += first[count].size;
    char *bytes = bb_jinja_alloc(p->run, size, 1);
    if (!bytes)
        return NULL;
    size = 0;
    for (size_t i = 0; i < count; i++) {
        if (first[i].size)
            memcpy(bytes + size, first[i].text, first[i].size);
        size += first[i].size;
    }
    bb_jparser_skip(p, count);
    return bb_j_borrow(p->run, bytes, size, &value) ? constant(p, first->at, value) : NULL;
}

static bb_jnode *parse_list(bb_jparser *p)
{
    bb_jnode *node = bb_jnode_new(p, BB_JN_LIST, place(p));
    bb_jgathering items = {0};

    if (!node)
        return NULL;
    bb_jparser_skip(p, 1);
    while (!bb_jparser_is(p, BB_JT_RBRACKET)) {
        if (items.nodes.count && !bb_jparser_expect(p, BB_JT_COMMA))
            return NULL;
        if (bb_jparser_is(p, BB_JT_RBRACKET))
            break;
        bb_jnode *item = bb_jparse_expression(p);
        if (!item || !bb_jgather(p, &items, item))
            return NULL;
    }
    bb_jparser_skip(p, 1);
    node->items = items.nodes;
    return bb_jnode_finish(p, node);
}

static bb_jnode *parse_dict(bb_jparser *p)
{
    bb_jnode *node = bb_jnode_new(p, BB_JN_DICT, place(p));
    bb_jgathering keys = {0}, values = {0};

    if (!node)
        return NULL;
    bb_jparser_skip(p, 1);
    while (!bb_jparser_is(p, BB_JT_RBRACE)) {
        if (keys.nodes.count && !bb_jparser_expect(p, BB_JT_COMMA))
            return NULL;
        if (bb_jparser_is(p, BB_JT_RBRACE))
            break;
        bb_jnode *key = bb_jparse_expression(p);
        if (!key || !bb_jparser_expect(p, BB_JT_COLON))
            return NULL;
        bb_jnode *value = bb_jparse_expression(p);
        if (!value || !bb_jgather(p, &keys, key) || !bb_jgather(p, &values, value))
            return NULL;
    }
    bb_jparser_skip(p, 1);
    node->items = keys.nodes;
    node->more = values.nodes;
    return bb_jnode_finish(p, node);
}

static bb_jnode *parse_primary(bb_jparser *p, int flags)
{
    const bb_jtoken *token = bb_jparser_token(p);

    switch (token->kind) {
    case BB_JT_NAME:
        return parse_name(p, flags);
    case BB_JT_STRING:
        return parse_string(p);
    case BB_JT_INTEGER:
        bb_jparser_skip(p, 1);
        return constant(p, token->at, bb_j_int(token->integer));
    case BB_JT_FLOAT:
        bb_jparser_skip(p, 1);
        return constant(p, token->at, bb_j_float(token->real));
    case BB_JT_LPAREN: {
        bb_jparser_skip(p, 1);
        bb_jnode *node = bb_jparse_tuple(p, BB_JP_EMPTY, NULL);
        return node && bb_jparser_expect(p, BB_JT_RPAREN) ? node : NULL;
    }
    case BB_JT_LBRACKET:
        return parse_list(p);
    case BB_JT_LBRACE:
        return parse_dict(p);
    default:
        bb_jparser_unexpected(p, "an expression");
        return NULL;
    }
}

static bool ends_tuple(const bb_jparser *p, const char *end)
{
    return bb_jparser_is(p, BB_JT_VARIABLE_END) || bb_jparser_is(p, BB_JT_BLOCK_END) || bb_jparser_is(p, BB_JT_RPAREN) ||
           (end && bb_jparser_at(p, end));
}

bb_jnode *bb_jparse_tuple(bb_jparser *p, int flags, const char *end)
{
    const uint32_t at = place(p);
    bb_jgathering items = {0};
    bool tuple = false;

    for (;;) {
        if (items.nodes.count && !bb_jparser_expect(p, BB_JT_COMMA))
            return NULL;
        if (ends_tuple(p, end))
            break;
        bb_jnode *item = flags & BB_JP_TARGETS        ? parse_primary(p, flags)
                         : flags & BB_JP_NO_CONDITION ? parse_or(p)
                                                      : bb_jparse_expression(p);
        if (!item || !bb_jgather(p, &items, item))
            return NULL;
        if (!bb_jparser_is(p, BB_JT_COMMA))
            break;
        tuple = true;
    }
    if (!tuple && items.nodes.count)
        return items.nodes.at[0];
    if (!tuple && !(flags & BB_JP_EMPTY)) {
        bb_jparser_unexpected(p, "an expression");
        return NULL;
    }
    bb_jnode *node = bb_jnode_new(p, BB_JN_TUPLE, at);
    if (!node)
        return NULL;
    node->items = items.nodes;
    return bb_jnode_finish(p, node);
}
