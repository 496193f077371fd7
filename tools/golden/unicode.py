#!/usr/bin/env python3
"""Writes src/text/unicode_tables.c: what the tokenizers library believes about each code point.

The library asks five sources, each of its own Unicode version: Oniguruma (regexes in files), the regex crate (added tokens, Whitespace),
Rust's char (WhitespaceSplit, Digits, Lowercase), unicode_categories (Punctuation, BertNormalizer) and its normalization crate. None of
them says its version, so every table is read off the library's own behaviour, code point by code point.

usage: tools/golden/unicode.py > src/text/unicode_tables.c      (needs tokenizers from PyPI; takes about two minutes)
"""
import sys
import unicodedata

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
ALL = "".join(map(chr, POINTS))

CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn".split()
PROPERTIES = """Alphabetic Uppercase Lowercase White_Space Ideographic Unified_Ideograph Emoji Emoji_Presentation Emoji_Modifier
Emoji_Modifier_Base Emoji_Component Extended_Pictographic Hex_Digit Dash Math Quotation_Mark Join_Control Variation_Selector
Regional_Indicator Cased""".split()
SCRIPTS = """Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi
Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot
Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay Georgian
Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Gurung_Khema Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana
Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi
Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar
Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi
Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Ol_Onal
Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya
Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham
SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri
Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Todhri Toto Tulu_Tigalari Ugaritic Unknown Vai Vithkuqi Wancho
Warang_Citi Yezidi Yi Zanabazar_Square""".split()
BRACKETS = "alnum alpha blank cntrl digit graph lower print punct space upper xdigit word".split()


def oniguruma(pattern):
    """The code points one of which the pattern matches."""
    found = pre_tokenizers.Split(Regex(pattern), "removed", invert=True).pre_tokenize_str(ALL)
    return {ord(c) for piece, _ in found for c in piece}


def ranges(points):
    out = []
    for c in sorted(points):
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def wrap(items, width=136):
    line = "   "
    for item in items:
        if len(line) + len(item) + 2 > width:
            print(line)
            line = "   "
        line += " " + item + ","
    if line.strip():
        print(line)


def print_ranges(name, points, linkage=""):
    r = ranges(points)
    print(f"{linkage}const bb_unicode_range {name}[] = {{")
    wrap("{0x%x, 0x%x}" % (a, b) for a, b in r)
    print("};")
    if not linkage:
        print(f"const size_t {name}_count = {len(r)};")
    print()
    return len(r)


def combining_classes():
    """The code points the library's NFD orders. Their classes are Unicode's: each is checked against one mark of every class."""
    nfd = normalizers.NFD()

    def moves(first, c):  # True where first is put behind c
        return nfd.normalize_str(first + c) == c + first

    low, high = "\u0334", "\u0345"  # classes 1 and 240, the least and the greatest
    marks = [c for c in POINTS if moves(chr(c), low) or moves(high, chr(c)) or chr(c) == high]
    one_of = {}
    for c in marks:
        if nfd.normalize_str(chr(c)) == chr(c):
            one_of.setdefault(unicodedata.combining(chr(c)), chr(c))
    for c in marks:
        own = unicodedata.combining(chr(c))
        assert own, hex(c)
        if nfd.normalize_str(chr(c)) == chr(c):
            for other, mark in one_of.items():
                assert mark == chr(c) or moves(mark, chr(c)) == (other > own), (hex(c), other)
    return set(marks)


def main():
    print(
        f"""/* What the tokenizers library believes about each code point.
 *
 * Made by tools/golden/unicode.py from tokenizers {tokenizers.__version__}; not to be edited. */
#include "text/unicode_tables.h"

/* clang-format off */
"""
    )
    categories = {}
    for index, name in enumerate(CATEGORIES):
        if name != "Cs":
            for c in oniguruma(r"\p{%s}" % name):
                categories[c] = index
    assert len(categories) == len(POINTS)
    print("/* Oniguruma's general categories; surrogates are no characters. */")
    print("const char bb_unicode_category_names[][3] = {")
    wrap('"%s"' % name for name in CATEGORIES)
    print("};")
    print("const size_t bb_unicode_category_name_count = %d;" % len(CATEGORIES))
    print("const bb_unicode_category bb_unicode_categories[] = {")
    spans = []
    for c in POINTS:
        if spans and spans[-1][1] == c - 1 and spans[-1][2] == categories[c]:
            spans[-1][1] = c
        else:
            spans.append([c, c, categories[c]])
    wrap("{0x%x, 0x%x, %d}" % tuple(s) for s in spans)
    print("};")
    print("const size_t bb_unicode_categories_count = %d;\n" % len(spans))

    sets = [("[:%s:]" % name, oniguruma("[[:%s:]]" % name)) for name in BRACKETS]
    sets += [("\\%s" % letter, oniguruma("\\" + letter)) for letter in "dhsw"]
    for name in PROPERTIES + SCRIPTS:
        sets.append((name, oniguruma(r"\p{%s}" % name)))
    print("/* Oniguruma's other classes: POSIX brackets, escapes, properties and scripts. */")
    counts = [print_ranges(f"set_{i}", points, "static ") for i, (_, points) in enumerate(sets)]
    print("const bb_unicode_set bb_unicode_sets[] = {")
    for i, (name, _) in enumerate(sets):
        print('    {"%s", set_%d, %d},' % (name.replace("\\", "\\\\"), i, counts[i]))
    print("};")
    print("const size_t bb_unicode_sets_count = %d;\n" % len(sets))

    print("/* Letters beyond ASCII that Oniguruma takes for an ASCII letter where case does not matter. */")
    print("const bb_unicode_pair bb_unicode_ascii_folds[] = {")
    pairs = []
    for c in range(0x61, 0x7B):
        same = oniguruma("(?i:%c)" % c)
        assert {c, c - 32} <= same
        pairs += [(c, x) for x in sorted(same - {c, c - 32})]
    wrap("{0x%x, 0x%x}" % p for p in pairs)
    print("};")
    print("const size_t bb_unicode_ascii_folds_count = %d;\n" % len(pairs))

    whitespace = pre_tokenizers.Whitespace()
    print("/* The regex crate's \\w; its \\s and Rust's whitespace are Oniguruma's \\s. */")
    space = oniguruma(r"\s")
    assert {ord(c) for c in ALL if pre_tokenizers.WhitespaceSplit().pre_tokenize_str("a" + c) == [("a", (0, 1))]} == space
    word = {c for c in POINTS if whitespace.pre_tokenize_str("a" + chr(c))[0][0] == "a" + chr(c)}
    assert {c for c in POINTS if whitespace.pre_tokenize_str("a" + chr(c)) == [("a", (0, 1))]} == space
    print_ranges("bb_unicode_word", word)

    print("/* Rust's numeric characters. */")
    print_ranges("bb_unicode_numeric", {ord(c) for c in ALL if len(pre_tokenizers.Digits(True).pre_tokenize_str("a" + c)) == 2})

    print("/* Punctuation, by unicode_categories and ASCII. */")
    print_ranges("bb_unicode_punctuation", {ord(c) for c in ALL if len(pre_tokenizers.Punctuation().pre_tokenize_str("a" + c)) == 2})

    strip = normalizers.StripAccents()
    print("/* Combining marks as StripAccents removes them. */")
    print_ranges("bb_unicode_marks", {ord(c) for c in ALL if strip.normalize_str(c) == ""})

    clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    print("/* What BertNormalizer cleans away, and the nonspacing marks it strips. */")
    print_ranges("bb_unicode_bert_control", {ord(c) for c in ALL if clean.normalize_str(c) == ""})
    accents = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    nfd = normalizers.NFD()
    print_ranges("bb_unicode_bert_marks", {ord(c) for c in ALL if nfd.normalize_str(c) == c and accents.normalize_str(c) == ""})

    lower = normalizers.Lowercase()
    print("/* Rust's lower case; U+0130 becomes two characters and is not here. */")
    print("const bb_unicode_pair bb_unicode_lower_table[] = {")
    pairs = []
    for c in POINTS:
        to = lower.normalize_str(chr(c))
        if to != chr(c):
            if len(to) > 1:
                assert c == 0x130 and to == "i\u0307"
            else:
                pairs.append((c, ord(to)))
    wrap("{0x%x, 0x%x}" % p for p in pairs)
    print("};")
    print("const size_t bb_unicode_lower_count = %d;\n" % len(pairs))

    nfkd = normalizers.NFKD()
    hangul = set(range(0xAC00, 0xD7A4))
    print("/* Code points the library decomposes, canonically and not: mappings never change once given, so utf8proc's serve. */")
    print_ranges("bb_unicode_canonical", {c for c in POINTS if c not in hangul and nfd.normalize_str(chr(c)) != chr(c)})
    print_ranges("bb_unicode_compatibility", {c for c in POINTS if c not in hangul and nfkd.normalize_str(chr(c)) != chr(c)})
    print("/* Code points the library gives a combining class. */")
    print_ranges("bb_unicode_combining", combining_classes())


if __name__ == "__main__":
    sys.exit(main())
