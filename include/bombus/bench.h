/* bombus/bench.h: how fast this machine is, and how near a model comes to that.
 *
 * Everything is measured here and now: nothing is looked up, no thread is pinned. */
#ifndef BOMBUS_BENCH_H
#define BOMBUS_BENCH_H

#include <bombus/adapter.h>
#include <bombus/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a number of threads can do together. Each figure is the best run of the best of several kernels, for every instruction set that the
 * machine has (BOMBUS_CPU does not cap it): a yardstick, not an average. A multiply-add is two operations. */
typedef struct bombus_machine {
    int threads;
    double read_bandwidth;    /* bytes a second, from read_buffers */
    double int8_peak;         /* operations a second of 8-bit integers, operands in registers */
    double float_peak;        /* operations a second of F32, operands in registers */
    const char *read_kernel;  /* the fastest: "avx2, 4 streams, prefetch". Static, as the next two */
    const char *int8_kernel;  /* "avx2, maddubs" */
    const char *float_kernel; /* "avx2, fma" */
    /* Bytes that are read in turn, and of all caches of the last level that the process' CPUs have: at least four times as many, unless
     * that is more than a quarter of the memory this process may use. Then a part of the bandwidth may be the caches'. */
    int64_t read_buffers, caches;
} bombus_machine;

/* Takes a second or two. threads 0: the cores this process may use. BOMBUS_EINVAL, BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_bench_machine(bombus_machine *out, int threads, bombus_error *err);

/* X(name, text)
 *
 *   load     from nothing to the first token: the model, its tokenizer where there is one, a session, and one token through all layers.
 *            Limit: the decode of that token
 *   prefill  tokens of one sequence behind depth others, in chunks of a session's default size, and the logits of the last.
 *            Limit: integer operations / int8_peak + all other operations / float_peak, where
 *              linear operations = 2 * (tokens * weights of all linear layers + weights of the head), which BOMBUS_FAST does with integers
 *              where the weights are quantized (not MXFP8's), BOMBUS_EXACT never
 *              attention operations = 4 * H * d * keys seen, summed over layers and tokens: causal, and within the window where a layer has
 *              one
 *   decode   tokens steps of batch sequences, each with depth tokens behind it at first; every step makes the logits of each, none is
 *            sampled. Limit: tokens * (bytes of all linear layers and the head + bytes of the keys and values that a step reads,
 *            on average) / read_bandwidth
 *
 * Bytes of a weight are its words, scales and biases. The table of embeddings, of which a step reads a few rows, counts as the head where
 * the model is tied, and else not at all. A large batch may be bound by arithmetic before it is by memory: its fraction is still that of
 * the bandwidth. */
#define BOMBUS_BENCH_LIST(X) X(LOAD, "load") X(PREFILL, "prefill") X(DECODE, "decode")

typedef enum bombus_bench_kind {
#define X(name, text) BOMBUS_BENCH_##name,
    BOMBUS_BENCH_LIST(X)
#undef X
} bombus_bench_kind;

/* "decode". Static. */
BOMBUS_API const char *bombus_bench_kind_name(bombus_bench_kind kind);

typedef struct bombus_bench_test {
    bombus_bench_kind kind;
    int tokens; /* prefill: fed; decode: steps; load: always 1 */
    int depth;  /* tokens that are there before, with keys and values made up; load: always 0 */
    int batch;  /* sequences at once, 1 to 1024; load and prefill: always 1 */
} bombus_bench_test;

typedef struct bombus_bench_result {
    bombus_bench_test test;
    int threads;
    bombus_compute compute;
    bombus_dtype kv;
    bombus_quantization quantization; /* of most weights; BOMBUS_DENSE has bits of its dtype, and no groups */
    double bits_per_weight;           /* of all linear layers and the head, scales and biases with them */
    double seconds;                   /* median of the repetitions */
    double tokens_per_second;         /* of all sequences together */
    double bytes;                     /* of weights, keys and values that the test reads at least: a prefill counts its weights once */
    double operations;                /* linear and attention's */
    double limit_fraction;            /* time at the limit / seconds: 1 is the limit. Median; NaN without figures of the machine */
    double best_limit_fraction;       /* the same against the figures of the machine as they were given */
    int64_t resident_bytes; /* memory of the process behind the test, model and cache still there; load: as if only its own were */
} bombus_bench_result;

typedef struct bombus_bench_options {
    const bombus_bench_test *tests; /* [test_count] */
    size_t test_count;
    /* Every test runs with each of these: threads outermost, then compute, then kv (load: only the first kv). */
    const int *threads; /* [thread_count] 0: the cores this process may use; NULL: that alone */
    size_t thread_count;
    const bombus_compute *computes; /* [compute_count] NULL: the model's default */
    size_t compute_count;
    const bombus_dtype *kvs; /* [kv_count] NULL: a session's default */
    size_t kv_count;
    int repetitions;                    /* of each test, behind a warm-up; 0: 3 */
    const bombus_adapter_use *adapters; /* [adapter_count] at work together in all tests but load */
    size_t adapter_count;
    int random_rank;       /* in their place, random adapters of this rank for all projections of all layers; 0: none */
    int random_adapters;   /* which sequences that decode together share out; 0: 1 */
    const char *tokenizer; /* what load loads besides; NULL: the model's tokenizer.json where it has one */
    /* [machine_count] for limit_fraction: the entry of as many threads. Where it names kernels, these run once more before and after each
     * run of a test, some 50 ms, and the run stands against the better of both: on a machine that others use too, what could be had a
     * minute ago is no limit of now. */
    const bombus_machine *machine;
    size_t machine_count;
    /* Before each test, of which all but the measurements is told. Returns false to stop: BOMBUS_ECANCELED. May be NULL. */
    bool (*on_test)(const bombus_bench_result *next, void *context);
    void *context;
} bombus_bench_options;

/* Measures the model in a directory. *results is [*count], in the order in which they were measured; the caller frees it with
 * bombus_bench_results_free. On failure there is none.
 * BOMBUS_EINVAL for tests that make no sense or an adapter that does not fit, BOMBUS_ELIMIT where keys and values would not fit this
 * machine's memory, or what loading returns. */
BOMBUS_API bombus_status bombus_bench_model(bombus_bench_result **results, size_t *count, const char *path,
                                            const bombus_bench_options *options, bombus_error *err);
BOMBUS_API void bombus_bench_results_free(bombus_bench_result *results); /* NULL is fine */

/* The names of the shapes that bombus_bench_random_model knows: "qwen3-0.6b". NULL past the last. Static. */
BOMBUS_API const char *bombus_bench_shape_at(size_t index);

/* Writes a model of a published shape with random weights, of a size that keeps activations finite: config.json and model.safetensors, in
 * a directory that is there. The same seed gives the same bytes. Takes little memory, however large the model.
 *
 * quantization  bits and group_size 0 mean the mode's default. BOMBUS_DENSE: bits are 0 or dtype's
 * dtype         F32, F16 or BF16: of dense weights, norms, and affine scales and biases
 *
 * Returns BOMBUS_ENOTFOUND (no such shape: err lists them; or no such directory), BOMBUS_EINVAL, BOMBUS_EUNSUPPORTED (bits or group size),
 * BOMBUS_EIO or BOMBUS_ENOMEM. */
BOMBUS_API bombus_status bombus_bench_random_model(const char *directory, const char *shape, const bombus_quantization *quantization,
                                                   bombus_dtype dtype, uint64_t seed, bombus_error *err);

#ifdef __cplusplus
}
#endif
#endif
