"""Writes the corpus: dialogues in which a user asks for a post and the model writes it.

A post follows a plan, so that its sentences belong together: a story of stories.py for a subject of a known kind, a plan of plans.py or
toned.py for any subject at all. Most subjects are drawn from the open list of subjects.py, so that a model learns to take up a name it never saw.
The seed and the count fix the output: JSON lines {"messages": [...], "subject":, "category":}. No held-out subject stands in any of them.

    python corpus.py --count 100000 --seed 1 --out corpus.jsonl
"""

import argparse
import json
import random
import re

import asking
import foreign
import general
import lexicon
import plans
import stories
import subjects
import toned

# ---- templates: parsed once into nested tuples, expanded many times


def parse(text):
    def sequence(at, closing):
        options, parts, literal = [], [], []

        def flush():
            if literal:
                parts.append("".join(literal))
                literal.clear()

        while at < len(text):
            c = text[at]
            if closing and c == "|":
                flush()
                options.append(tuple(parts))
                parts = []
            elif closing and c == "]":
                flush()
                options.append(tuple(parts))
                return options, at
            elif c == "[":
                flush()
                inner, at = sequence(at + 1, True)
                parts.append(("choice", inner))
            elif c == "{":
                flush()
                end = text.index("}", at)
                parts.append(("slot", text[at + 1 : end]))
                at = end
            else:
                literal.append(c)
            at += 1
        assert not closing, f"unclosed [ in {text!r}"
        flush()
        return [tuple(parts)], at

    return sequence(0, False)[0][0]


def compiled(tree):
    if isinstance(tree, dict):
        return {key: compiled(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [compiled(value) for value in tree]
    return parse(tree)


SWAPS = [(re.compile(r"\b" + pattern + (r"\b" if pattern[-1].isalpha() else "")), other) for pattern, other in general.SWAPS]
CONTRACTIONS = [(re.compile(rf"\b{full}(?= \w)"), short) for full, short in general.CONTRACTIONS]


def varied(tree):
    """The sentences with a choice where a word has another that serves as well."""
    if isinstance(tree, dict):
        return {key: varied(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(varied(value) for value in tree)
    pieces = re.split(r"(\{[^}]*\})", tree)
    for i in range(0, len(pieces), 2):
        spans = {}
        for pattern, other in SWAPS:
            for found in pattern.finditer(pieces[i]):
                if not any(found.start() < end and start < found.end() for start, end in spans):
                    spans[found.span()] = f"[{found.group()}|{found.group()}|{other}]"
        for (start, end), choice in sorted(spans.items(), reverse=True):
            pieces[i] = pieces[i][:start] + choice + pieces[i][end:]
    return "".join(pieces)


class Plan:
    """Steps of sentences that fit together; the optional ones only stand in longer posts."""

    def __init__(self, name, tones, steps):
        self.name, self.tones, self.steps = name, tones.split(" "), []
        optional = False
        for step in steps:
            if step == "more":
                optional = True
            else:
                self.steps.append((compiled(step), optional))
                optional = False

    def drawn(self, rng, length):
        """The sentences of a post, and a sentence that could make it longer."""
        steps, spare = self.steps, []
        if length == "short":
            steps = [steps[0], steps[-1]]
        elif length == "medium":
            steps = [s for s in steps if not s[1] or rng.random() < 0.35]
            spare = [rng.choice(s[0]) for s in self.steps if s[1] and s not in steps]
        return [rng.choice(sentences) for sentences, _ in steps], spare


def planned(table):
    return [Plan(name, tones, varied(steps)) for name, (tones, steps) in table.items()]


CATEGORIES, NAMES = lexicon.load(), list(lexicon.load())
POOLS = compiled(general.POOLS)
PLANS = {"any": planned(plans.PLANS) + planned(toned.PLANS), "activity": planned(toned.ACTIVITY), "place": planned(toned.PLACE), "thing": planned(toned.THING)}
LINES, TIPS, TIP_OPEN, TIP_CLOSE = (compiled(varied(t)) for t in (general.LINES, general.TIPS, general.TIP_OPEN, general.TIP_CLOSE))
LIKE, LIKED, BUT, AGAINST, AGAINST_END = map(compiled, (general.LIKE, general.LIKED, general.BUT, general.AGAINST, general.AGAINST_END))
OF_ANYTHING = {"why": compiled(general.WHY), "but": compiled(general.FAULTS)}
TONES = list(general.LINES)

# A sentence that calls its subject "it" speaks of one thing.
SINGULAR = re.compile(r"\b[Ii]ts?\b")
STORIES = {
    name: {
        plural: {step: [parse(varied(text)) for text in texts if not (plural and SINGULAR.search(text))] for step, texts in story.items()}
        for plural in (False, True)
    }
    for name, story in stories.load().items()
}

ASK, POST_WORD, FOLLOW = compiled(asking.ASK), parse(asking.POST), compiled(asking.FOLLOW)
LOOSE, OPEN, CLOSE, SOMEONE = compiled(asking.LOOSE), parse(asking.OPEN), parse(asking.CLOSE), parse(asking.SOMEONE)
TONE_WORDS, LEN_WORDS, LEN_SUFFIX = compiled(asking.TONE_WORDS), compiled(asking.LEN_WORDS), compiled(asking.LEN_SUFFIX)
TAG_SUFFIX, EMOJI_SUFFIX, KIND_HINT = parse(asking.TAG_SUFFIX), parse(asking.EMOJI_SUFFIX), parse(asking.KIND_HINT)
SYSTEM = [(parse(text), effect) for text, effect in asking.SYSTEM]
CHAT = [(parse(question), parse(answer)) for question, answer in asking.CHAT]
REPEAT, TITLE, TITLED = parse(asking.REPEAT), compiled(asking.TITLE), compiled(asking.TITLED)
HELD_OUT = re.compile("|".join(re.escape(text.lower()) for text, _, _ in lexicon.HELD_OUT))

ARTICLE = re.compile(r"\b([aA]) (?=(?:[aeiouAEIO]|hour|honest)(?!ne\b|ne-|ni[^mn]|se|uro|uca))")
BEFORE_NAME = re.compile(r"^(?:a|an|the|my|our|this|one) ")
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six")


def third(verb):
    irregular = {"be": "is", "have": "has", "do": "does", "go": "goes"}
    if verb in irregular:
        return irregular[verb]
    if re.search(r"(s|x|z|ch|sh)$", verb):
        return verb + "es"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + "s"


# ---- subjects


class Subject:
    """What a post is about: its name, whether it takes a plural verb, its kind (see subjects.py), and its category if the model may know one."""

    def __init__(self, text, plural=False, kind="any", category=None, hint=False):
        self.text, self.plural, self.kind, self.category, self.hint = text, plural, kind, category, hint

    def lower(self):
        return Subject(self.text.lower(), self.plural, self.kind, self.category, self.hint)


def kind_of(text, category):
    if text.split(" ")[0].endswith("ing") and category in ("sport", "craft", "health", "music"):
        return "activity"
    if category in ("city", "nature"):
        return "place"
    return "thing" if category in ("object", "gadget") and text.startswith(("a ", "an ")) else "any"


WEIGHTS = [min(60, len(CATEGORIES[name]["one"]) + len(CATEGORIES[name]["many"])) + 20 for name in NAMES]


def listed(name, at):
    """The subject at place at of a category's list."""
    category = CATEGORIES[name]
    text = (category["one"] + category["many"])[at]
    home = name if name in STORIES and text not in lexicon.GENERAL else None
    return Subject(text, at >= len(category["one"]), kind_of(text, name) if home else "any", home)


# Those that are asked for first.
FAMOUS = [(name, at) for name in NAMES for at, text in enumerate(CATEGORIES[name]["one"] + CATEGORIES[name]["many"]) if text in lexicon.FAMOUS]


def known(rng):
    """A subject of a category: one of its list, one composed of its words, or an invented name whose kind the request tells."""
    if rng.random() < 0.15:
        return listed(*rng.choice(FAMOUS))
    name = rng.choices(NAMES, WEIGHTS)[0]
    category = CATEGORIES[name]
    home = name if name in STORIES else None
    shape = rng.random()
    heads = category["heads"] + category["headsp"]
    if shape < 0.66 or (shape < 0.9 and not heads):
        return listed(name, rng.randrange(len(category["one"]) + len(category["many"])))
    if shape < 0.9:
        at = rng.randrange(len(heads))
        plural, mod = at >= len(category["heads"]), rng.choice(category["mods"])
        if plural:
            mod = re.sub(r"^(a|an|the first|my last|one) ", "", mod)
        text = f"{mod} {heads[at]}"
        return Subject(text, plural, kind_of(text, name), home)
    word = subjects.invented(rng)
    made = word.capitalize()
    if shape < 0.95 or not category["heads"]:
        return Subject(rng.choice((made, made, word)), False, kind_of(made, name), home, hint=True)
    text = f"{made} {rng.choice(category['heads'] + category['kind'])}"
    return Subject(text if name in ("dish", "drink", "produce", "sport", "craft", "health") else "the " + text, False, kind_of(text, name), home)


def draw_subject(rng):
    return known(rng) if rng.random() < 0.36 else Subject(*subjects.draw(rng))


# ---- posts


class Post:
    """One post's drawing: what it is about, and what it has already said."""

    FIXED = ("person", "n", "span", "place", "day", "time")

    def __init__(self, rng, subject):
        self.rng, self.subject, self.named, self.facts = rng, subject, False, {}

    def name(self):
        """The subject in full; a thing once introduced is known ("a boat", then "the boat")."""
        text = self.subject.text
        if self.named and text.startswith(("a ", "an ")):
            return "the " + text.split(" ", 1)[1]
        self.named = True
        return text

    def fact(self, name):
        if name not in self.facts:
            self.facts[name] = self.expand(POOLS[name])
        elif name == "person" and self.facts[name].startswith("a "):
            self.facts[name] = "the " + self.facts[name][2:]
        return self.facts[name]

    def slot(self, name):
        plural = self.subject.plural
        if name == "S":
            return self.name()
        if name == "S:bare":
            self.named = True
            return BEFORE_NAME.sub("", self.subject.text)
        if name == "S:dear":
            return re.sub("^(?:a|an|the|this) ", "", self.subject.text)
        if name in self.facts or name in self.FIXED:
            return self.fact(name)
        if name.startswith("v:"):
            return ("are" if name == "v:be" else name[2:]) if plural else third(name[2:])
        if name in POOLS:
            return self.expand(POOLS[name])
        return {
            "it": ("it", "they"), "them": ("it", "them"), "its": ("its", "their"), "is": ("is", "are"),
            "was": ("was", "were"), "has": ("has", "have"), "does": ("does", "do"),
        }[name][plural]  # fmt: skip

    def expand(self, parts):
        out = []
        for part in parts:
            if part.__class__ is str:
                out.append(part)
            elif part[0] == "choice":
                out.append(self.expand(self.rng.choice(part[1])))
            else:
                out.append(self.slot(part[1]))
        return "".join(out)

    def sentence(self, parts):
        return finish(self.expand(parts))


def finish(text, mark="."):
    """Capital first, one space, a mark at the end, an before a vowel."""
    text = re.sub(r" +", " ", text).strip()
    text = ARTICLE.sub(lambda m: m.group(1) + "n ", text)
    if text[-1] not in ".!?:":
        text += mark
    return text[0].upper() + text[1:]


def lowered(text):
    """A sentence's text as it stands after a colon or a comma."""
    return text if re.match(r"I\b", text) else text[0].lower() + text[1:]


def numbered(rng, post, length):
    """A list of tips: an opening, the tips a line each, perhaps a closing."""
    count = {"short": 2, "medium": 3, "long": rng.choice((4, 5))}[length]
    post.facts["n3"] = NUMBERS[count]
    own = STORIES[post.subject.category][post.subject.plural]["tip"] if post.subject.category else []
    if len(own) >= count and rng.random() < 0.8:
        tips = rng.sample(own, count)
    else:
        tips = rng.sample(TIPS, count)
    out = [post.sentence(rng.choice(TIP_OPEN))]
    style = rng.random()
    for i, tip in enumerate(tips):
        text = post.sentence(tip)
        out.append(f"\n{i + 1}. {text}" if style < 0.7 else f"\n- {text}" if style < 0.85 else f" {text}")
    if length != "short" and rng.random() < 0.7:
        out.append(("\n" if style < 0.85 else " ") + post.sentence(rng.choice(TIP_CLOSE)))
    return out


def verse(rng, post, plan, length):
    lines = [ARTICLE.sub(lambda m: m.group(1) + "n ", post.expand(line)) for line in plan.drawn(rng, length)[0]]
    return [("\n" if i else "") + line[0].upper() + line[1:] + ("," if i + 2 < len(lines) and rng.random() < 0.5 else "") for i, line in enumerate(lines[:-1])] + [
        "\n" + lines[-1][0].upper() + lines[-1][1:] + "."
    ]


def praise(rng, post, story, length, mark):
    """A review of a known kind of subject: what it is about, reasons, a caveat, a verdict."""
    reasons = rng.sample(story["why"], min(len(story["why"]), {"short": 1, "medium": 2, "long": 3}[length]))
    out = [post.sentence(rng.choice(LIKE))] + [finish(post.expand(reason)[:-1], mark if i == 0 else ".") for i, reason in enumerate(reasons)]
    if length != "short" and story["but"] and mark == ".":
        link, fault = post.expand(rng.choice(BUT)), post.expand(rng.choice(story["but"]))
        out.append(finish(link + " " + (fault[0].upper() + fault[1:] if link.endswith("?") else lowered(fault))))
    if length != "short" or rng.random() < 0.4:
        out.append(post.sentence(rng.choice(LIKED)))
    return out


def complaint(rng, post, story, length):
    faults = rng.sample(story["but"], min(len(story["but"]), {"short": 1, "medium": 2, "long": 3}[length]))
    return [post.sentence(p) for p in (rng.choice(AGAINST), *faults, rng.choice(AGAINST_END))]


def story_of(rng, post, story, length):
    """A beginner's story; in a long one the writer also says what there is to like."""
    out = [post.sentence(rng.choice(story[step])) for step in ("start", "trouble", "turn")]
    if length == "long" and story["why"]:
        why = [post.expand(w) for w in rng.sample(story["why"], min(2, len(story["why"])))]
        out.append(finish(rng.choice(("what I like most: ", "what I love most: ", "the best part: ")) + lowered(why[0])))
        out += [finish(w) for w in why[1:]]
    return out + [post.sentence(rng.choice(story["end"]))]


# Plans whose first and last steps say too little alone, and plans for what one can begin with.
NOT_FOR_SHORT = {"opinion", "howto", "explain", "advice", "argument"}
NOT_FOR_ODD = {"howto", "push", "challenge"}


def general_post(rng, post, tone, length, avoid):
    line = rng.choice(LINES[tone])
    if length == "short" and rng.random() < 0.55:
        return [post.sentence(line)], None, []
    kind = post.subject.kind
    pool = [plan for plan in PLANS["any"] if tone in plan.tones]
    own = [plan for plan in PLANS.get(kind, []) if tone in plan.tones] if kind != "any" else []
    pool = own if own and rng.random() < (0.3 if kind == "place" else 0.5) else pool
    barred = {avoid} | (NOT_FOR_SHORT if length == "short" else set()) | (NOT_FOR_ODD if kind in ("odd", "thing") else set())
    if post.subject.text.startswith(("my ", "our ")):
        barred.add("letter")
    choices = [plan for plan in pool if plan.name not in barred] or pool
    plan = rng.choice(choices)
    if plan.name in ("poem", "dusk"):
        return verse(rng, post, plan, length), plan.name, []
    drawn, more = plan.drawn(rng, length)
    return [post.sentence(parts) for parts in drawn], plan.name, more


def write_post(rng, subject, tone, length, general, avoid=None):
    """(sentences, each with the space before it; the name of its plan; what else could be said before the last sentence)"""
    post = Post(rng, subject)
    out, name, more = drafted(rng, post, subject, tone, length, general, avoid)
    spare = [" " + post.sentence(parts) for parts in more]
    if tone not in ("professional", "poetic") and rng.random() < 0.5:
        out, spare = contracted(out), contracted(spare) if spare else []
    return out, name, spare


def drafted(rng, post, subject, tone, length, general, avoid):
    story = STORIES[subject.category][subject.plural] if subject.category else None
    if general and (not story or rng.random() < 0.5):
        story = None
        if tone in ("neutral", "enthusiastic", "professional") and rng.random() < general:
            out = praise(rng, post, OF_ANYTHING, length, "!" if tone == "enthusiastic" else ".")
            return [(" " if i else "") + text for i, text in enumerate(out)], "praise", []
    form = rng.random()
    if tone == "neutral" and form < (0.12 if story else 0.06) and subject.kind not in ("odd", "thing"):
        return numbered(rng, post, length), "tips", []
    out, praised = None, False
    if story and form < 0.72:
        whole = all(story[step] for step in ("start", "trouble", "turn", "end"))
        if tone == "grumpy" and len(story["but"]) > 1:
            out = complaint(rng, post, story, length)
        elif tone in ("neutral", "funny", "nostalgic", "inspiring", "thoughtful") and length != "short" and whole and (tone != "neutral" or form < 0.46):
            out = story_of(rng, post, story, length) if tone == "neutral" or rng.random() < 0.4 else None
        elif tone in ("neutral", "enthusiastic", "professional") and story["why"]:
            praised, out = True, praise(rng, post, story, length, "!" if tone == "enthusiastic" else ".")
    if out:
        more = rng.sample(story["why"], 2) if not praised and length != "long" and len(story["why"]) > 3 else []
        return [(" " if i else "") + text for i, text in enumerate(out)], "story", more
    out, name, more = general_post(rng, post, tone, length, avoid)
    return [text if text.startswith("\n") or not i else " " + text for i, text in enumerate(out)], name, more


GENERAL_TAGS = "thoughts today curious life ideas learning stories question smallthings everyday".split(" ")


def hashtags(rng, subject):
    tags = [re.sub(r"[^\w]+", "", BEFORE_NAME.sub("", subject.text))]
    tags += rng.sample(CATEGORIES[subject.category]["tag"] if subject.category else GENERAL_TAGS, rng.choice((1, 2)))
    return " ".join("#" + tag for tag in dict.fromkeys(tags))


def contracted(out):
    """The sentences as one says them: don't, it's."""
    text = "\0".join(out)
    for full, short in CONTRACTIONS:
        text = full.sub(short, text)
    return text.split("\0")


def decorate(rng, out, subject, tone, tags, emoji):
    out = list(out)
    if emoji:
        marks = asking.EMOJI[tone].split(" ")
        for i in rng.sample(range(len(out)), min(len(out), rng.choice((1, 1, 2)))):
            out[i] += " " + rng.choice(marks)
    if len(out) > 4 and not any(text.startswith("\n") for text in out) and rng.random() < 0.3:
        half = len(out) // 2
        out[half] = "\n\n" + out[half].lstrip()
    text = "".join(out)
    if tags:
        text += rng.choice((" ", "\n\n")) + hashtags(rng, subject)
    return text


# ---- requests


def typo(rng, text, subject):
    """Swaps two neighbours somewhere outside the subject."""
    at = text.find(subject)
    spans = [i for i in range(1, len(text) - 2) if text[i : i + 2].isalpha() and not at - 1 <= i < at + len(subject)]
    if not spans:
        return text
    i = rng.choice(spans)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


class Request(Post):
    """A user's words: the subject, and words for the tone and length that are wanted."""

    def __init__(self, rng, subject, tone=None, length=None, tags=False, emoji=False):
        super().__init__(rng, subject)
        self.tone = self.expand(TONE_WORDS[tone]) if tone else ""
        self.length_word = self.suffix = ""
        if length:
            if rng.random() < 0.6:
                self.length_word = self.expand(LEN_WORDS[length]) + " "
            else:
                self.suffix += self.expand(LEN_SUFFIX[length])
        if tags:
            self.suffix += self.expand(TAG_SUFFIX)
        if emoji:
            self.suffix += self.expand(EMOJI_SUFFIX)
        self.quote = rng.choice(asking.QUOTED) if rng.random() < 0.04 else None
        if rng.random() < 0.04:
            self.suffix += rng.choice((" please", ", thanks", " for my followers", " for my blog", " for LinkedIn", " today"))

    def slot(self, name):
        if name == "S" and self.subject.hint:
            return self.subject.text + self.expand(KIND_HINT)
        if name == "S" and self.quote:
            return self.quote.format(super().slot(name))
        own = {"tone": self.tone + " " if self.tone else "", "tone2": self.tone or "nice", "len": self.length_word, "suffix": self.suffix}
        if name in own:
            return own[name]
        if name == "kind":
            return self.rng.choice(CATEGORIES[self.subject.category or "thing"]["kind"])
        if name in ("post", "someone"):
            return self.expand(POST_WORD if name == "post" else SOMEONE)
        if name == "number":
            return str(self.rng.randrange(2, 200))
        return super().slot(name)


def usable(index, tone, length, tags, emoji):
    """Whether this way of asking can say what is wanted."""
    text = asking.ASK[index]
    if text == "{S}":
        return not (tone or length or tags or emoji)
    if (tone and "{tone" not in text) or (length and ("{len}" not in text or "{suffix}" not in text)):
        return False
    if (tags or emoji) and "{suffix}" not in text:
        return False
    return bool(tone) or "{tone2}" not in text


def ask(rng, subject, tone, length, tags, emoji):
    request = Request(rng, subject, tone, length, tags, emoji)
    open_to_all = not (tone or length or tags or emoji)
    if open_to_all and rng.random() < 0.25:
        text = rng.choice(("Write", "Write", "Write", "write", "Please write", "Write me")) + " a " + rng.choice(("post", "post", "post", "short post")) + " about "
        return text + request.slot("S") + rng.choice(("", "", "", "."))
    if open_to_all and rng.random() < 0.55:
        form = rng.choice(LOOSE)
    else:
        while True:
            index = rng.randrange(len(ASK)) if rng.random() < 0.65 else rng.randrange(2)
            if usable(index, tone, length, tags, emoji):
                break
        form = ASK[index]
    text = re.sub(r" +", " ", request.expand(form)).strip().replace(" :", ":").replace(".?", "?")
    if rng.random() < 0.12:
        text = request.expand(OPEN) + text
    if rng.random() < 0.08:
        text = re.sub(r"([.?!:])[.!]?(?= )", r"\1", text + request.expand(CLOSE))
    text = ARTICLE.sub(lambda m: m.group(1) + "n ", text)
    if rng.random() < 0.6:
        text = text[0].upper() + text[1:]
    if rng.random() < 0.3 and text[-1].isalnum():
        text += rng.choice((".", "!", "."))
    return typo(rng, text, subject.text) if rng.random() < 0.04 else text


def wanted(rng):
    """(tone or None, length or None, tags, emoji) as the user says them."""
    tone = rng.choice([t for t in TONES if t != "neutral"] * 3 + ["neutral"]) if rng.random() < 0.36 else None
    length = rng.choices(("short", "medium", "long"), (5, 1, 4))[0] if rng.random() < 0.3 else None
    return tone, length, rng.random() < 0.1, rng.random() < 0.08


def settle(rng, tone, length):
    """What the post will be where the user left it open."""
    tone = tone or (rng.choice(TONES) if rng.random() < 0.15 else "neutral")
    return tone, length or rng.choices(("short", "medium", "long"), (12, 70, 18))[0]


def either_case(rng, text):
    return text if rng.random() < 0.5 else text[0].upper() + text[1:]


def dialogue(rng, general):
    messages = []

    def say(role, content):
        messages.append({"role": role, "content": content})

    subject = draw_subject(rng)
    tone, length, tags, emoji = asked = wanted(rng)
    if rng.random() < 0.15:
        parts, effect = rng.choice(SYSTEM)
        if effect.get("tone"):
            tone = rng.choice([t for t in TONES if t != "neutral"])
        helper = Request(rng, subject, tone if effect.get("tone") else None)
        helper.facts["end"] = rng.choice((".", ".", ""))
        say("system", ARTICLE.sub(lambda m: m.group(1) + "n ", helper.expand(parts)))
        tags, emoji = tags or effect.get("tags", False), emoji or effect.get("emoji", False)
        asked = (None if effect.get("tone") else tone, None if "length" in effect else length, tags and "tags" not in effect, emoji and "emoji" not in effect)
        length = effect.get("length", length)

    if rng.random() < 0.07:
        question, answer = rng.choice(CHAT)
        request = Request(rng, subject)
        say("user", either_case(rng, request.expand(question)))
        say("assistant", Post(rng, subject).expand(answer))
        if rng.random() < 0.6:
            return {"messages": messages, "subject": None, "category": "chat"}

    if rng.random() < 0.07:
        subject = subject.lower()
    say("user", ask(rng, subject, *asked))
    tone, length = settle(rng, tone, length)
    out, plan, spare = write_post(rng, subject, tone, length, general)
    say("assistant", decorate(rng, out, subject, tone, tags, emoji))

    for _ in range(rng.choices((0, 1, 2), (87, 10, 3))[0]):
        kind = rng.choices(list(FOLLOW), (5, 5, 4, 3, 4, 2, 1))[0]
        if kind == "about":
            subject = draw_subject(rng)
            subject.hint = False
        if kind == "tone":
            tone = rng.choice([t for t in TONES if t not in ("neutral", tone)])
        say("user", either_case(rng, re.sub(r" +", " ", Request(rng, subject, tone if kind == "tone" else None).expand(FOLLOW[kind]))))
        if kind == "short":
            named = [text for text in out if subject.text.lower() in text.lower()]
            out = [(named or out)[0].strip()]
            out[0] = out[0][:-1] + "." if out[0].endswith(":") else out[0]
        elif kind == "long" and spare:
            out = [*out[:-1], *spare, out[-1]]
            spare = []
        elif kind == "tags":
            tags = True
        elif kind == "emoji":
            emoji = True
        else:
            length = "long" if kind == "long" else length
            out, plan, spare = write_post(rng, subject, tone, length, general, avoid=plan)
        say("assistant", decorate(rng, out, subject, tone, tags, emoji))
    return {"messages": messages, "subject": subject.text, "category": subject.category}


def drill(rng):
    """An answer that is mostly the user's own words: what a post needs to name a subject never seen."""
    subject = draw_subject(rng)
    subject.hint = False
    if rng.random() < 0.3:
        question = ARTICLE.sub(lambda m: m.group(1) + "n ", Request(rng, subject).expand(rng.choice(TITLE)))
        answer = Post(rng, subject).expand(rng.choice(TITLED))
        answer = answer[0].upper() + answer[1:]
    else:
        draws = (lambda: subjects.invented(rng), lambda: rng.choice(subjects.FIRST_WORDS), lambda: draw_subject(rng).text, lambda: foreign.word(rng), lambda: str(rng.randrange(2000)))
        items = [rng.choice(draws)() for _ in range(rng.randrange(1, 9))]
        answer = rng.choice((" ", ", ")).join(items)
        question = Post(rng, subject).expand(REPEAT) + answer
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}], "subject": subject.text, "category": "drill"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--general", type=float, default=0, help="share of the plain posts that praise a subject in words that fit any; half of the known kinds are then not made use of")
    parser.add_argument("--drills", type=float, default=0.08, help="share of dialogues that only practise copying")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    with open(args.out, "w", encoding="utf-8") as out:
        written = 0
        while written < args.count:
            item = drill(rng) if rng.random() < args.drills else dialogue(rng, args.general)
            if HELD_OUT.search(" ".join(m["content"] for m in item["messages"]).lower()):
                continue
            out.write(json.dumps(item, ensure_ascii=False) + "\n")
            written += 1


if __name__ == "__main__":
    main()
