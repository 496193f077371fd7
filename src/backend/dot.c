/* The public dot: checks the operands, lines up their leading axes, and hands the backend one matrix product after another.
 *
 * One matrix on the right serves all rows of the left at once: its leading axes then count as rows, and weights are read once. */
#include "backend/backend.h"
#include "base/error.h"

#include <inttypes.h>

/* An operand seen as a stack of matrices. */
typedef struct stack {
    bb_tensor matrix; /* all of the stack's matrices, one below the other */
    int axes;         /* leading ones */
    int64_t lead[BOMBUS_MAX_RANK];
    int64_t rows;                     /* of one matrix as it lies */
    int64_t strides[BOMBUS_MAX_RANK]; /* in matrices, for the result's leading axes; 0 where this operand repeats */
} stack;

static bombus_status check_operand(const bb_tensor *t, const char *name, bombus_error *err)
{
    if (!bb_is_quantized(t) && !bb_is_float(t->dtype))
        return bb_fail(err, BOMBUS_EINVAL, "dot: %s is %s, expected F32, F16, BF16 or a quantized tensor", name,
                       bombus_dtype_name(t->dtype));
    if (t->rank == 0)
        return bb_fail(err, BOMBUS_EINVAL, "dot: %s is a scalar, expected at least 1 dimension", name);
    return BOMBUS_OK;
}

/* A row, whatever the side: a vector on the right is read as a transposed row. */
static stack stack_of(const bb_tensor *t)
{
    stack s = {.matrix = *t, .axes = t->rank > 2 ? t->rank - 2 : 0, .rows = t->rank > 1 ? t->shape[t->rank - 2] : 1};

    for (int i = 0; i < s.axes; i++)
        s.lead[i] = t->shape[i];
    s.matrix.rank = 2;
    s.matrix.shape[0] = bb_shape_count(t->rank - 1, t->shape);
    s.matrix.shape[1] = t->shape[t->rank - 1];
    return s;
}

/* The leading axes of the result, and how each operand walks along them. false where they do not fit. */
static bool broadcast(stack *a, stack *b, int64_t *lead, int axes)
{
    stack *const operands[] = {a, b};

    for (int i = 0; i < axes; i++) {
        const int at_a = i - (axes - a->axes), at_b = i - (axes - b->axes);
        const int64_t size_a = at_a < 0 ? 1 : a->lead[at_a], size_b = at_b < 0 ? 1 : b->lead[at_b];
        if (size_a != size_b && size_a != 1 && size_b != 1)
            return false;
        lead[i] = size_a == 1 ? size_b : size_a;
    }
    for (int o = 0; o < 2; o++) {
        stack *s = operands[o];
        int64_t stride = 1;
        for (int i = axes - 1; i >= 0; i--) {
            const int at = i - (axes - s->axes);
            s->strides[i] = at < 0 || s->lead[at] == 1 ? 0 : stride;
            stride *= at < 0 ? 1 : s->lead[at];
        }
    }
    return true;
}

static bb_tensor pick(const stack *s, const int64_t *lead, int axes, int64_t index)
{
    int64_t matrix = 0;

    for (int i = axes - 1; i >= 0; i--) {
        matrix += index % lead[i] * s->strides[i];
        index /= lead[i];
    }
    return bb_tensor_rows(&s->matrix, matrix * s->rows, s->rows);
}

bombus_status bombus_dot(bombus_tensor **out, const bombus_tensor *a, const bombus_tensor *b, int flags, bombus_error *err)
{
    const bb_tensor *ta = &a->t, *tb = &b->t;
    bombus_status status;

    *out = NULL;
    if (flags & ~(BOMBUS_TRANSPOSE_A | BOMBUS_TRANSPOSE_B))
        return bb_fail(err, BOMBUS_EINVAL, "dot: flags 0x%x, expected BOMBUS_TRANSPOSE_A and BOMBUS_TRANSPOSE_B at most", (unsigned)flags);
    if ((status = check_operand(ta, "a", err)) || (status = check_operand(tb, "b", err)))
        return status;
    if (bb_is_quantized(ta) && bb_is_quantized(tb))
        return bb_fail(err, BOMBUS_EINVAL, "dot: both operands are quantized (%s and %s), expected one at most",
                       bombus_mode_name(ta->quant.mode), bombus_mode_name(tb->quant.mode));

    if (ta->rank == 1)
        flags &= ~BOMBUS_TRANSPOSE_A;
    if (tb->rank == 1)
        flags |= BOMBUS_TRANSPOSE_B;

    stack sa = stack_of(ta), sb = stack_of(tb);
    const bool transpose_a = flags & BOMBUS_TRANSPOSE_A, transpose_b = flags & BOMBUS_TRANSPOSE_B;
    int64_t m = transpose_a ? sa.matrix.shape[1] : sa.rows;
    const int64_t k = transpose_a ? sa.rows : sa.matrix.shape[1];
    const int64_t n = transpose_b ? sb.rows : sb.matrix.shape[1], k_b = transpose_b ? sb.matrix.shape[1] : sb.rows;
    int axes = sa.axes > sb.axes ? sa.axes : sb.axes;
    int64_t shape[BOMBUS_MAX_RANK];
    char text_a[BB_SHAPE_TEXT], text_b[BB_SHAPE_TEXT];

    bb_shape_text(ta->rank, ta->shape, text_a, sizeof text_a);
    bb_shape_text(tb->rank, tb->shape, text_b, sizeof text_b);
    if (k != k_b)
        return bb_fail(err, BOMBUS_EINVAL, "dot: %s%s x %s%s: %" PRId64 " columns on the left, expected %" PRId64 " as rows on the right",
                       text_a, transpose_a ? " transposed" : "", text_b, transpose_b && tb->rank > 1 ? " transposed" : "", k, k_b);
    if (!broadcast(&sa, &sb, shape, axes))
        return bb_fail(err, BOMBUS_EINVAL, "dot: %s x %s: leading dimensions do not broadcast", text_a, text_b);

    int rank = axes;
    if (ta->rank > 1)
        shape[rank++] = m;
    if (tb->rank > 1)
        shape[rank++] = n;

    bb_backend *backend = NULL;
    bombus_tensor *result = NULL;
    void *data;
    if ((status = bb_backend_default(&backend, err)))
        return status;
    if ((status = bb_tensor_allocate(&result, ta->dtype == tb->dtype ? ta->dtype : BOMBUS_F32, rank, shape, &data, err)))
        goto out;

    int64_t matrices = bb_shape_count(axes, shape);
    if (!transpose_a && bb_shape_count(sb.axes, sb.lead) == 1) {
        m = sa.rows = sa.matrix.shape[0];
        matrices = 1;
        axes = 0;
    }
    const bb_tensor products = bb_tensor_view(result->t.dtype, 2, (int64_t[]){matrices * m, n}, data);
    for (int64_t i = 0; i < matrices; i++) {
        const bb_tensor left = pick(&sa, shape, axes, i), right = pick(&sb, shape, axes, i), product = bb_tensor_rows(&products, i * m, m);
        backend->ops->dot(backend, &product, &left, &right, flags);
    }
    if ((status = backend->ops->sync(backend, err)))
        goto out;
    *out = result;
    result = NULL;
out:
    bombus_tensor_free(result);
    bb_backend_free(backend);
    return status;
}
