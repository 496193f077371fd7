/* What prompt lookup saves when a text is edited: the answer is forced to be the edited text, word for word, since no model at hand edits
 * and a random one loops. All else is as in bombus_session_generate: the same guesses, the same rows, the same draws, only that what is
 * drawn is replaced by what the text has next.
 *
 *     editing MODEL TOKENIZER ORIGINAL EDITED [exact|fast] [rounds] [threads] */
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
} outcome;

static outcome run(bombus_session *session, const text *prompt, const text *answer, int most)
{
    const int V = session->model->config.vocabulary, count = (int)answer->ids.count;
    float *logits = calloc((size_t)(1 + most) * (size_t)V, sizeof *logits);
    int32_t ids[1 + BB_MAX_DRAFT];
    bb_pace pace = bb_pace_begin(most);
    bombus_request request;
    bb_sampler *sampler;
    outcome out = {0};
    bb_draw draw;

    bombus_request_init(&request);
    MUST(bb_sampler_create(&sampler, V, &request, &err));
    MUST(bombus_session_rewind(session, 0, &err));
    MUST(bombus_session_eval(session, prompt->ids.ids, prompt->ids.count, NULL, &err));
    const double start = bb_seconds(), processor = processor_seconds();
    for (int done = 1; done < count; out.steps++) { /* the first is drawn from the prompt's logits */
        const int position = session->position;
        int guessed = 0, drawn = 0;
        bool right = true;
        ids[0] = answer->ids.ids[done - 1];
        session->tokens[position] = ids[0];
        if (most)
            guessed = bb_lookup_draft(session->tokens, position + 1, pace.next < count - done ? pace.next : count - done, ids + 1);
        MUST(bb_session_feed(session, ids, (size_t)(1 + guessed), guessed ? logits : NULL, &err));
        while (right && done < count) {
            MUST(bb_sampler_draw(sampler, guessed ? logits + (size_t)drawn * (size_t)V : session->logits, (uint64_t)(position + drawn),
                                 &draw, &err));
            draw.id = answer->ids.ids[done++];
            right = drawn < guessed && draw.id == ids[1 + drawn];
            drawn += right;
        }
        if (drawn < guessed)
            MUST(bombus_session_rewind(session, position + 1 + drawn, &err));
        bb_pace_learn(&pace, guessed, drawn);
        out.guessed += guessed;
        out.right += drawn;
    }
    out.seconds = bb_seconds() - start;
    out.processor = processor_seconds() - processor;
    bb_sampler_free(sampler);
    free(logits);
    return out;
}

int main(int argc, char **argv)
{
    enum { ROUNDS = 32 };
    static const int most[] = {0, 8, 16, 31};
    const bool fast = argc > 5 && strcmp(argv[5], "fast") == 0;
    const int rounds = argc > 6 ? atoi(argv[6]) : 3, threads = argc > 7 ? atoi(argv[7]) : 0;
    double seconds[4][ROUNDS], processor[4][ROUNDS];
    bombus_session_options options;
    bombus_tokenizer *tokenizer;
    bombus_session *session;
    outcome last[4];

    if (argc < 5 || rounds < 1 || rounds > ROUNDS) {
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
    for (int round = 0; round < rounds; round++) /* in turn, since what else the machine does changes by the second */
        for (int i = 0; i < 4; i++) {
            last[i] = run(session, &prompt, &answer, most[i]);
            seconds[i][round] = last[i].seconds;
            processor[i][round] = last[i].processor;
        }
    const double plain = median(seconds[0], rounds), plain_processor = median(processor[0], rounds);
    printf("guesses at once  steps  guessed  right            seconds  tok/s  speed-up  by processor time\n");
    for (int i = 0; i < 4; i++) {
        const double took = median(seconds[i], rounds);
        printf("%15d  %5d  %7d  %5d %5.1f %%     %8.2f  %5.1f    %4.2f x             %4.2f x\n", most[i], last[i].steps, last[i].guessed,
               last[i].right, last[i].guessed ? 100.0 * last[i].right / last[i].guessed : 0.0, took, (double)answer.ids.count / took,
               plain / took, plain_processor / median(processor[i], rounds));
    }
    bombus_ids_free(&prompt.ids);
    bombus_ids_free(&answer.ids);
    bombus_session_free(session);
    bombus_tokenizer_free(tokenizer);
    bombus_model_free(model);
    return 0;
}
