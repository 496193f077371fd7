/* Sampler: bias, penalties, filters, temperature, and one draw.
 *
 * The distribution is that of mlx-lm's make_logits_processors and make_sampler, step by step in its order: bias; repetition, presence and
 * frequency penalty; log-softmax; top-p; min-p; top-k; temperature. Each filter sees the untempered log-probabilities that the one before
 * left, removed ones as -inf. Where values are equal at a filter's edge:
 *   top-p  a token stays while the mass strictly above it is less than top_p of all mass, and so does every token equal to the last of them
 *   min-p  a token of exactly min_p times the largest probability stays; min_keep keeps the largest, of equal ones those of higher id
 *   top-k  exactly k stay, of equal ones those of lower id
 *
 * No filter sorts the vocabulary: what each needs is one threshold, found by counting over the digits of the float's bits. And few look at
 * the whole of it: a bound below which nothing can stay, found from each block's largest logit, leaves some hundred candidates to most.
 *
 * Owns: its scratch memory, all taken at creation. One thread's.
 * Invariant: every sum runs in one fixed order, so a draw depends on logits, history, seed and position alone. */
#include "generate/sampler.h"

#include "base/error.h"
#include "base/exp.h"
#include "base/long_rows.h"
#include "base/memory.h"
#include "base/random.h"
#include "generate/request.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum {
    DIGITS = 1 << 11, /* of a threshold search */
    BLOCK = BB_ROW_BLOCK,
    STRIP = 16, /* of a block, a divisor: passed over where no element is wanted */
};

struct bb_sampler {
    const bb_long_rows *rows; /* its passes over a row */
    int vocabulary;           /* V */
    bombus_request request;   /* its pointers are not used */
    bombus_logit_bias *bias;  /* [bias_count] */
    size_t bias_count;

    int32_t *seen; /* [seen_size] ring of the last tokens, as many as the longest window; NULL without penalties */
    int seen_size, seen_count, seen_next;
    uint32_t *stamps; /* [V] the pass that last met a token: a penalty counts it once; NULL without penalties */
    uint32_t stamp;

    float *processed; /* [V] after bias and penalties; NULL without either */
    float *peaks;     /* [ceil(V / BLOCK)] the largest logit of each block */
    float *logprobs;  /* [V] of the candidates; NULL at temperature 0 */
    float *weights;   /* [V], then zeros to the end of a block */
    int32_t *kept;    /* [V] the candidates: what no filter has removed, by id; NULL at temperature 0 */
    int32_t *pending; /* [V] those of a threshold search; NULL at temperature 0 */
    double digit_weight[DIGITS];

    bombus_logprob top[BB_MAX_TOP];
};

/* A row after bias and penalties, and its softmax's two constants. */
typedef struct row {
    const float *logits; /* [V] */
    float max;
    int32_t argmax; /* the first of equal ones */
    double sum;     /* of exp(logits - max) */
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

static inline size_t blocks_of(int vocabulary)
{
    return ((size_t)vocabulary + BLOCK - 1) / BLOCK;
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

    s->rows = bb_long_rows_best();
    s->vocabulary = vocabulary;
    s->request = *request;
    s->bias_count = request->logit_bias_count;
    s->seen_size = penalties ? longest_window(request) : 0;
    bool complete = (s->weights = bb_alloc_zero(V + BLOCK, sizeof *s->weights)) != NULL;
    complete &= (s->peaks = bb_alloc(blocks_of(vocabulary) * sizeof *s->peaks)) != NULL;
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
        complete &= (s->kept = bb_alloc(V * sizeof *s->kept)) != NULL;
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
    bb_free(s->kept);
    bb_free(s->weights);
    bb_free(s->logprobs);
    bb_free(s->peaks);
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

    int peak = 0;
    s->rows->peaks(s->peaks, logits, V);
    for (int block = 1; block * BLOCK < V; block++)
        if (s->peaks[block] > s->peaks[peak])
            peak = block;
    out->logits = logits;
    out->max = s->peaks[peak];
    out->argmax = peak * BLOCK;
    while (out->argmax < V - 1 && logits[out->argmax] != out->max)
        out->argmax++;
    out->sum = s->rows->exp(s->weights, logits, V, 0, out->max, 1);

    /* The largest logit adds 1, so less, or no number, means that some logit is none. */
    if (!(out->sum >= 1))
        return bb_fail(err, BOMBUS_EFORMAT, "logits: %s, expected finite numbers",
                       out->max == -INFINITY ? "every token has -inf" : "NaN or infinity among them");
    out->lse = out->max + (float)log(out->sum);
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

/* Walking down from the largest of values[ids[i]], i < count: the last value with less than limit of weight strictly above it. weights
 * NULL: each counts 1; ids NULL: all from 0. Three passes over 11, 11 and 10 bits, each over what shares the digits found before. */
static edge find_edge(bb_sampler *s, const int32_t *ids, int count, const float *values, const float *weights, double limit)
{
    static const int shifts[] = {21, 10, 0};
    uint32_t prefix = 0;
    double above = 0;

    for (int level = 0; level < 3; level++) {
        const int shift = shifts[level], digits = level == 2 ? 1 << 10 : DIGITS;

        memset(s->digit_weight, 0, sizeof s->digit_weight);
        for (int i = 0; i < count; i++) {
            const int32_t id = ids ? ids[i] : i;
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
        int left = 0;
        for (int i = 0; i < count; i++) {
            const int32_t id = ids ? ids[i] : i;
            s->pending[left] = id;
            left += order_key(values[id]) >> shift == prefix >> shift;
        }
        ids = s->pending;
        count = left;
    }
    return (edge){order_value(prefix), above};
}

/* Is any of a strip of log-probability bound or more? */
static bool any_from(const row *in, float bound, int start)
{
    int found = 0;

    for (int i = start; i < start + STRIP; i++)
        found |= in->logits[i] - in->lse >= bound;
    return found;
}

/* Makes all of log-probability bound or more the candidates. */
static int collect(bb_sampler *s, const row *in, float bound)
{
    const int V = s->vocabulary;
    int count = 0;

    for (int start = 0; start < V; start += STRIP) {
        if (start % BLOCK == 0 && s->peaks[start / BLOCK] - in->lse < bound) {
            start += BLOCK - STRIP;
            continue;
        }
        if (start + STRIP <= V && !any_from(in, bound, start))
            continue;
        for (int i = start; i < start + STRIP && i < V; i++) {
            const float logprob = in->logits[i] - in->lse;
            s->logprobs[i] = logprob;
            s->kept[count] = i;
            count += logprob >= bound;
        }
    }
    return count;
}

/* The candidates for whom wants the largest wanted: as many blocks have a largest logit of the bound or more. */
static int collect_largest(bb_sampler *s, const row *in, int wanted)
{
    const int blocks = (int)blocks_of(s->vocabulary);

    if (wanted >= blocks)
        return collect(s, in, -INFINITY);
    return collect(s, in, find_edge(s, NULL, blocks, s->peaks, NULL, wanted).value - in->lse);
}

/* Keeps the candidates above an edge, and as many of those on it as room says, of lower ids or of higher. */
static int keep_above(bb_sampler *s, int count, edge e, int wanted, bool higher)
{
    int on_edge = 0, left = 0;

    for (int i = 0; i < count; i++)
        on_edge += s->logprobs[s->kept[i]] == e.value;
    const int room = wanted - (int)e.above, first = higher && on_edge > room ? on_edge - room : 0;
    for (int i = 0, met = 0; i < count; i++) {
        const int32_t id = s->kept[i];
        const bool equal = s->logprobs[id] == e.value;
        s->kept[left] = id;
        left += s->logprobs[id] > e.value || (equal && met >= first && met < first + room);
        met += equal;
    }
    return left;
}

static int keep_from(bb_sampler *s, int count, float threshold)
{
    int left = 0;

    for (int i = 0; i < count; i++) {
        const int32_t id = s->kept[i];
        s->kept[left] = id;
        left += s->logprobs[id] >= threshold;
    }
    return left;
}

/* The filters: each takes the number of candidates, -1 where all are, and gives what it leaves. s->weights are the probabilities, times a
 * constant. Candidates of top-k, which comes last, are chosen first: what the others would keep besides them would not stay. */
static int filter_top_p(bb_sampler *s, const row *in, int count)
{
    const double limit = (double)s->request.top_p * in->sum;

    if (count < 0) {
        float bound = in->max - in->lse;
        do
            bound -= 4;
        while (bound > -100 && s->rows->sum_from(s->weights, in->logits, s->peaks, s->vocabulary, in->lse, bound) < limit);
        count = collect(s, in, bound > -100 ? bound : -INFINITY);
    }
    return keep_from(s, count, find_edge(s, s->kept, count, s->logprobs, s->weights, limit).value);
}

static int filter_min_p(bb_sampler *s, const row *in, int count)
{
    const float threshold = in->max - in->lse + (float)log((double)s->request.min_p);
    const bool all = count < 0;

    if (s->request.min_keep > 1) {
        /* The min_keep largest stay in any case. Only where they reach below the threshold does their edge matter. */
        if (all)
            count = collect_largest(s, in, s->request.min_keep);
        const edge e = find_edge(s, s->kept, count, s->logprobs, NULL, s->request.min_keep);
        if (e.value < threshold)
            return keep_above(s, count, e, s->request.min_keep, true);
    }
    return all ? collect(s, in, threshold) : keep_from(s, count, threshold);
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
    const float max = in->max - in->lse; /* no filter removes the largest */
    /* Finite, so that the largest keeps exp(0 * inverse) = 1. */
    const float inverse = r->temperature * FLT_MAX > 1 ? 1.0f / r->temperature : FLT_MAX;
    int count = r->top_k > 0 && r->top_k < V ? collect_largest(s, in, r->top_k) : -1;

    if (r->top_p > 0 && r->top_p < 1)
        count = filter_top_p(s, in, count);
    if (r->min_p > 0)
        count = filter_min_p(s, in, count);
    if (r->top_k > 0 && count > r->top_k)
        count = keep_above(s, count, find_edge(s, s->kept, count, s->logprobs, NULL, r->top_k), r->top_k, false);

    if (count < 0) {
        s->rows->exp(s->weights, in->logits, V, in->lse, max, inverse);
        return;
    }
    memset(s->weights, 0, (size_t)V * sizeof *s->weights);
    for (int i = 0; i < count; i++)
        s->logprobs[i] = s->logprobs[s->kept[i]];
    for (int i = 0; i < count; i++)
        s->logprobs[i] = bb_exp_negative((s->logprobs[i] - max) * inverse);
    for (int i = 0; i < count; i++)
        s->weights[s->kept[i]] = s->logprobs[i];
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
static int32_t choose(const bb_long_rows *rows, const float *weights, int count, double uniform)
{
    const double target = uniform * rows->sum(weights, count);
    double sum = 0;
    int start = 0;

    for (; start + BLOCK < count; start += BLOCK) {
        const double block = rows->sum(weights + start, BLOCK);
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
        if (count == wanted && !(value > s->top[count - 1].logprob)) {
            if (!(s->peaks[i / BLOCK] > s->top[count - 1].logprob))
                i |= BLOCK - 1; /* nor does the rest of its block */
            continue;
        }
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
        out->id = choose(s->rows, s->weights, s->vocabulary, bb_uniform(s->request.seed, position));
    }
    out->logprob = in.logits[out->id] - in.lse;
    out->top_count = rank_top(s, &in);
    out->top = s->top;
    return BOMBUS_OK;
}
