/* Sampler: bias, penalties, filters, temperature, and one draw.
 *
 * The distribution is that of mlx-lm's make_logits_processors and make_sampler, step by step in its order: bias; repetition, presence and
 * frequency penalty; log-softmax; top-p; min-p; top-k; temperature. Each filter sees the untempered log-probabilities that the one before
 * left, removed ones as -inf. Where values are equal at a filter's edge:
 *   top-p  a token stays while the mass strictly above it is less than top_p of all mass, and so does every token equal to the last of them
 *   min-p  a token of exactly min_p times the largest probability stays; min_keep keeps the largest, of equal ones those of higher id
 *   top-k  exactly k stay, of equal ones those of lower id
 *
 * No filter sorts the vocabulary: what each needs is one threshold, found by counting over the digits of the float's bits.
 *
 * Owns: its scratch memory, all taken at creation. One thread's.
 * Invariant: every sum runs in one fixed order, so a draw depends on logits, history, seed and position alone. */
#include "generate/sampler.h"

#include "base/error.h"
#include "base/exp.h"
#include "base/memory.h"
#include "base/random.h"
#include "generate/request.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum {
    DIGITS = 1 << 11, /* of a threshold search */
    LANES = 8,        /* running values in place of one: a loop vectorizes, in an order that is still fixed */
    BLOCK = 128,      /* summed in float; blocks are summed in double */
};

struct bb_sampler {
    int vocabulary;          /* V */
    bombus_request request;  /* its pointers are not used */
    bombus_logit_bias *bias; /* [bias_count] */
    size_t bias_count;

    int32_t *seen; /* [seen_size] ring of the last tokens, as many as the longest window; NULL without penalties */
    int seen_size, seen_count, seen_next;
    uint32_t *stamps; /* [V] the pass that last met a token: a penalty counts it once; NULL without penalties */
    uint32_t stamp;

    float *processed; /* [V] after bias and penalties; NULL without either */
    float *logprobs;  /* [V] what the filters left; NULL at temperature 0 */
    float *weights;   /* [V], then zeros to the end of a block */
    int32_t *pending; /* [V] candidates of a threshold search; NULL at temperature 0 */
    double digit_weight[DIGITS];

    bombus_logprob top[BB_MAX_TOP];
};

/* A row after bias and penalties, and its softmax's two constants. */
typedef struct row {
    const float *logits; /* [V] */
    float max;
    int32_t argmax; /* the first of equal ones */
    float lse;      /* log of the sum of exp */
} row;

static inline bool has_penalties(const bombus_request *r)
{
    return (r->repetition_penalty != 0 && r->repetition_penalty != 1) || r->presence_penalty != 0 || r->frequency_penalty != 0;
}

static int longest_window(const bombus_request *r)
{
    int window = r->repetition_window;

    if (r->presence_window > window)
        window = r->presence_window;
    return r->frequency_window > window ? r->frequency_window : window;
}

bombus_status bb_sampler_create(bb_sampler **out, int vocabulary, const bombus_request *request, bombus_error *err)
{
    assert(vocabulary > 0);
    *out = NULL;

    bombus_status status = bb_request_check(request, vocabulary, err);
    if (status)
        return status;

    const size_t V = (size_t)vocabulary;
    const bool penalties = has_penalties(request);
    bb_sampler *s = bb_alloc_zero(1, sizeof *s);
    if (!s)
        return bb_fail_memory(err, sizeof *s);

    s->vocabulary = vocabulary;
    s->request = *request;
    s->bias_count = request->logit_bias_count;
    s->seen_size = penalties ? longest_window(request) : 0;
    bool complete = (s->weights = bb_alloc_zero(V + BLOCK, sizeof *s->weights)) != NULL;
    if (s->bias_count)
        complete &= (s->bias = bb_alloc_zero(s->bias_count, sizeof *s->bias)) != NULL;
    if (penalties) {
        complete &= (s->seen = bb_alloc((size_t)s->seen_size * sizeof *s->seen)) != NULL;
        complete &= (s->stamps = bb_alloc_zero(V, sizeof *s->stamps)) != NULL;
    }
    if (penalties || s->bias_count)
        complete &= (s->processed = bb_alloc(V * sizeof *s->processed)) != NULL;
    if (request->temperature > 0) {
        complete &= (s->logprobs = bb_alloc(V * sizeof *s->logprobs)) != NULL;
        complete &= (s->pending = bb_alloc(V * sizeof *s->pending)) != NULL;
    }
    if (!complete) {
        bb_sampler_free(s);
        return bb_fail_memory(err, V * sizeof(float));
    }
    if (s->bias_count)
        memcpy(s->bias, request->logit_bias, s->bias_count * sizeof *s->bias);
    *out = s;
    return BOMBUS_OK;
}

void bb_sampler_free(bb_sampler *s)
{
    if (!s)
        return;
    bb_free(s->pending);
    bb_free(s->weights);
    bb_free(s->logprobs);
    bb_free(s->processed);
    bb_free(s->stamps);
    bb_free(s->seen);
    bb_free(s->bias);
    bb_free(s);
}

void bb_sampler_see(bb_sampler *s, int32_t token)
{
    assert(token >= 0 && token < s->vocabulary);
    if (!s->seen)
        return;
    s->seen[s->seen_next] = token;
    s->seen_next = s->seen_next + 1 == s->seen_size ? 0 : s->seen_next + 1;
    if (s->seen_count < s->seen_size)
        s->seen_count++;
}

/* ---- sums ---- */

/* NaN is passed over, or stays where it is met first: then the sum of exp tells. */
static float largest(const float *x, int count)
{
    float lanes[LANES];
    int i = 0;

    for (int j = 0; j < LANES; j++)
        lanes[j] = x[0];
    for (; i + LANES <= count; i += LANES)
        for (int j = 0; j < LANES; j++)
            lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
    for (; i < count; i++)
        lanes[0] = x[i] > lanes[0] ? x[i] : lanes[0];
    for (int j = 1; j < LANES; j++)
        lanes[0] = lanes[j] > lanes[0] ? lanes[j] : lanes[0];
    return lanes[0];
}

/* In float inside a block, in double over the blocks. */
static float sum_block(const float *x)
{
    float lanes[LANES] = {0}, sum = 0;

    for (int i = 0; i < BLOCK; i += LANES)
        for (int j = 0; j < LANES; j++)
            lanes[j] += x[i + j];
    for (int j = 0; j < LANES; j++)
        sum += lanes[j];
    return sum;
}

/* Sum of x [count], padded with zeros to whole blocks. */
static double sum_row(const float *x, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i += BLOCK)
        sum += (double)sum_block(x + i);
    return sum;
}

/* out = exp((x - max) * scale) */
static void exp_row(float *out, const float *x, int count, float max, float scale)
{
    for (int i = 0; i < count; i++)
        out[i] = bb_exp_negative((x[i] - max) * scale);
}

/* ---- bias and penalties ---- */

/* The ith of the last `window` tokens. */
static inline int32_t recent(const bb_sampler *s, int window, int i)
{
    int at = s->seen_next - window + i;

    return s->seen[at < 0 ? at + s->seen_size : at];
}

static inline bool first_time(bb_sampler *s, int32_t token)
{
    const bool first = s->stamps[token] != s->stamp;

    s->stamps[token] = s->stamp;
    return first;
}

static void new_pass(bb_sampler *s)
{
    if (++s->stamp == 0) {
        memset(s->stamps, 0, (size_t)s->vocabulary * sizeof *s->stamps);
        s->stamp = 1;
    }
}

static void penalize(bb_sampler *s, float *x)
{
    const bombus_request *r = &s->request;
    const int repetition = r->repetition_window < s->seen_count ? r->repetition_window : s->seen_count;
    const int presence = r->presence_window < s->seen_count ? r->presence_window : s->seen_count;
    const int frequency = r->frequency_window < s->seen_count ? r->frequency_window : s->seen_count;

    if (r->repetition_penalty != 0 && r->repetition_penalty != 1) {
        new_pass(s);
        for (int i = 0; i < repetition; i++) {
            const int32_t token = recent(s, repetition, i);
            if (first_time(s, token))
                x[token] = x[token] < 0 ? x[token] * r->repetition_penalty : x[token] / r->repetition_penalty;
        }
    }
    if (r->presence_penalty != 0) {
        new_pass(s);
        for (int i = 0; i < presence; i++) {
            const int32_t token = recent(s, presence, i);
            if (first_time(s, token))
                x[token] -= r->presence_penalty;
        }
    }
    if (r->frequency_penalty != 0)
        for (int i = 0; i < frequency; i++)
            x[recent(s, frequency, i)] -= r->frequency_penalty;
}

static bombus_status process(bb_sampler *s, const float *logits, row *out, bombus_error *err)
{
    const int V = s->vocabulary;

    if (s->processed) {
        memcpy(s->processed, logits, (size_t)V * sizeof *logits);
        for (size_t i = 0; i < s->bias_count; i++)
            s->processed[s->bias[i].id] += s->bias[i].bias;
        penalize(s, s->processed);
        logits = s->processed;
    }

    out->logits = logits;
    out->max = largest(logits, V);
    out->argmax = 0;
    while (out->argmax < V - 1 && logits[out->argmax] != out->max)
        out->argmax++;
    exp_row(s->weights, logits, V, out->max, 1);
    const double sum = sum_row(s->weights, V);

    /* The largest logit adds 1, so less, or no number, means that some logit is none. */
    if (!(sum >= 1))
        return bb_fail(err, BOMBUS_EFORMAT, "logits: %s, expected finite numbers",
                       out->max == -INFINITY ? "every token has -inf" : "NaN or infinity among them");
    out->lse = out->max + (float)log(sum);
    return BOMBUS_OK;
}

/* ---- filters ---- */

/* Bits that order as the float does. (-0 below 0: of log-probabilities only one can be either.) */
static inline uint32_t order_key(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static inline float order_value(uint32_t key)
{
    const uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

typedef struct edge {
    float value;  /* the smallest that belongs */
    double above; /* the weight of all that is strictly larger */
} edge;

/* Walking down from the largest of values [V]: the last value with less than limit of weight strictly above it. weights NULL: each counts
 * 1. Three passes over 11, 11 and 10 bits, each over what shares the digits found before. */
static edge find_edge(bb_sampler *s, const float *values, const float *weights, double limit)
{
    static const int shifts[] = {21, 10, 0};
    int count = s->vocabulary;
    uint32_t prefix = 0;
    double above = 0;

    for (int level = 0; level < 3; level++) {
        const int shift = shifts[level], digits = level == 2 ? 1 << 10 : DIGITS;

        memset(s->digit_weight, 0, sizeof s->digit_weight);
        for (int i = 0; i < count; i++) {
            const int32_t id = level ? s->pending[i] : i;
            s->digit_weight[order_key(values[id]) >> shift & (uint32_t)(digits - 1)] += weights ? (double)weights[id] : 1.0;
        }

        int found = 0;
        double sum = above;
        for (int digit = digits - 1; digit >= 0 && sum < limit; digit--) {
            if (s->digit_weight[digit] == 0)
                continue;
            found = digit;
            above = sum;
            sum += s->digit_weight[digit];
        }

        prefix |= (uint32_t)found << shift;
        int kept = 0;
        for (int i = 0; i < count; i++) {
            const int32_t id = level ? s->pending[i] : i;
            s->pending[kept] = id;
            kept += order_key(values[id]) >> shift == prefix >> shift;
        }
        count = kept;
    }
    return (edge){order_value(prefix), above};
}

/* s->weights are the probabilities, times any constant. */
static void filter_top_p(bb_sampler *s, float *logprobs)
{
    const double total = sum_row(s->weights, s->vocabulary);
    const float threshold = find_edge(s, logprobs, s->weights, (double)s->request.top_p * total).value;

    for (int i = 0; i < s->vocabulary; i++)
        logprobs[i] = logprobs[i] < threshold ? -INFINITY : logprobs[i];
}

static void filter_min_p(bb_sampler *s, float *logprobs, float max)
{
    const int V = s->vocabulary;
    float threshold = max + (float)log((double)s->request.min_p);

    if (s->request.min_keep > 1) {
        /* The min_keep largest stay in any case. Only where they reach below the threshold does their edge matter. */
        const edge keep = find_edge(s, logprobs, NULL, s->request.min_keep);
        if (keep.value < threshold) {
            int room = s->request.min_keep - (int)keep.above;
            for (int i = V - 1; i >= 0; i--) {
                const bool stays = logprobs[i] > keep.value || (logprobs[i] == keep.value && room-- > 0);
                logprobs[i] = stays ? logprobs[i] : -INFINITY;
            }
            return;
        }
    }
    for (int i = 0; i < V; i++)
        logprobs[i] = logprobs[i] < threshold ? -INFINITY : logprobs[i];
}

static void filter_top_k(bb_sampler *s, float *logprobs)
{
    const edge keep = find_edge(s, logprobs, NULL, s->request.top_k);
    int room = s->request.top_k - (int)keep.above;

    for (int i = 0; i < s->vocabulary; i++) {
        const bool stays = logprobs[i] > keep.value || (logprobs[i] == keep.value && room-- > 0);
        logprobs[i] = stays ? logprobs[i] : -INFINITY;
    }
}

/* Turns s->weights, exp(logits - max) as process left them, into what a draw draws from. */
static void weigh(bb_sampler *s, const row *in)
{
    const int V = s->vocabulary;
    const bombus_request *r = &s->request;

    if (r->temperature == 0) {
        memset(s->weights, 0, (size_t)V * sizeof *s->weights);
        s->weights[in->argmax] = 1;
        return;
    }
    for (int i = 0; i < V; i++)
        s->logprobs[i] = in->logits[i] - in->lse;
    const float max = in->max - in->lse; /* no filter removes the largest */

    if (r->top_p > 0 && r->top_p < 1)
        filter_top_p(s, s->logprobs);
    if (r->min_p > 0)
        filter_min_p(s, s->logprobs, max);
    if (r->top_k > 0 && r->top_k < V)
        filter_top_k(s, s->logprobs);

    /* Finite, so that the largest keeps exp(0 * inverse) = 1. */
    const float inverse = r->temperature * FLT_MAX > 1 ? 1.0f / r->temperature : FLT_MAX;
    exp_row(s->weights, s->logprobs, V, max, inverse);
}

bombus_status bb_sampler_weights(bb_sampler *s, const float *logits, const float **weights, bombus_error *err)
{
    row in;
    const bombus_status status = process(s, logits, &in, err);

    if (!status)
        weigh(s, &in);
    *weights = s->weights;
    return status;
}

/* ---- the draw ---- */

double bb_uniform(uint64_t seed, uint64_t position)
{
    return (double)(bb_random(seed, position) >> 11) * 0x1p-53;
}

/* Inverse of the cumulative distribution, in order of ids: the block first, then the id in it. uniform < 1 and the same order of sums make
 * sure that some block passes the target; rounding can leave the ids inside it short of it, then the last takes it. */
static int32_t choose(const float *weights, int count, double uniform)
{
    const double target = uniform * sum_row(weights, count);
    double sum = 0;
    int start = 0;

    for (; start + BLOCK < count; start += BLOCK) {
        const double block = (double)sum_block(weights + start);
        if (sum + block > target)
            break;
        sum += block;
    }

    int32_t chosen = 0;
    for (int i = start; i < start + BLOCK && sum <= target; i++)
        if (weights[i] > 0) {
            chosen = i;
            sum += (double)weights[i];
        }
    return chosen;
}

static size_t rank_top(bb_sampler *s, const row *in)
{
    const size_t wanted = (size_t)s->request.top_logprobs;
    size_t count = 0;

    if (!wanted)
        return 0;
    for (int i = 0; i < s->vocabulary; i++) {
        const float value = in->logits[i];
        if (count == wanted && !(value > s->top[count - 1].logprob))
            continue;
        size_t at = count < wanted ? count++ : wanted - 1;
        for (; at > 0 && value > s->top[at - 1].logprob; at--)
            s->top[at] = s->top[at - 1];
        s->top[at] = (bombus_logprob){i, value};
    }
    for (size_t i = 0; i < count; i++)
        s->top[i].logprob -= in->lse;
    return count;
}

bombus_status bb_sampler_draw(bb_sampler *s, const float *logits, uint64_t position, bb_draw *out, bombus_error *err)
{
    row in;
    const bombus_status status = process(s, logits, &in, err);
    if (status)
        return status;

    if (s->request.temperature == 0) {
        out->id = in.argmax;
    } else {
        weigh(s, &in);
        out->id = choose(s->weights, s->vocabulary, bb_uniform(s->request.seed, position));
    }
    out->logprob = in.logits[out->id] - in.lse;
    out->top_count = rank_top(s, &in);
    out->top = s->top;
    return BOMBUS_OK;
}
