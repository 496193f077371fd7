"""Writes the corpus: dialogues in which a user asks for a post and the model writes it.

Every dialogue is drawn from the grammar of sentences.py over the lexicon; the seed and the count fix the output.
Output: JSON lines {"messages": [...], "subject":, "category":}. No held-out subject stands in any of them.

    python corpus.py --count 150000 --seed 1 --out corpus.jsonl
"""

import argparse
import json
import random
import re

import lexicon
import sentences

IRREGULAR = {
    "be": ("was", "being"), "bring": ("brought", None), "build": ("built", None), "burn": ("burned", None), "buy": ("bought", None),
    "catch": ("caught", None), "choose": ("chose", None), "come": ("came", "coming"), "cut": ("cut", "cutting"), "dig": ("dug", "digging"),
    "do": ("did", None), "draw": ("drew", None), "drink": ("drank", None), "drive": ("drove", None), "eat": ("ate", None),
    "fall": ("fell", None), "feed": ("fed", None), "feel": ("felt", None), "fight": ("fought", None), "find": ("found", None),
    "fly": ("flew", None), "forget": ("forgot", "forgetting"), "forgive": ("forgave", None), "get": ("got", "getting"), "give": ("gave", None),
    "go": ("went", None), "grow": ("grew", None), "hang": ("hung", None), "hear": ("heard", None), "hide": ("hid", None), "keep": ("kept", None),
    "know": ("knew", None), "leave": ("left", None), "lend": ("lent", None), "lie": ("lay", "lying"), "lose": ("lost", None),
    "make": ("made", None), "meet": ("met", None), "pay": ("paid", None), "put": ("put", "putting"), "read": ("read", None),
    "ride": ("rode", None), "rewrite": ("rewrote", None), "reread": ("reread", None), "run": ("ran", "running"), "say": ("said", None),
    "sell": ("sold", None), "send": ("sent", None), "set": ("set", "setting"), "sing": ("sang", None), "sit": ("sat", "sitting"),
    "speak": ("spoke", None), "spill": ("spilled", None), "start": ("started", None), "sweep": ("swept", None), "swim": ("swam", "swimming"),
    "take": ("took", None), "teach": ("taught", None), "tell": ("told", None), "think": ("thought", None), "throw": ("threw", None),
    "understand": ("understood", None), "wake": ("woke", None), "wear": ("wore", None), "win": ("won", "winning"), "write": ("wrote", None),
    "ship": ("shipped", "shipping"), "chop": ("chopped", "chopping"), "skip": ("skipped", "skipping"), "nap": ("napped", "napping"),
    "hug": ("hugged", "hugging"), "hum": ("hummed", "humming"), "cram": ("crammed", "cramming"), "stop": ("stopped", "stopping"),
    "plan": ("planned", "planning"), "block": ("blocked", None), "swap": ("swapped", "swapping"), "wrap": ("wrapped", "wrapping"),
    "pet": ("petted", "petting"), "jump": ("jumped", None), "spot": ("spotted", "spotting"), "unbox": ("unboxed", None), "hit": ("hit", "hitting"),
    "repot": ("repotted", "repotting"), "prepare": ("prepared", None), "beat": ("beat", None), "flip": ("flipped", "flipping"),
    "beg": ("begged", "begging"), "prefer": ("preferred", "preferring"), "let": ("let", "letting"), "log": ("logged", "logging"),
    "pin": ("pinned", "pinning"), "knit": ("knitted", "knitting"), "lick": ("licked", None), "admit": ("admitted", "admitting"),
    "binge": ("binged", "bingeing"), "glue": ("glued", "gluing"),
}
UNINFLECTED = {"could", "will", "can", "would"}
ADVERBS = {"just", "never", "always", "still"}


def past(verb):
    if verb in IRREGULAR:
        return IRREGULAR[verb][0]
    if verb.endswith("e"):
        return verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    return verb + "ed"


def gerund(verb):
    if verb in IRREGULAR and IRREGULAR[verb][1]:
        return IRREGULAR[verb][1]
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + "ing"


def third(verb):
    if verb in UNINFLECTED:
        return verb
    if verb == "have":
        return "has"
    if verb == "be":
        return "is"
    if re.search(r"(s|x|z|ch|sh|o)$", verb):
        return verb + "es"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + "s"


def inflect(phrase, how):
    words = phrase.split(" ")
    at = 1 if words[0] in ADVERBS and len(words) > 1 else 0
    words[at] = how(words[at])
    return " ".join(words)


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


CATEGORIES = lexicon.load()
POOLS = compiled(sentences.POOLS)
OPEN, CLOSE = compiled(sentences.OPEN), compiled(sentences.CLOSE)
BODY = [(text[0], parse(text[1:])) for text in sentences.BODY]
TONES = {
    tone: {"open": compiled(t["open"]), "body": [(text[0], parse(text[1:])) for text in t["body"]], "close": compiled(t["close"])}
    for tone, t in sentences.TONES.items()
}
ASK, POST_WORD, FOLLOW = compiled(sentences.ASK), parse(sentences.POST), compiled(sentences.FOLLOW)
TONE_WORDS, LEN_WORDS, LEN_SUFFIX = compiled(sentences.TONE_WORDS), compiled(sentences.LEN_WORDS), compiled(sentences.LEN_SUFFIX)
TAG_SUFFIX, EMOJI_SUFFIX, KIND_HINT = parse(sentences.TAG_SUFFIX), parse(sentences.EMOJI_SUFFIX), parse(sentences.KIND_HINT)
SYSTEM = [(parse(text), effect) for text, effect in sentences.SYSTEM]
CHAT = [(parse(question), parse(answer)) for question, answer in sentences.CHAT]
HELD_OUT = re.compile("|".join(re.escape(text.lower()) for text, _, _ in lexicon.HELD_OUT))

ARTICLE = re.compile(r"\b([aA]) (?=(?:[aeiou]|hour|honest)(?!ne\b|ne-|ni[^mn]|se|uro))")
OTHERS = {"t:": ("their ", "themselves"), "y:": ("your ", "yourself"), "o:": ("our ", "ourselves")}
OF_PART = re.compile(r" (?:of|between|at|behind|after|outside|on|that) ")


def plural_part(part):
    head = OF_PART.split(part)[0]
    return head == "people" or (head.endswith("s") and not head.endswith(("ss", "us")))


class Post:
    """One post's drawing: what it is about, and what it has already said."""

    def __init__(self, rng, subject, plural, category):
        self.rng, self.subject, self.plural = rng, subject, plural
        self.category = CATEGORIES[category]
        self.used, self.part_plural, self.named = set(), False, False

    def pick(self, key):
        for _ in range(4):
            item = self.rng.choice(self.category[key])
            if item not in self.used:
                break
        self.used.add(item)
        return item

    def agree(self, verb, plural):
        if verb in ("is", "was", "has"):
            return {"is": "are", "was": "were", "has": "have"}[verb] if plural else verb
        return verb if plural else third(verb)

    def name(self):
        """The subject in full; a thing once introduced is known ("a boat", then "the boat")."""
        if self.named and self.subject.startswith(("a ", "an ")):
            return "the " + self.subject.split(" ", 1)[1]
        self.named = True
        return self.subject

    def slot(self, name):
        if name == "S":
            return self.name()
        if name == "X":
            if self.named and self.rng.random() < 0.6:
                return "they" if self.plural else "it"
            return self.name()
        if name[:2] in OTHERS:
            return self.words(name[2:]).replace("my ", OTHERS[name[:2]][0]).replace("myself", OTHERS[name[:2]][1])
        if name.startswith("v:"):
            return self.agree(name[2:], self.plural)
        if name.startswith("p:"):
            return self.agree(name[2:], self.part_plural)
        if name in POOLS:
            return self.expand(POOLS[name])
        base = name.rstrip("0123456789")
        if base in ("it", "them", "its"):
            return {"it": "they", "them": "them", "its": "their"}[base] if self.plural else {"it": "it", "them": "it", "its": "its"}[base]
        if base in ("is", "was", "has"):
            return self.agree(base, self.plural)
        if base == "does":
            return "do" if self.plural else "does"
        return self.words(name)

    def words(self, name):
        base = name.rstrip("0123456789")
        if base in ("goods", "bads"):
            phrase = self.pick(base[:-1])
            return phrase if self.plural else inflect(phrase, third)
        if base in ("act", "do"):
            return self.pick(base)
        if base in ("acting", "doing"):
            return inflect(self.pick("act" if base[0] == "a" else "do"), gerund)
        if base in ("acted", "did"):
            return inflect(self.pick("act" if base[0] == "a" else "do"), past)
        item = self.pick(base)
        if name == "part":
            self.part_plural = plural_part(item)
        return item

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


def finish(text):
    """Capital first, one space, a mark at the end, an before a vowel."""
    text = re.sub(r"\s+", " ", text).replace(" ,", ",").strip()
    text = ARTICLE.sub(lambda m: m.group(1) + "n ", text)
    if text[-1] not in ".!?":
        text += "."
    text = text[0].upper() + text[1:]
    return re.sub(r"([.!?] )([a-z])", lambda m: m.group(1) + m.group(2).upper() if m.group(1) != "... " else m.group(0), text)


LINK = {("+", "+"): ["also, ", "and ", "plus, ", "on top of that, "], ("+", "-"): ["but ", "still, ", "then again, "],
        ("-", "+"): ["but ", "and yet ", "still, ", "on the other hand, "], ("-", "-"): ["and ", "also, ", "worse, "]}


def decapitalized(text, subject):
    first = text.split(" ")[0]
    return text if first in ("I", "I'd", "X") or text.startswith(subject) else text[0].lower() + text[1:]


def write_post(rng, subject, plural, category, tone, length, tags, emoji):
    post = Post(rng, subject, plural, category)
    pool = TONES[tone]
    toned = tone != "neutral"

    def choose(role, shared, share):
        return rng.choice(pool[role]) if pool[role] and rng.random() < share else rng.choice(shared)

    out = [post.sentence(choose("open", OPEN, 0.8 if toned else 0))]
    bodies = {"short": rng.choice((0, 0, 1)), "medium": rng.choice((1, 2, 2, 3)), "long": rng.choice((4, 5, 6))}[length]
    sign, seen = "-" if tone in ("grumpy", "funny") else "+", set()
    for _ in range(bodies):
        for _ in range(5):
            body = choose("body", BODY, 0.6)
            if id(body) not in seen:
                break
        seen.add(id(body))
        text = post.sentence(body[1])
        links = LINK.get((sign, body[0]))
        if links and rng.random() < 0.3 and not text.startswith(("But", "And", "Sure", "Yes", "Granted", "True")) and "but " not in text:
            text = finish(rng.choice(links) + decapitalized(text, subject))
        out.append(text)
        sign = body[0] if body[0] != "0" else sign
    if rng.random() < {"short": 0.3, "medium": 0.6, "long": 0.85}[length]:
        out.append(post.sentence(choose("close", CLOSE, 0.7)))
    return out


def hashtags(rng, subject, category):
    words = [word for word in re.split(r"[^\w]+", subject) if len(word) > 3]
    tags = [word for word in words[-1:]] + rng.sample(CATEGORIES[category]["tag"], rng.choice((1, 2, 3)))
    return " ".join("#" + tag for tag in dict.fromkeys(tags))


def decorate(rng, out, subject, category, tone, tags, emoji):
    out = list(out)
    if emoji:
        marks = sentences.EMOJI[tone].split(" ")
        for i in rng.sample(range(len(out)), min(len(out), rng.choice((1, 1, 2)))):
            out[i] += " " + rng.choice(marks)
    gap = "\n\n" if len(out) > 4 and rng.random() < 0.3 else " "
    text = " ".join(out)
    if gap != " ":
        half = len(out) // 2
        text = " ".join(out[:half]) + gap + " ".join(out[half:])
    if tags:
        text += rng.choice((" ", "\n\n")) + hashtags(rng, subject, category)
    return text


# ---- subjects

ONSETS = "b c d f g h j k l m n p r s t v w z bl br cl cr dr fl fr gl gr pl pr qu sc sh sk sl sm sn sp st str sw th tr tw ch y x ".split(" ")
VOWELS = "a e i o u a e i o ai ea ee ia io oo ou y au".split(" ")
CODAS = ["", "", "", "", "b", "ck", "d", "ft", "g", "l", "ll", "m", "n", "nd", "ng", "nk", "p", "r", "rk", "rn", "s", "sh", "st", "t", "th", "x", "z", "lt"]
ENDINGS = ["", "", "", "", "a", "o", "er", "ing", "ix", "ia", "ium", "ette", "ski", "ton", "ford", "ology", "ism", "script", "let", "is", "us", "y", "ball", "berry", "ina"]
ABOUT = ["the history of {}", "the future of {}", "{} for beginners", "learning about {}", "my love for {}", "{} in winter", "{} at night", "a day without {}",
         "the sound of {}", "the price of {}", "the joy of {}", "why {} matters", "{} after work", "{} on a budget", "the trouble with {}", "living with {}",
         "the art of {}", "the smell of {}", "talking to kids about {}", "{} and me", "the end of {}", "my fear of {}"]


def invented(rng):
    word = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(rng.choice((1, 2, 2, 2, 3)))) + rng.choice(ENDINGS)
    return word if 3 < len(word) < 14 else invented(rng)


NAMES = list(CATEGORIES)
WEIGHTS = [len(CATEGORIES[n]["one"]) + len(CATEGORIES[n]["many"]) + 30 for n in NAMES]


def composed(rng, category):
    c = CATEGORIES[category]
    heads = c["heads"] + c["headsp"]
    if not heads:
        return None
    at = rng.randrange(len(heads))
    mods = c["mods"]
    if rng.random() < 0.35:
        other = CATEGORIES[rng.choice(NAMES)]
        mods = other["mods"] or mods
    mod = rng.choice(mods)
    plural = at >= len(c["heads"])
    if plural:
        mod = re.sub(r"^(a|an|the first|my last|one) ", "", mod)
    return f"{mod} {heads[at]}", plural


def draw_subject(rng):
    """(subject, plural, category, whether the request must name its kind)"""
    category = rng.choices(NAMES, WEIGHTS)[0]
    c = CATEGORIES[category]
    kind = rng.random()
    if kind < 0.45 or (kind < 0.68 and not c["heads"]):
        at = rng.randrange(len(c["one"]) + len(c["many"]))
        plural = at >= len(c["one"])
        subject = (c["one"] + c["many"])[at]
        if rng.random() < 0.12:
            return rng.choice(ABOUT).format(subject), False, category, False
        return subject, plural, category, rng.random() < 0.12
    if kind < 0.68:
        subject, plural = composed(rng, category)
        return subject, plural, category, False
    if kind < 0.72:
        return inflect(rng.choice(c["act"]), gerund), False, category, False
    word = invented(rng)
    name = word.capitalize()
    if kind < 0.82:
        shape = rng.random()
        if shape < 0.35:
            return name, False, "thing", False
        if shape < 0.6:
            return word, False, "thing", False
        if shape < 0.75:
            return word.rstrip("s") + "s", True, "thing", False
        return f"{rng.choice(('a', 'the', 'my', 'our'))} {word}", False, "thing", False
    if kind < 0.91:
        return rng.choice((name, name, word)), False, category, True
    heads = c["heads"] or c["kind"]
    head = rng.choice(heads + c["kind"])
    shape = rng.random()
    if shape < 0.4:
        return f"the {name} {head}", False, category, False
    if shape < 0.6 and category == "nature":
        return f"{rng.choice(('Lake', 'Mount', 'Cape'))} {name}", False, category, False
    if shape < 0.8:
        return f"{name} {head}", False, category, False
    if c["mods"]:
        return f"{rng.choice(c['mods'])} {word}", False, category, False
    return f"a {word} {head}", False, category, False


# ---- requests


def typo(rng, text, subject):
    """Swaps two neighbours somewhere outside the subject."""
    spans = [i for i in range(1, len(text) - 2) if text[i : i + 2].isalpha() and not (text.find(subject) - 1 <= i < text.find(subject) + len(subject))]
    if not spans:
        return text
    i = rng.choice(spans)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


class Request(Post):
    """A user's request: the slots of the subject's category, and words for the tone and length that are wanted."""

    def __init__(self, rng, subject, plural, category, tone, length, tags, emoji, hint):
        super().__init__(rng, subject, plural, category)
        self.tone = self.expand(TONE_WORDS[tone]) if tone else ""
        self.shown_tone = self.length_word = self.suffix = ""
        if length:
            if rng.random() < 0.6:
                self.length_word = self.expand(LEN_WORDS[length]) + " "
            else:
                self.suffix += self.expand(LEN_SUFFIX[length])
        if tags:
            self.suffix += self.expand(TAG_SUFFIX)
        if emoji:
            self.suffix += self.expand(EMOJI_SUFFIX)
        if rng.random() < 0.04:
            self.suffix += rng.choice((" please", ", thanks", " for my followers", " for my blog", " for LinkedIn", " today"))
        if hint:
            self.subject = subject + self.expand(KIND_HINT)

    def slot(self, name):
        if name == "tone":
            return self.tone + " " if self.tone else ""
        if name == "tone2":
            return self.tone or "nice"
        if name == "len":
            return self.length_word
        if name == "suffix":
            return self.suffix
        if name == "post":
            return self.expand(POST_WORD)
        return super().slot(name)


def usable(index, tone, length, tags, emoji, hint):
    """Whether this way of asking can say what is wanted."""
    text = sentences.ASK[index]
    if text == "{S}":
        return not (tone or length or tags or emoji)
    if (tone and "{tone" not in text) or (length and ("{len}" not in text or "{suffix}" not in text)):
        return False
    if (tags or emoji) and "{suffix}" not in text:
        return False
    if not tone and "{tone2}" in text:
        return False
    return True


def ask(rng, subject, plural, category, tone, length, tags, emoji, hint):
    request = Request(rng, subject, plural, category, tone, length, tags, emoji, hint)
    while True:
        index = rng.randrange(len(ASK)) if rng.random() < 0.65 else rng.randrange(2)
        if usable(index, tone, length, tags, emoji, hint):
            break
    text = re.sub(r" +", " ", request.expand(ASK[index])).strip().replace(" :", ":").replace(".?", "?")
    text = ARTICLE.sub(lambda m: m.group(1) + "n ", text)
    style = rng.random()
    if style < 0.6:
        text = text[0].upper() + text[1:]
    if rng.random() < 0.3 and text[-1].isalnum():
        text += rng.choice((".", "!", "."))
    if rng.random() < 0.04:
        text = typo(rng, text, subject)
    return text


def wanted(rng):
    """(tone or None, length or None, tags, emoji) as the user says them."""
    tone = rng.choice([t for t in TONES if t != "neutral"] * 3 + ["neutral"]) if rng.random() < 0.4 else None
    length = rng.choices(("short", "medium", "long"), (5, 1, 4))[0] if rng.random() < 0.35 else None
    return tone, length, rng.random() < 0.12, rng.random() < 0.08


def settle(rng, tone, length):
    tone = tone or (rng.choice(list(TONES)) if rng.random() < 0.4 else "neutral")
    length = length or rng.choices(("short", "medium", "long"), (20, 65, 15))[0]
    return tone, length


def dialogue(rng):
    messages = []

    def say(role, content):
        messages.append({"role": role, "content": content})

    subject, plural, category, hint = draw_subject(rng)
    tone, length, tags, emoji = wanted(rng)
    system = None
    if rng.random() < 0.15:
        parts, effect = rng.choice(SYSTEM)
        if effect.get("tone"):
            tone = rng.choice([t for t in TONES if t != "neutral"])
            helper = Request(rng, subject, plural, category, tone, None, False, False, False)
        else:
            helper = Request(rng, subject, plural, category, None, None, False, False, False)
        system = helper_expand(helper, parts)
        say("system", system)
        tags, emoji = tags or effect.get("tags", False), emoji or effect.get("emoji", False)
        asked = (None if effect.get("tone") else tone, None if "length" in effect else length, tags and "tags" not in effect, emoji and "emoji" not in effect)
        length = effect.get("length", length)
    else:
        asked = (tone, length, tags, emoji)

    if rng.random() < 0.05:
        question, answer = rng.choice(CHAT)
        chat = Request(rng, subject, plural, category, None, None, False, False, False)
        text = re.sub(r"\bn\b", lambda m: m.group(0), chat_expand(rng, chat, question))
        say("user", text if rng.random() < 0.5 else text[0].upper() + text[1:])
        say("assistant", chat.expand(answer))
        if rng.random() < 0.5:
            return {"messages": messages, "subject": None, "category": "chat"}

    if rng.random() < 0.1:
        subject = subject.lower()
    say("user", ask(rng, subject, plural, category, *asked, hint))
    if rng.random() < 0.08:
        messages[-1]["content"] = messages[-1]["content"].lower()
        subject = subject.lower()
    tone, length = settle(rng, tone, length)
    out = write_post(rng, subject, plural, category, tone, length, tags, emoji)
    say("assistant", decorate(rng, out, subject, category, tone, tags, emoji))

    turns = rng.choices((0, 1, 2), (85, 11, 4))[0]
    for _ in range(turns):
        kind = rng.choices(list(FOLLOW), (5, 5, 4, 3, 4, 2, 1))[0]
        if kind == "about":
            subject, plural, category, _ = draw_subject(rng)
        if kind == "tone":
            tone = rng.choice([t for t in TONES if t not in ("neutral", tone)])
        follow = Request(rng, subject, plural, category, tone, None, False, False, False)
        text = re.sub(r" +", " ", follow.expand(FOLLOW[kind]))
        say("user", text if rng.random() < 0.5 else text[0].upper() + text[1:])
        if kind == "short":
            named = [s for s in out if subject.lower() in s.lower()]
            out = [rng.choice(named)] if named else out[:1]
        elif kind == "long":
            more = write_post(rng, subject, plural, category, tone, "medium", tags, emoji)
            out = out[:3] + more[1:]
        elif kind == "tags":
            tags = True
        elif kind == "emoji":
            emoji = True
        else:
            out = write_post(rng, subject, plural, category, tone, length, tags, emoji)
        say("assistant", decorate(rng, out, subject, category, tone, tags, emoji))
    return {"messages": messages, "subject": subject, "category": category}


WORDS = sorted({word for c in CATEGORIES.values() for key in ("one", "many", "part", "act", "adj") for item in c[key] for word in item.split(" ")})
REPEAT = parse("[repeat|repeat after me|say|say this|copy|echo|repeat this|say it back|write exactly this][: |: |, please: |\n]")
TITLE = compiled([
    "[give me|write|I need|make|suggest] a [title|headline|name|subject line] for a post about {S}",
    "[title|headline|one word|slogan|motto] for {S}[ please|]",
    "[what is a good|name a good] [title|headline] for {S}?",
])
TITLED = compiled(["{S}: the {part}", "{S}, {adj} and {adj2}", "the {part} of {S}", "{S}!", "why {S} {goods}", "{S} and me", "all about {S}", "{S}"])


def drill(rng):
    """An answer that is mostly the user's own words: what a post needs to name a subject never seen."""
    subject, plural, category, _ = draw_subject(rng)
    if rng.random() < 0.35:
        asked = Request(rng, subject, plural, category, None, None, False, False, False)
        said = Post(rng, subject, plural, category)
        question = ARTICLE.sub(lambda m: m.group(1) + "n ", asked.expand(rng.choice(TITLE)))
        answer = said.expand(rng.choice(TITLED))
        answer = answer[0].upper() + answer[1:] if rng.random() < 0.7 else answer
    else:
        items = [invented(rng) if rng.random() < 0.3 else draw_subject(rng)[0] if rng.random() < 0.3 else rng.choice(WORDS) for _ in range(rng.randrange(1, 13))]
        answer = rng.choice((" ", " ", ", ")).join(items)
        question = Post(rng, subject, plural, category).expand(REPEAT) + answer
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}], "subject": subject, "category": category}


def helper_expand(helper, parts):
    end = helper.rng.choice((".", ".", ""))
    text = "".join(
        part if part.__class__ is str else helper.expand((part,)) if part[0] == "choice" or part[1] != "end" else end for part in parts
    )
    return ARTICLE.sub(lambda m: m.group(1) + "n ", text.replace(" .", "."))


def chat_expand(rng, chat, parts):
    chosen = rng.choice(parts[0][1]) if len(parts) == 1 and parts[0][0] == "choice" else parts
    return "".join(part if part.__class__ is str else str(rng.randrange(2, 200)) for part in chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=150000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drills", type=float, default=0.25, help="share of dialogues that only practise copying")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    with open(args.out, "w", encoding="utf-8") as out:
        written = 0
        while written < args.count:
            item = drill(rng) if args.drills and rng.random() < args.drills else dialogue(rng)
            if HELD_OUT.search(" ".join(m["content"] for m in item["messages"]).lower()):
                continue
            out.write(json.dumps(item, ensure_ascii=False) + "\n")
            written += 1


if __name__ == "__main__":
    main()
