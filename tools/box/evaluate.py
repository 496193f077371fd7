"""Measures a model directory, with bombus or with mlx-lm on the CPU, and prints a report in Markdown.

On its subject: a post that names its subject and has no telling word (one that belongs to few categories of stories.py) of kinds the subject
is not of. Whether the sentences make sense is for a reader to say: every post is printed. The 8-grams are of lower-cased words.

    python evaluate.py --model DIR --corpus corpus.jsonl second.jsonl --valid valid.jsonl [--bombus build/bombus]
"""

import argparse
import collections
import json
import re
import subprocess

import mlx.core as mx
import mlx.nn as nn
from mlx_lm import generate, load
from mlx_lm.sample_utils import make_sampler

import corpus
import general
import lexicon
import plans
import stories
import toned
from export import SAMPLING

PLAIN = ["Write a post about {}"]
FAMILIAR = ["Can you write a short post about {}?", "write a funny post about {}", "Tell me about {}", "LinkedIn post about {}, please", "{}"]
UNFAMILIAR = [
    "Compose a little something for my feed about {}", "Got anything to say on {}?", "I run a small page and tomorrow is {} day, go ahead",
    "Imagine you love {}. What goes on your wall?", "Five minutes until I must publish. The theme: {}",
]
WORD = re.compile(r"[\w'’-]+")
COMMON, LONGEST = 2, 220


def words(text):
    return {word for word in WORD.findall(text.lower()) if len(word) > 3}


def telling_words():
    """{word: categories whose stories have it}, for words of at most COMMON categories and of no plan."""
    homes = collections.defaultdict(set)
    for name, story in stories.load().items():
        for word in words(json.dumps(story)):
            homes[word].add(name)
    anywhere = json.dumps([value for module in (plans, toned, general) for name, value in vars(module).items() if name.isupper()])
    shared = words(anywhere) | {corpus.third(verb) for verb in re.findall(r"\{v:(\w+)\}", anywhere)}
    return {word: names for word, names in homes.items() if len(names) <= COMMON and word not in shared}


def grams(text, n=8):
    found = WORD.findall(text.lower())
    return [" ".join(found[i : i + n]) for i in range(len(found) - n + 1)]


class Judge:
    def __init__(self, paths):
        self.telling, self.seen = telling_words(), set()
        self.sentences, self.posts, self.count = set(), set(), 0
        for path in paths:
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    self.read([m["content"] for m in json.loads(line)["messages"] if m["role"] == "assistant"])

    def read(self, answers):
        for answer in answers:
            self.seen.update(hash(g) for g in grams(answer))
            parts = re.split(r"(?<=[.!?])\s", answer)
            self.sentences.update(hash(p) for p in parts)
            self.posts.add(hash(answer))
            self.count += len(parts)

    def verdict(self, text, subject, category):
        """named or not; fits (only words of its kind), neutral (of no kind) or strays, and by which words."""
        bare = corpus.BEFORE_NAME.sub("", subject.lower())
        rest = text.lower().replace(bare, " ")
        foreign = sorted(word for word in words(rest) if word in self.telling and category not in self.telling[word])
        own = any(category in self.telling.get(word, ()) for word in words(rest))
        return bare in text.lower(), "strays" if foreign else "fits" if own else "neutral", foreign

    def copied(self, texts, subjects):
        """Shares of 8-grams that stand in the training text: all, and those without a word of the subject; how many grams."""
        every, without = [], []
        for text, subject in zip(texts, subjects):
            own = set(WORD.findall(subject.lower()))
            for gram in grams(text):
                every.append(hash(gram) in self.seen)
                if not own & set(gram.split(" ")):
                    without.append(every[-1])
        return sum(every) / max(1, len(every)), sum(without) / max(1, len(without)), len(every)


class Model:
    """The model directory, spoken to through bombus if its program is given, else through mlx-lm."""

    def __init__(self, path, bombus):
        self.path, self.bombus = path, bombus
        self.net, self.tokenizer = load(path)

    def speak(self, request, seed):
        if self.bombus:
            command = [self.bombus, "generate", "--model", self.path, "--seed", str(seed), "-m", str(LONGEST), request]
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip("\n")
        mx.random.seed(seed)
        prompt = self.tokenizer.apply_chat_template([{"role": "user", "content": request}], add_generation_prompt=True)
        sampler = make_sampler(temp=SAMPLING["temperature"], min_p=SAMPLING["min_p"])
        return generate(self.net, self.tokenizer, prompt, max_tokens=LONGEST, sampler=sampler)

    def loss(self, path, limit=100):
        """Nats a token of the assistant's words in the first dialogues with one answer."""
        total = count = 0
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                messages = json.loads(line)["messages"]
                if len(messages) != 2 or limit == 0:
                    continue
                limit -= 1
                head = self.tokenizer.apply_chat_template(messages[:1], add_generation_prompt=True)
                ids = head + self.tokenizer.encode(messages[1]["content"] + "<|im_end|>", add_special_tokens=False)
                logits = self.net(mx.array([ids[:-1]]))[0, len(head) - 1 :].astype(mx.float32)
                total += nn.losses.cross_entropy(logits, mx.array(ids[len(head) :])).sum().item()
                count += len(ids) - len(head)
        return total / count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--corpus", required=True, nargs="+")
    parser.add_argument("--valid", required=True)
    parser.add_argument("--bombus", help="the program, to generate with it in place of mlx-lm")
    args = parser.parse_args()
    mx.set_default_device(mx.cpu)
    model, judge = Model(args.model, args.bombus), Judge(args.corpus)
    print(f"Generated with {'bombus' if args.bombus else 'mlx-lm'}, temperature {SAMPLING['temperature']}, min-p {SAMPLING['min_p']}.\n")
    print(f"Loss of the answers in fresh text: {model.loss(args.valid):.4f} nats a token.\n")
    print(f"Training text: {len(judge.posts)} distinct answers, {judge.count} sentences, {len(judge.sentences)} distinct, {len(judge.seen)} distinct 8-grams.\n")
    with open(args.valid, encoding="utf-8") as lines:
        fresh = [(m["content"], d["subject"] or "") for d in map(json.loads, lines) for m in d["messages"] if m["role"] == "assistant"]
    share = judge.copied(*zip(*fresh))
    print(f"Fresh text of the generator itself: {share[0]:.1%} of 8-grams stand in the training text, {share[1]:.1%} of those without the subject's words.\n")

    for title, requests in (("plain request", PLAIN), ("familiar requests", FAMILIAR), ("unfamiliar requests", UNFAMILIAR)):
        texts, tally, listed = [], collections.Counter(), []
        for seed, (subject, _, category) in enumerate(lexicon.HELD_OUT, start=1):
            request = requests[seed % len(requests)].format(subject)
            text = model.speak(request, seed)
            named, verdict, foreign = judge.verdict(text, subject, category)
            tally[("named, " if named else "unnamed, ") + verdict] += 1
            texts.append(text)
            listed.append(f"{seed}. `{request}` ({category}; {'named' if named else 'NOT NAMED'}, {verdict}{': ' + ', '.join(foreign) if foreign else ''})  \n   {text!r}")
        share = judge.copied(texts, [subject for subject, _, _ in lexicon.HELD_OUT])
        fresh_posts = sum(hash(text) not in judge.posts for text in texts)
        print(f"## 50 held-out subjects, {title}\n\n{dict(tally)}\n\n8-grams in the training text: {share[0]:.1%} of {share[2]}, {share[1]:.1%} of those without the subject's words; {len(set(texts))} distinct posts, {fresh_posts} not in the training text\n")
        print("\n".join(listed), "\n")

    for subject in ("Elixir", "Haskell"):
        posts = [model.speak(f"Write a post about {subject}", seed) for seed in range(1, 21)]
        print(f"## {subject}, seeds 1 to 20\n\n{len(set(posts))} of 20 differ, {sum(subject in post for post in posts)} name it\n")
        print("\n".join(f"- {post!r}" for post in posts), "\n")


if __name__ == "__main__":
    main()
