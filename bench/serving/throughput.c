/* What an engine makes of many requests: tokens a second of one and of several at once, what scheduling costs, and a prefix that many
 * share.
 *
 *     throughput MODEL [exact|fast] [rounds] [threads] */
#include "common.h"

#include "base/random.h"

enum { PROMPT = 4, TOKENS = 48, COUNTS = 4, PREFIX = 1000, SHARERS = 64, ROUNDS = 32 };

static int vocabulary;

/* Ids that depend on the seed. */
static void fill(int32_t *ids, size_t count, uint64_t seed)
{
    for (size_t i = 0; i < count; i++)
        ids[i] = (int32_t)(bb_random(seed, i) % (uint64_t)vocabulary);
}

typedef struct outcome {
    double seconds, processor;
    bombus_serving_stats stats;
} outcome;

/* Requests that begin with shared tokens in common and go on with own each, all submitted at once. */
static outcome run(bombus_model *model, int requests, int slots, size_t shared, size_t own, int tokens, bool prefixes)
{
    const bombus_serving_options options = {.requests = slots, .no_prefixes = !prefixes};
    const size_t count = shared + own;
    int32_t *ids = calloc(count, sizeof *ids);
    bombus_ticket *tickets[SHARERS];
    bombus_serving *serving;
    bombus_request request;
    bombus_result result;
    outcome out;

    MUST(bombus_serving_create(&serving, model, NULL, &options, &err));
    bombus_request_init(&request);
    request.max_tokens = tokens;
    request.ignore_end = true;
    const double start = bb_seconds(), processor = processor_seconds();
    for (int i = 0; i < requests; i++) {
        fill(ids, shared, 1);
        fill(ids + shared, own, (uint64_t)(2 + i));
        MUST(bombus_serving_submit(serving, &tickets[i], &(bombus_submission){.prompt = ids, .prompt_count = count, .request = &request},
                                   &err));
    }
    for (int i = 0; i < requests; i++) {
        MUST(bombus_ticket_wait(tickets[i], &result, &err));
        bombus_result_clear(&result);
        bombus_ticket_free(tickets[i]);
    }
    out.seconds = bb_seconds() - start;
    out.processor = processor_seconds() - processor;
    do /* the engine tells of its last step a moment later */
        bombus_serving_get_stats(serving, &out.stats);
    while (out.stats.running || out.stats.blocks_held);
    bombus_serving_free(serving);
    free(ids);
    return out;
}

/* Of the engine's time, what is neither the model's, nor drawing, nor callbacks. */
static double overhead(const bombus_serving_stats *s)
{
    return (s->busy_seconds - s->step_seconds - s->draw_seconds - s->tell_seconds) / s->busy_seconds;
}

static void compare_concurrency(bombus_model *model, int rounds)
{
    static const int counts[COUNTS] = {1, 2, 4, 8};
    double rates[COUNTS][ROUNDS], ratios[COUNTS][ROUNDS], processor[COUNTS][ROUNDS];
    outcome last[COUNTS];

    for (int round = 0; round < rounds; round++) { /* in turn, since what else the machine does changes by the second */
        outcome one = {0};
        for (int i = 0; i < COUNTS; i++) {
            last[i] = run(model, counts[i], 32, 0, PROMPT, TOKENS, true);
            if (i == 0)
                one = last[0];
            rates[i][round] = counts[i] * TOKENS / last[i].seconds;
            ratios[i][round] = counts[i] * one.seconds / last[i].seconds;
            processor[i][round] = counts[i] * one.processor / last[i].processor;
        }
    }
    printf("requests  tok/s  of one  by processor time  drawing  scheduling\n");
    for (int i = 0; i < COUNTS; i++)
        printf("%8d  %5.1f  %6.2f  %17.2f  %5.2f %%     %5.2f %%\n", counts[i], median(rates[i], rounds), median(ratios[i], rounds),
               median(processor[i], rounds), 100 * last[i].stats.draw_seconds / last[i].stats.busy_seconds, 100 * overhead(&last[i].stats));
}

static void share_a_prefix(bombus_model *model)
{
    const outcome alone = run(model, 1, 32, PREFIX, 4, 1, true), all = run(model, SHARERS, 32, PREFIX, 4, 1, true);

    printf("\n%d requests that share %d tokens: %.2f s, one alone %.2f s; by processor time %.2f s and %.2f s\n", SHARERS, PREFIX,
           all.seconds, alone.seconds, all.processor, alone.processor);
    printf("computed %llu prompt tokens, found %llu\n", (unsigned long long)all.stats.prompt_tokens,
           (unsigned long long)all.stats.cached_tokens);
}

int main(int argc, char **argv)
{
    const bool fast = argc > 2 && strcmp(argv[2], "fast") == 0;
    const int rounds = argc > 3 ? atoi(argv[3]) : 3, threads = argc > 4 ? atoi(argv[4]) : 0;

    if (argc < 2 || rounds < 1 || rounds > ROUNDS) {
        fprintf(stderr, "usage: throughput MODEL [exact|fast] [rounds] [threads]\n");
        return 2;
    }
    bombus_model *model = open_model(argv[1], fast ? BOMBUS_FAST : BOMBUS_EXACT, threads);
    vocabulary = bombus_model_get_info(model)->vocabulary;
    printf("%s, %d threads, prompts of %d tokens, answers of %d\n\n", fast ? "fast" : "exact", bombus_model_get_info(model)->threads,
           PROMPT, TOKENS);
    compare_concurrency(model, rounds);
    share_a_prefix(model);
    bombus_model_free(model);
    return 0;
}
