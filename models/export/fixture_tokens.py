"""Writes tests/fixtures/text/clip-tokens.json: texts and CLIP's token ids for them, by Hugging Face's own tokenizers.

    python models/export/fixture_tokens.py bpe_simple_vocab_16e6.txt.gz

The argument is CLIP's vocabulary, which PyPI's clip-anytorch and open_clip_torch contain (MIT, OpenAI). The fixture has
the ids of the whole vocabulary, and those rows of it that the texts use: merges that no text calls for change nothing
about the ids of these texts, which this script checks. --tokenizer FILE also writes the whole tokenizer.json.
"""

import argparse
import gzip
import json
import random
from pathlib import Path

from tokenizers import Tokenizer
from transformers import CLIPTokenizer

FIXTURE = Path(__file__).parents[2] / "tests/fixtures/text/clip-tokens.json"
NUM_MERGES = 49152 - 256 - 2

WRITTEN = [
    *["", " ", "   ", "\n", "\t\r\n", "\u00a0", "\u2003\u2009", "\u200b", "\ufeff", "\u0000", "a\u0000b", "\u0085x"],
    *["a photo of a cat", "A PHOTO OF A CAT", "a photo of a cat!", "a photo of a cat.", "cat", "Cat", " cat ", "c a t"],
    *["it's", "don't", "we'll've", "I'M", "they'RE", "y'all'd", "'s", "''s", "\u2019s", "o'clock", "rock'n'roll"],
    *["!", "!!", "!!!", "?!", "!?x", "wow!x", "...", "\u2026", "--", "\u2014", "#hashtag", "@name", "a&b", "&amp; &lt;b&gt;", "<br/>"],
    *["0", "1", "12", "123", "3.14159", "1,000,000", "2024-11-28", "12:34:56", "\u00bd\u00bc", "\u2167", "\u0664\u0662", "\u56db\u5341\u4e8c", "10\u00b2"],
    *["https://example.org/a?b=c&d=%20#e", "user@example.org", "C:\\path\\file.txt", "a_b_c", "camelCaseWord", "x=y+z*(w/v)"],
    *["def f(x):\n    return x ** 2", "{'a': [1, 2]}", "SELECT * FROM t;", "<|startoftext|>", "<|endoftext|>"],
    *["a<|endoftext|>b", "<|startoftext|> cat <|endoftext|>", "<|ENDOFTEXT|>", "<|other|>", "<| endoftext |>"],
    *["caf\u00e9", "cafe\u0301", "na\u00efve", "\u00dcBER", "stra\u00dfe", "STRASSE", "\u0130stanbul", "\u0131", "I\u0307", "\u01c5", "\ufb01ne", "\u212b", "\u1e9e"],
    *["\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03a3\u0391\u03a3", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440", "\u5c0f\u732b\u306e\u5199\u771f", "\u4e00\u53ea\u732b\u7684\u7167\u7247", "\uace0\uc591\uc774 \uc0ac\uc9c4", "\u1100\u1161\u11a8"],
    *["\u0635\u0648\u0631\u0629 \u0642\u0637\u0629", "\u05ea\u05de\u05d5\u05e0\u05d4 \u05e9\u05dc \u05d7\u05ea\u05d5\u05dc", "\u092c\u093f\u0932\u094d\u0932\u0940", "\u0e23\u0e39\u0e1b\u0e41\u0e21\u0e27", "\u10d9\u10d0\u10e2\u10d0", "\u1019\u103c\u1014\u103a\u1019\u102c", "\U0001e900\U0001e922"],
    *["\U0001f600", "\U0001f600\U0001f601\U0001f602", "cat \U0001f431!", "\U0001f469\u200d\U0001f4bb", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea\U0001f1ef\U0001f1f5"],
    *["\u2764\ufe0f", "\u2764", "1\ufe0f\u20e3", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "\u263a\ufe0e", "\U0001fae0", "\u2602\u2603\u2604", "\u2660\u2663"],
    *["e\u0301\u0301\u0301", "z\u0361a\u0338l\u0334g\u0322o\u0489", "\u202eabc\u202c", "\uff21\uff22\uff23 \uff11\uff12", "\u2460\u2461", "\u212e", "\u2211\u222b\u221a", "\u20ac100", "$5", "\u00a35", "\ue000", "\U0010ffff", "\ufffd"],
    *["a" * 300, "ab" * 200, "cat " * 120, "\U0001f431" * 90, "\u732b" * 100, "x1" * 100, "!" * 200, "word\n" * 100, " " * 500 + "end"],
]

SUBJECTS = "cat dog red car sailing boat birthday cake mountain lake old bicycle skateboarder violinist pizza zebra".split()
TEMPLATES = [
    *["a photo of a {}", "a bad photo of the {}.", "itap of a {}!", "a rendering of many {}s", "the plastic {}, isolated"],
    *["a {} in a video game", "graffiti of the {}?", "a black and white photo of {}", "{}'s portrait", "a close-up photo of my {} (2019)"],
]
BLOCKS = [
    *[(0x20, 0x7F), (0x20, 0x7F), (0xA0, 0x250), (0x250, 0x400), (0x400, 0x530), (0x590, 0x780), (0x900, 0xE00), (0x1E00, 0x2000)],
    *[(0x2000, 0x2C00), (0x3040, 0x3100), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xFB00, 0xFDFF), (0x1F300, 0x1FAFF), (0x1D400, 0x1D7FF)],
]


def texts() -> list[str]:
    draw = random.Random(16)
    captions = [template.format(subject) for template in TEMPLATES for subject in SUBJECTS]
    mixed = []
    for _ in range(300):
        words = []
        for _ in range(draw.randint(1, 9)):
            first, last = draw.choice(BLOCKS)
            words.append("".join(chr(draw.randrange(first, last)) for _ in range(draw.randint(1, 7))))
        mixed.append(draw.choice([" ", " ", "", "\n", "  "]).join(words))
    return list(dict.fromkeys(WRITTEN + captions + mixed))


def letters() -> list[str]:
    """A printable character for each byte, in the order of CLIP's vocabulary."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(b) for b in shown] + [chr(256 + i) for i in range(256 - len(shown))]


def whole(path: Path) -> Tokenizer:
    lines = gzip.decompress(path.read_bytes()).decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : NUM_MERGES + 1]]
    single = letters()
    names = [*single, *(one + "</w>" for one in single), *("".join(merge) for merge in merges)]
    names += ["<|startoftext|>", "<|endoftext|>"]
    ids = {name: i for i, name in enumerate(names)}
    return CLIPTokenizer(vocab=ids, merges=merges).backend_tokenizer


def used_part(tokenizer: Tokenizer, wanted: list[str]) -> dict:
    """The tokenizer with the tokens and merges that lead to the ids of `wanted`."""
    state = json.loads(tokenizer.to_str())
    model = state["model"]
    merges = [tuple(merge) if isinstance(merge, list) else tuple(merge.split(" ")) for merge in model["merges"]]
    made_by = {"".join(merge): merge for merge in reversed(merges)}
    kept: set[str] = set()

    def keep(token: str) -> None:
        if token in kept:
            return
        kept.add(token)
        for part in made_by.get(token, ()):
            keep(part)

    for text in wanted:
        for token in tokenizer.encode(text).tokens:
            keep(token)
    single = set(letters())
    kept |= single | {one + "</w>" for one in single}
    model["vocab"] = {token: i for token, i in model["vocab"].items() if token in kept}
    model["merges"] = [list(merge) for merge in merges if "".join(merge) in kept and set(merge) <= kept]
    return state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("vocabulary", type=Path)
    parser.add_argument("--tokenizer", type=Path, help="where to write the whole tokenizer.json")
    arguments = parser.parse_args()
    tokenizer = whole(arguments.vocabulary)
    if arguments.tokenizer:
        arguments.tokenizer.write_text(tokenizer.to_str())
    wanted = texts()
    ids = [tokenizer.encode(text).ids for text in wanted]
    part = used_part(tokenizer, wanted)
    smaller = Tokenizer.from_str(json.dumps(part))
    if [smaller.encode(text).ids for text in wanted] != ids:
        raise SystemExit("the part of the vocabulary gives other ids than the whole")
    source = "vocabulary of openai/clip-vit-base-patch32, MIT, (c) 2021 OpenAI; ids by Hugging Face tokenizers"
    cases = [[text, one] for text, one in zip(wanted, ids)]
    FIXTURE.parent.mkdir(exist_ok=True)
    FIXTURE.write_text(json.dumps({"source": source, "tokenizer": part, "cases": cases}, separators=(",", ":")) + "\n")
    print(f"{len(wanted)} texts, {len(part['model']['vocab'])} tokens, {FIXTURE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
