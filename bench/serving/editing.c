/* What prompt lookup saves when a text is edited: the answer is forced to be the edited text, word for word, since no model at hand edits
 * and a random one loops. All else is as in bombus_session_generate: the same guesses, the same rows, the same draws, only that what is
 * drawn is replaced by what the text has next.
 *
 *     editing MODEL TOKENIZER ORIGINAL EDITED [exact|fast] [rounds] [threads]
 *
 * 0 rounds: only the best times of steps. */
#include "common.h"
#include "generate/draft.h"
#include "generate/sampler.h"
#include "generate/session.h"

typedef struct text {
    bombus_ids ids;
} text;

static text read_text(const bombus_tokenizer *tokenizer, const char *instruction, const char *path)
{
    static char bytes[1 << 16];
    text t = {0};
    size_t length = strlen(instruction);
    FILE *file = fopen(path, "rb");

    if (!file) {
        fprintf(stderr, "%s: cannot open\n", path);
        exit(1);
    }
    memcpy(bytes, instruction, length);
    length += fread(bytes + length, 1, sizeof bytes - length, file);
    fclose(file);
    MUST(bombus_tokenizer_encode(tokenizer, bytes, length, 0, &t.ids, &err));
    return t;
}

typedef struct outcome {
    double seconds, processor;
    int steps, guessed, right;
    int sizes[2 + BB_MAX_DRAFT]; /* steps of so many rows */
} outcome;

/* session NULL: only what steps there would be. */
static outcome run(bombus_session *session, const text *prompt, const text *answer, int most)
{
    const int V = session ? session->model->config.vocabulary : 1, count = (int)answer->ids.count, before = (int)prompt->ids.count;
    float *logits = calloc((size_t)(1 + most) * (size_t)V, sizeof *logits);
    int32_t *tokens = calloc((size_t)(before + count), sizeof *tokens), guesses[BB_MAX_DRAFT];
    bb_pace pace = bb_pace_begin(most);
    bombus_request request;
    bb_sampler *sampler;
    outcome out = {0};
    bb_draw draw;

    memcpy(tokens, prompt->ids.ids, (size_t)before * sizeof *tokens);
    memcpy(tokens + before, answer->ids.ids, (size_t)count * sizeof *tokens);
    bombus_request_init(&request);
    MUST(bb_sampler_create(&sampler, V, &request, &err));
    if (session) {
        MUST(bombus_session_rewind(session, 0, &err));
        MUST(bombus_session_eval(session, tokens, (size_t)before, NULL, &err));
    }
    const double start = bb_seconds(), processor = processor_seconds();
    for (int done = 1; done < count; out.steps++) { /* the first is drawn from the prompt's logits */
        const int position = before + done - 1, left = count - done;
        const int guessed = most ? bb_lookup_draft(tokens, position + 1, pace.next < left ? pace.next : left, guesses) : 0;
        int32_t row[1 + BB_MAX_DRAFT] = {tokens[position]};
        int drawn = 0;
        bool right = true;
        memcpy(row + 1, guesses, (size_t)guessed * sizeof *row);
        if (session)
            MUST(bb_session_feed(session, row, (size_t)(1 + guessed), guessed ? logits : NULL, &err));
        while (right && done < count) {
            if (session)
                MUST(bb_sampler_draw(sampler, guessed ? logits + (size_t)drawn * (size_t)V : session->logits, (uint64_t)(position + drawn),
                                     &draw, &err));
            const int32_t next = tokens[before + done++];
            right = drawn < guessed && next == guesses[drawn];
            drawn += right;
        }
        if (session && drawn < guessed)
            MUST(bombus_session_rewind(session, position + 1 + drawn, &err));
        bb_pace_learn(&pace, guessed, drawn);
        out.sizes[1 + guessed]++;
        out.guessed += guessed;
        out.right += drawn;
    }
    out.seconds = bb_seconds() - start;
    out.processor = processor_seconds() - processor;
    bb_sampler_free(sampler);
    free(tokens);
    free(logits);
    return out;
}

/* The least processor time that a step of each size takes, with its logits, behind the prompt. */
static void measure_steps(bombus_session *session, const text *prompt, const text *answer, double best[2 + BB_MAX_DRAFT])
{
    enum { TRIES = 12 };
    float *logits = calloc((size_t)(1 + BB_MAX_DRAFT) * (size_t)session->model->config.vocabulary, sizeof *logits);

    for (int rows = 1; rows <= 1 + BB_MAX_DRAFT; rows++)
        best[rows] = 1e9;
    MUST(bombus_session_rewind(session, 0, &err));
    MUST(bombus_session_eval(session, prompt->ids.ids, prompt->ids.count, NULL, &err));
    for (int try = 0; try < TRIES; try++)
        for (int rows = 1; rows <= 1 + BB_MAX_DRAFT; rows += rows < 9 ? 1 : 4) {
            const double start = processor_seconds();
            MUST(bb_session_feed(session, answer->ids.ids, (size_t)rows, logits, &err));
            const double took = processor_seconds() - start;
            best[rows] = took < best[rows] ? took : best[rows];
            MUST(bombus_session_rewind(session, (int)prompt->ids.count, &err));
        }
    for (int rows = 10; rows <= 1 + BB_MAX_DRAFT; rows++) /* between those measured, in a line */
        if ((rows - 9) % 4) {
            const int below = rows - (rows - 9) % 4, above = below + 4 <= 1 + BB_MAX_DRAFT ? below + 4 : below;
            best[rows] = best[below] + (above > below ? (best[above] - best[below]) * (rows - below) / 4 : 0);
        }
    free(logits);
}

static double add_up(const outcome *o, const double best[2 + BB_MAX_DRAFT])
{
    double sum = 0;

    for (int rows = 1; rows <= 1 + BB_MAX_DRAFT; rows++)
        sum += o->sizes[rows] * best[rows];
    return sum;
}

int main(int argc, char **argv)
{
    enum { ROUNDS = 32 };
    static const int most[] = {0, 8, 16, 31};
    const bool fast = argc > 5 && strcmp(argv[5], "fast") == 0;
    const int rounds = argc > 6 ? atoi(argv[6]) : 3, threads = argc > 7 ? atoi(argv[7]) : 0;
    double seconds[4][ROUNDS], processor[4][ROUNDS], best[2 + BB_MAX_DRAFT];
    bombus_session_options options;
    bombus_tokenizer *tokenizer;
    bombus_session *session;
    outcome last[4];

    if (argc < 5 || rounds < 0 || rounds > ROUNDS) {
        fprintf(stderr, "usage: editing MODEL TOKENIZER ORIGINAL EDITED [exact|fast] [rounds] [threads]\n");
        return 2;
    }
    bombus_model *model = open_model(argv[1], fast ? BOMBUS_FAST : BOMBUS_EXACT, threads);
    MUST(bombus_tokenizer_load(&tokenizer, argv[2], &err));
    text prompt = read_text(tokenizer, "Correct the mistakes in this text.\n\n", argv[3]), answer = read_text(tokenizer, "", argv[4]);
    bombus_session_options_init(&options);
    options.context = (int)(prompt.ids.count + answer.ids.count);
    MUST(bombus_session_create(&session, model, NULL, &options, &err));

    printf("%zu tokens of prompt, %zu of answer, %s\n\n", prompt.ids.count, answer.ids.count, fast ? "fast" : "exact");
    for (int i = 0; i < 4; i++)
        last[i] = run(NULL, &prompt, &answer, most[i]);
    for (int round = 0; round < rounds; round++) /* in turn, since what else the machine does changes by the second */
        for (int i = 0; i < 4; i++) {
            last[i] = run(session, &prompt, &answer, most[i]);
            seconds[i][round] = last[i].seconds;
            processor[i][round] = last[i].processor;
        }
    measure_steps(session, &prompt, &answer, best);
    printf("best times of steps: 1 row %.1f ms, 2 rows %.1f, 4 rows %.1f, 8 rows %.1f, 17 rows %.1f\n\n", 1e3 * best[1], 1e3 * best[2],
           1e3 * best[4], 1e3 * best[8], 1e3 * best[17]);
    printf("guesses at once  steps  rows  guessed  right             by best steps%s\n",
           rounds ? "  seconds  tok/s  speed-up  by processor time" : "");
    for (int i = 0; i < 4; i++) {
        printf("%15d  %5d  %4d  %7d  %5d %5.1f %%            %4.2f x", most[i], last[i].steps, last[i].steps + last[i].guessed,
               last[i].guessed, last[i].right, last[i].guessed ? 100.0 * last[i].right / last[i].guessed : 0.0,
               add_up(&last[0], best) / add_up(&last[i], best));
        if (rounds) {
            const double took = median(seconds[i], rounds);
            printf("  %7.2f  %5.1f    %4.2f x             %4.2f x", took, (double)answer.ids.count / took,
                   median(seconds[0], rounds) / took, median(processor[0], rounds) / median(processor[i], rounds));
        }
        printf("\n");
    }
    bombus_ids_free(&prompt.ids);
    bombus_ids_free(&answer.ids);
    bombus_session_free(session);
    bombus_tokenizer_free(tokenizer);
    bombus_model_free(model);
    return 0;
}
