"""Measures a model directory with mlx-lm on the CPU, and prints a report in Markdown.

On its subject: a post that names the subject and whose telling words (those of few categories' lists) belong to the subject's category at
least as often as to others; a post with no telling words is counted as neutral. The 8-grams are of lower-cased words.

    python evaluate.py --model DIR --corpus corpus.jsonl --valid valid.jsonl
"""

import argparse
import collections
import json
import re

import mlx.core as mx
import mlx.nn as nn
from mlx_lm import generate, load
from mlx_lm.sample_utils import make_sampler

import corpus
import lexicon
from export import SAMPLING

FAMILIAR = ["Write a post about {}", "Can you write a short post about {}?", "write a funny post about {}", "Tell me about {}", "{}"]
UNFAMILIAR = [
    "Compose a little something for my feed about {}", "Got anything to say on {}?", "I run a small page and tomorrow is {} day, go ahead",
    "Imagine you love {}. What goes on your wall?", "Five minutes until I must publish. The theme: {}",
]
WORD = re.compile(r"[\w'’-]+")
COMMON = 2


def telling_words():
    """{word: categories whose lists have it}, for words of at most COMMON categories."""
    homes = collections.defaultdict(set)
    for name, category in corpus.CATEGORIES.items():
        for key in ("part", "act", "adj", "neg", "good", "bad", "who", "where", "img", "kind"):
            for phrase in category[key]:
                forms = {phrase}
                if key in ("act", "good", "bad"):
                    forms |= {corpus.inflect(phrase, how) for how in (corpus.past, corpus.gerund, corpus.third)}
                for form in forms:
                    for word in WORD.findall(form.lower()):
                        if len(word) > 3:
                            homes[word].add(name)
    shared = set(WORD.findall(json.dumps(corpus.sentences.POOLS).lower() + json.dumps(corpus.sentences.TONES).lower() + json.dumps(corpus.sentences.BODY).lower()))
    return {word: names for word, names in homes.items() if len(names) <= COMMON and word not in shared}


def grams(text, n=8):
    words = WORD.findall(text.lower())
    return [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]


class Judge:
    def __init__(self, path):
        self.telling = telling_words()
        self.seen, self.sentences, self.count = set(), set(), 0
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                for message in json.loads(line)["messages"]:
                    if message["role"] == "assistant":
                        self.seen.update(hash(g) for g in grams(message["content"]))
                        parts = re.split(r"(?<=[.!?])\s", message["content"])
                        self.sentences.update(hash(p) for p in parts)
                        self.count += len(parts)

    def subject(self, text, subject, category):
        """named, and own, other: telling words of its category and of others (the neutral category tells nothing)."""
        bare = re.sub(r"^(a|an|the|my|our) ", "", subject.lower())
        rest = re.sub(re.escape(bare), " ", text.lower())
        homes = [self.telling[word] for word in set(WORD.findall(rest)) if word in self.telling]
        own = sum(category in names for names in homes)
        other = sum(category not in names and names != {"thing"} for names in homes)
        return bare in text.lower(), own, other

    def copied(self, texts, subjects):
        """Shares of 8-grams that stand in the training text: all, and those without a word of the subject."""
        every, without = [], []
        for text, subject in zip(texts, subjects):
            words = set(WORD.findall(subject.lower()))
            for gram in grams(text):
                known = hash(gram) in self.seen
                every.append(known)
                if not words & set(gram.split(" ")):
                    without.append(known)
        return sum(every) / max(1, len(every)), sum(without) / max(1, len(without)), len(every)


def speak(model, tokenizer, request, seed):
    mx.random.seed(seed)
    prompt = tokenizer.apply_chat_template([{"role": "user", "content": request}], add_generation_prompt=True)
    sampler = make_sampler(temp=SAMPLING["temperature"], top_p=SAMPLING["top_p"], top_k=SAMPLING["top_k"])
    return generate(model, tokenizer, prompt, max_tokens=220, sampler=sampler)


def loss(model, tokenizer, path, limit=300):
    """Nats a token of the assistant's words in the first dialogues with one answer."""
    total = count = 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            messages = json.loads(line)["messages"]
            if len(messages) != 2 or limit == 0:
                continue
            limit -= 1
            head = tokenizer.apply_chat_template(messages[:1], add_generation_prompt=True)
            ids = head + tokenizer.encode(messages[1]["content"] + "<|im_end|>", add_special_tokens=False)
            logits = model(mx.array([ids[:-1]]))[0, len(head) - 1 :].astype(mx.float32)
            total += nn.losses.cross_entropy(logits, mx.array(ids[len(head) :])).sum().item()
            count += len(ids) - len(head)
    return total / count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--valid", required=True)
    args = parser.parse_args()
    mx.set_default_device(mx.cpu)
    model, tokenizer = load(args.model)
    print(f"loss of the answers in fresh text: {loss(model, tokenizer, args.valid):.4f}\n")
    judge = Judge(args.corpus)
    print(f"training text: {judge.count} sentences, {len(judge.sentences)} distinct; {len(judge.seen)} distinct 8-grams\n")
    with open(args.valid, encoding="utf-8") as lines:
        fresh = [(m["content"], d["subject"] or "") for d in map(json.loads, lines) for m in d["messages"] if m["role"] == "assistant"]
    share = judge.copied(*zip(*fresh))
    print(f"fresh text of the grammar itself: {share[0]:.1%} of 8-grams stand in the training text, {share[1]:.1%} without the subject's words\n")

    for title, requests in (("familiar requests", FAMILIAR), ("unfamiliar requests", UNFAMILIAR)):
        texts, tally, listed = [], collections.Counter(), []
        for seed, (subject, _, category) in enumerate(lexicon.HELD_OUT):
            request = requests[seed % len(requests)].format(subject)
            text = speak(model, tokenizer, request, seed)
            named, own, other = judge.subject(text, subject, category)
            verdict = "fits" if own and own >= other else "neutral" if own == other == 0 else "strays"
            tally[("named " if named else "unnamed ") + verdict] += 1
            texts.append(text)
            listed.append(f"- `{request}` ({category}; {'named' if named else 'NOT NAMED'}, {verdict} {own}:{other})  \n  {text!r}")
        share = judge.copied(texts, [subject for subject, _, _ in lexicon.HELD_OUT])
        print(f"## 50 held-out subjects, {title}\n\n{dict(tally)}\n\n8-grams in the training text: {share[0]:.1%} of {share[2]}, {share[1]:.1%} without the subject's words\n")
        print("\n".join(listed), "\n")

    print("## Twenty, unpicked: seeds 0 to 19 over the first held-out subjects, 'Write a post about ...'\n")
    for seed in range(20):
        print(f"- {seed}. {speak(model, tokenizer, 'Write a post about ' + lexicon.HELD_OUT[seed][0], seed)!r}")
    posts = [speak(model, tokenizer, "Write a post about Elixir", seed) for seed in range(20)]
    print(f"\n## Elixir\n\n{len(set(posts))} of 20 seeds differ, {sum('Elixir' in post for post in posts)} name it\n")
    print("\n".join(f"- {post!r}" for post in posts))


if __name__ == "__main__":
    main()
