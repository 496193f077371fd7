#!/usr/bin/env python3
"""Writes tests/golden/tokenizer/: small tokenizers of every make, and what the tokenizers library gives for them.

Each NAME.json is a tokenizer.json with a few hundred tokens, trained here on a few sentences, named after what it imitates or shows.
NAME.golden.json has texts with their ids (with and without special tokens), the tokens, and decoded text (all, and without special
tokens), and ids with their decoded text. llama2, llama3 and qwen3 have golden data only: their files are in ../shared/tokenizers.

usage: tools/golden/tokenizer.py      (needs tokenizers from PyPI; from anywhere)
"""
import json
import pathlib
import random
import sys

import tokenizers
from tokenizers import Tokenizer, pre_tokenizers, trainers

SEED = 20
ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests" / "golden" / "tokenizer"
SHARED = ROOT / ".." / "shared" / "tokenizers"

CORPUS = [
    "The bumblebee flies over the meadow, and the meadow hums. It's late; they'll be home by 19:45, won't they?",
    "Numbers such as 1234567, 3.14159 and 0xFF are split in many ways. HTTPServer and camelCase too.",
    "Die Hummel fliegt über die Wiese. Größe, Übermut und Straße. L'été, c'est déjà fini ; où êtes-vous ?",
    "Шмель летит над лугом. Η μέλισσα πετά. النحلة تطير فوق المرج. הדבורה עפה. मधुमक्खी उड़ती है। ผึ้งบินอยู่",
    "蜜蜂在草地上飞。ミツバチが草原を飛ぶ。꿀벌이 초원 위를 날아다닌다. 👩‍👩‍👧 🐝🐝 e\u0301a\u0308",
    "int main(void)\n{\n\tfor (int i = 0; i < 10; i++)\n\t\tprintf(\"%d\\n\", i);\n    return 0;\n}\n\n",
]

CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = CL100K.replace("{1,3}", "")
O200K = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
TEKKEN = O200K.replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "").replace(r"\p{N}{1,3}", r"\p{N}")
DEEPSEEK3 = "|".join(
    [
        r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+",
        r"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+",
        r" ?[\p{P}\p{S}]+[\r\n]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
CLIP = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"
HAN = r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*|\s+$|\s+"

BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
GPT2 = dict(BYTE_LEVEL, use_regex=True)
DECODE_BYTES = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
LLAMA_NORMALIZER = {
    "type": "Sequence",
    "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}],
}
TO_SPACE = {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}
FALLBACK, FUSE = {"type": "ByteFallback"}, {"type": "Fuse"}
LLAMA_DECODER = {"type": "Sequence", "decoders": [TO_SPACE, FALLBACK, FUSE, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
GEMMA_DECODER = {"type": "Sequence", "decoders": [TO_SPACE, FALLBACK, FUSE]}


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def metaspace(scheme, divide=True):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": divide}


def sequence(*steps, field="pretokenizers"):
    return {"type": "Sequence", field: list(steps)}


def template(before, after, ids):
    token = lambda t: {"SpecialToken": {"id": t, "type_id": 0}}
    single = [token(t) for t in before] + [{"Sequence": {"id": "A", "type_id": 0}}] + [token(t) for t in after]
    return {
        "type": "TemplateProcessing",
        "single": single,
        "pair": single + [{"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {t: {"id": t, "ids": [ids[t]], "tokens": [t]} for t in before + after},
    }


def train(normalizer, pre_tokenizer, alphabet, size, **options):
    """A model's vocabulary and merges, trained behind this normalizer and pre-tokenizer."""
    file = {"version": "1.0", "added_tokens": [], "normalizer": normalizer, "pre_tokenizer": pre_tokenizer}
    file["model"] = {"type": "BPE", "vocab": {}, "merges": []}
    t = Tokenizer.from_str(json.dumps(file))
    affixes = {k: options[k] for k in ("continuing_subword_prefix", "end_of_word_suffix") if k in options}
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False, **affixes)
    t.train_from_iterator(CORPUS, trainer)
    return json.loads(t.to_str())["model"]


def added(content, **flags):
    out = {"id": 0, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    out.update(flags)
    return out


CHAT = [added("<|end|>"), added("<|im_start|>"), added("<tool>", special=False)]
LLAMA = [added("<unk>"), added("<s>"), added("</s>")]


def build(normalizer=None, pre_tokenizer=None, decoder=None, post=None, tokens=CHAT, size=420, alphabet="bytes", first=(), **model):
    """A whole tokenizer.json. post takes the ids of added tokens. first: tokens that open the vocabulary."""
    letters = pre_tokenizers.ByteLevel.alphabet() if alphabet == "bytes" else []
    trained = train(normalizer, pre_tokenizer, sorted(letters), size, **model)
    opening = list(first) + (["<0x%02X>" % b for b in range(256)] if model.get("byte_fallback") else [])
    vocab = {t: i for i, t in enumerate(opening)}
    for t in sorted(trained["vocab"], key=trained["vocab"].get):
        vocab.setdefault(t, len(vocab))
    trained.update(model, vocab=vocab)
    if model.get("legacy_merges"):
        trained["merges"] = ["#version: 0.2"] + [" ".join(m) for m in trained["merges"]]
        del trained["legacy_merges"]
    tokens = [dict(t) for t in tokens]
    ids, fresh = {}, len(vocab)
    for t in tokens:
        t["id"] = vocab.get(t["content"], fresh)
        fresh += t["content"] not in vocab
        ids[t["content"]] = t["id"]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": tokens,
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": post(ids) if post else None,
        "decoder": decoder,
        "model": trained,
    }


def published():
    """What published models' files are made of."""
    llama = dict(alphabet="", first=["<unk>", "<s>", "</s>"], tokens=LLAMA, byte_fallback=True, fuse_unk=True, unk_token="<unk>", size=260)
    bos = lambda ids: template(["<s>"], [], ids)
    nfc = {"type": "NFC"}
    yield "gpt2", build(None, GPT2, DECODE_BYTES, tokens=[added("<|endoftext|>")])
    yield "cl100k", build(None, sequence(split(CL100K), BYTE_LEVEL), DECODE_BYTES, ignore_merges=True)
    yield "qwen2", build(nfc, sequence(split(QWEN2), BYTE_LEVEL), DECODE_BYTES)
    yield "o200k", build(None, sequence(split(O200K), BYTE_LEVEL), DECODE_BYTES)
    yield "tekken", build(None, sequence(split(TEKKEN), BYTE_LEVEL), DECODE_BYTES, ignore_merges=True)
    yield "deepseek3", build(
        {"type": "Sequence", "normalizers": []},
        sequence(split(r"\p{N}{1,3}"), split(r"[一-龥぀-ゟ゠-ヿ]+"), split(DEEPSEEK3), BYTE_LEVEL),
        DECODE_BYTES,
        tokens=[added("<｜begin▁of▁sentence｜>"), added("<｜User｜>", special=False), added("<｜fim▁hole｜>", normalized=True)],
    )
    yield "deepseek", build(
        None,
        sequence(
            split("[\r\n]"),
            split(r"\s?\p{L}+"),
            split(r"\s?\p{P}+"),
            split("[一-龥ࠀ-一가-퟿]+"),
            {"type": "Digits", "individual_digits": True},
            BYTE_LEVEL,
        ),
        DECODE_BYTES,
    )
    yield "han", build(None, sequence(split(HAN), BYTE_LEVEL), DECODE_BYTES)
    yield "starcoder", build(None, sequence({"type": "Digits", "individual_digits": True}, GPT2), DECODE_BYTES)
    yield "falcon", build(
        None,
        sequence(
            {"type": "Punctuation", "behavior": "Contiguous"},
            GPT2,
            {"type": "Digits", "individual_digits": False},
            split("[0-9][0-9][0-9]"),
        ),
        DECODE_BYTES,
    )
    yield "bloom", build(None, sequence(split(BLOOM), BYTE_LEVEL), DECODE_BYTES)
    yield "neox", build(nfc, dict(GPT2, add_prefix_space=True), DECODE_BYTES, tokens=CHAT + [added("    ", special=False, normalized=True)])
    yield "roberta", build(
        None,
        dict(GPT2, add_prefix_space=True),
        DECODE_BYTES,
        lambda ids: {
            "type": "RobertaProcessing",
            "sep": ["</s>", ids["</s>"]],
            "cls": ["<s>", ids["<s>"]],
            "trim_offsets": True,
            "add_prefix_space": True,
        },
        tokens=LLAMA + [added("<mask>", lstrip=True)],
    )
    yield "llama3_post", build(
        None,
        sequence(split(CL100K), BYTE_LEVEL),
        DECODE_BYTES,
        lambda ids: {"type": "Sequence", "processors": [dict(BYTE_LEVEL), template(["<|im_start|>"], ["<|end|>"], ids)]},
    )
    yield "llama2_like", build(LLAMA_NORMALIZER, None, LLAMA_DECODER, bos, **llama)
    yield "mistral", build(None, metaspace("first", False), LLAMA_DECODER, bos, **llama)
    yield "phi3", build(
        LLAMA_NORMALIZER, None, LLAMA_DECODER, bos, **dict(llama, tokens=LLAMA + [added("<|end|>", rstrip=True), added("<|im_start|>")])
    )
    yield "llama_normalized", build(
        LLAMA_NORMALIZER, None, LLAMA_DECODER, bos, **dict(llama, tokens=LLAMA + [added("<tool>", normalized=True, special=False)])
    )
    yield "gemma", build(
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        split(" ", "MergedWithPrevious", kind="String"),
        GEMMA_DECODER,
        bos,
        **llama,
    )
    yield "t5_like", build(None, metaspace("always"), metaspace("always"), lambda ids: template([], ["</s>"], ids), **llama)
    yield "clip", build(
        sequence(nfc, {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}, {"type": "Lowercase"}, field="normalizers"),
        sequence(split(CLIP, "Removed", True), dict(BYTE_LEVEL)),
        DECODE_BYTES,
        lambda ids: dict(
            type="RobertaProcessing",
            sep=["<|end|>", ids["<|end|>"]],
            cls=["<|im_start|>", ids["<|im_start|>"]],
            trim_offsets=False,
            add_prefix_space=False,
        ),
        end_of_word_suffix="</w>",
        unk_token="<|end|>",
        first=["<|end|>"],
    )
    yield "gpt1", build(
        {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        {"type": "BertPreTokenizer"},
        {"type": "BPEDecoder", "suffix": "</w>"},
        end_of_word_suffix="</w>",
        unk_token="<unk>",
        first=["<unk>"],
        tokens=[added("<unk>", special=False)],
        alphabet="",
    )


def shown():
    """One feature each."""
    llama = dict(alphabet="", first=["<unk>", "<s>", "</s>"], tokens=LLAMA, unk_token="<unk>", size=260)
    yield "no_decoder", build(None, None, None, size=300)
    yield "unk_not_fused", build(None, None, FUSE, **llama)
    yield "unk_fused", build(None, None, FUSE, **dict(llama, fuse_unk=True))
    partial = build(LLAMA_NORMALIZER, None, LLAMA_DECODER, **dict(llama, byte_fallback=True, fuse_unk=True))
    for b in (0xE4, 0xF0, 0x9F):  # characters that have one of these bytes become unk_token
        del partial["model"]["vocab"]["<0x%02X>" % b]
    yield "fallback_incomplete", partial
    dropped = build(None, {"type": "WhitespaceSplit"}, None, **dict(llama, tokens=[]))
    dropped["model"]["unk_token"] = None
    yield "unknown_dropped", dropped
    yield "subword_prefix", build(
        {"type": "Lowercase"},
        {"type": "Whitespace"},
        {"type": "WordPiece", "prefix": "##", "cleanup": True},
        **dict(llama, continuing_subword_prefix="##", size=330),
    )
    yield "legacy_merges", build(None, GPT2, DECODE_BYTES, legacy_merges=True)
    for form in ("NFD", "NFKC", "NFKD"):
        yield form.lower(), build({"type": form}, GPT2, DECODE_BYTES, size=300)
    accents = sequence({"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": True}, field="normalizers")
    yield "strip_accents", build(accents, metaspace("first"), metaspace("first"), **llama)
    nmt = sequence({"type": "Nmt"}, {"type": "Strip", "strip_left": False, "strip_right": True}, field="normalizers")
    yield "nmt", build(nmt, {"type": "CharDelimiterSplit", "delimiter": " "}, None, **llama)
    yield "byte_normalizer", build({"type": "ByteLevel"}, split(r"Ġ?[^Ġ]+|Ġ+"), DECODE_BYTES, tokens=CHAT + [added("été", normalized=True, special=False)], size=300)
    yield "metaspace_never", build(None, metaspace("never"), metaspace("never"), **llama)
    yield "replace_regex", build(
        {"type": "Replace", "pattern": {"Regex": r"(?<=\d)(?=(?:\d{3})+\b)"}, "content": ","},
        {"type": "FixedLength", "length": 3},
        {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": "_"}, FUSE, {"type": "Strip", "content": "_", "start": 2, "stop": 2}]},
        **llama,
    )
    for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        for invert in (False, True):
            yield "split_%s%s" % (behavior, "_inverted" if invert else ""), build(
                None, split(r"\s|[,.;'-]", behavior, invert), FUSE, **dict(llama, size=150)
            )
    yield "punctuation", build(None, sequence({"type": "Punctuation", "behavior": "MergedWithNext"}, split("", "Isolated", kind="String")), FUSE, **dict(llama, size=150))
    yield "words", build(None, sequence(split(r"[\w-]+|\w|\p{Punct}|[[:punct:]]+|\b"), BYTE_LEVEL), DECODE_BYTES, size=300)
    flags = [
        added("<mid>", single_word=True, special=False),
        added("<left>", lstrip=True),
        added("<right>", rstrip=True, special=False),
        added("<both>", lstrip=True, rstrip=True),
        added("<left><", special=False),
        added("Bee", normalized=True, special=False),
        added("the", normalized=True, single_word=True, special=False),
        added("\n", rstrip=True, lstrip=True, special=False),
    ]
    yield "added_flags", build({"type": "Lowercase"}, GPT2, DECODE_BYTES, tokens=flags, size=300)
    cut = build(None, GPT2, DECODE_BYTES, lambda ids: template(["<|im_start|>"], [], ids), size=300)
    cut["truncation"] = {"direction": "Left", "max_length": 9, "strategy": "LongestFirst", "stride": 0}
    cut["padding"] = {"strategy": "BatchLongest", "direction": "Left", "pad_to_multiple_of": 4, "pad_id": 7, "pad_type_id": 0, "pad_token": "x"}
    yield "truncation_padding", cut
    yield "ctc", build(None, {"type": "WhitespaceSplit"}, {"type": "CTC", "pad_token": "e", "word_delimiter_token": "t", "cleanup": True}, **llama)
    yield "decode_odd", build(
        None,
        metaspace("always"),
        {"type": "Sequence", "decoders": [metaspace("first"), FUSE, {"type": "Replace", "pattern": {"String": "e"}, "content": "E"}, {"type": "WordPiece", "prefix": "", "cleanup": True}]},
        **llama,
    )


TEXTS = CORPUS + [
    "",
    " ",
    "   ",
    "a",
    "Hello, world!",
    " leading and trailing ",
    "double  spaces   and\ttabs\t\tand\n\nnewlines\r\n\r\n  end",
    "I'm you're WE'LL they'VE don'T it'ſ 'S 's ''s O'Neill",
    "1 12 123 1234 12345 123456 1,234,567.89 ٣٤٥ ४५६ Ⅷ ½ ²",
    "camelCase PascalCase snake_case SCREAMING_CASE kebab-case HTTPSConnection iPhone15Pro",
    "naïve café e\u0301 a\u0323\u0307 a\u0307\u0323 \u1e9b\u0323 Å \u212b \u0344 ﬁ ß İ ı",
    "한국어 \u1112\u1161\u11ab \uac00\u11a8 각",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪🇫🇷 ❤️ 🐝\u200d",
    "漢字かなカナ混じり文。㍿ ｶﾞ ㋿ \u3000全角　空白",
    "مرحبا بالعالم، ١٢٣! שלום עולם? हिन्दी में। ไม่มีช่องว่าง",
    "\u00a0nbsp\u2003em\u2009thin\u200bzero\u2028line\u2029para\u0085nel\u1680ogham\ufeffbom",
    "\x00nul\x01\x02\x1b[31mred\x7f\x80\x9f\x0b\x0c",
    "\u0378\u0e5c\U000e0080 unassigned \ue000\U0010ffff \ufffd\uffff \U0001cd00\U0001fae9\u1c89\u1c8a\ua7cd",
    "<|im_start|>user\nHi<|end|>\n<|im_start|> <|end|><tool>x</tool><|endoftext|>",
    "<s> a</s>b <unk><unk> <s><s>  <mask>  x<mask>y <pad>",
    "x<mid>y <mid> y<mid> ,<mid>. _<mid> a  <left> b  <right>  c <both>  <both><left><right><left> <",
    "Bee BEE bee beehive the THE other the, x\n\n \n y\n",
    "▁▁ ▁a a▁ _ <0x41><0xE4> <0xe4>",
    "a\u0300\u0301\u0316\u0345\u0334" * 3 + "\u0f71\u0f72\u0f74\u0f73",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "        \n        \n                                                              x",
    "!!!??? ... --- *** ___ ((())) [[]] {{}} \\\\ /// `~@#$%^&*+=|<>",
    "die der das the the the meadow meadow meadow",
    "https://example.org/a?b=c&d=%20#e user@example.org C:\\dir\\file.txt",
    "if (x) { y = z[0]; } // comment\n\t\t\t\treturn;\n",
]


def decode(t, ids, skip):
    """None where the library panics: Strip does on a text shorter than what it may cut."""
    try:
        return t.decode(ids, skip_special_tokens=skip)
    except BaseException as error:
        assert type(error).__name__ == "PanicException"
        return None


def golden(t, rng):
    cases, decodes = [], []
    for text in TEXTS:
        ids = t.encode(text).ids
        cases.append(
            {
                "text": text,
                "ids": ids,
                "plain": t.encode(text, add_special_tokens=False).ids,
                "tokens": [t.id_to_token(i) for i in ids],
                "decoded": decode(t, ids, False),
                "skipped": decode(t, ids, True),
            }
        )
    known = sorted(t.get_vocab(with_added_tokens=True).values())
    bytes_ = [t.token_to_id("<0x%02X>" % b) for b in range(256)]
    bytes_ = [i for i in bytes_ if i is not None]
    for _ in range(16):
        count = rng.choice([1, 2, 4, 8, 16])
        ids = [rng.choice(bytes_ if bytes_ and rng.random() < 0.7 else known) for _ in range(count)]
        decodes.append({"ids": ids, "decoded": decode(t, ids, False), "skipped": decode(t, ids, True)})
    return {"tokenizers": tokenizers.__version__, "seed": SEED, "texts": cases, "ids": decodes}


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, file in [*published(), *shown()]:
        text = json.dumps(file, ensure_ascii=False)
        write(OUT / f"{name}.json", file)
        write(OUT / f"{name}.golden.json", golden(Tokenizer.from_str(text), random.Random(SEED)))
    for name in ("llama2", "llama3", "qwen3"):
        t = Tokenizer.from_file(str(SHARED / name / "tokenizer.json"))
        write(OUT / f"{name}.golden.json", golden(t, random.Random(SEED)))


if __name__ == "__main__":
    sys.exit(main())
