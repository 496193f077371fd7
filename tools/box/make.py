"""The whole recipe: corpus, tokenizer, training, quantizing, evaluation. Stages that are done are skipped; --from does one and the rest again.

    python -m venv venv && venv/bin/pip install -r tools/box/requirements.txt
    venv/bin/python tools/box/make.py --work /tmp/box --workers 2
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAGES = ("corpus", "tokenizer", "train", "export", "evaluate")
DIALOGUES, SEED = 180_000, 1
# Then a shorter course, in which more is said that is true of any subject: without it, what is said of one kind is said of others too.
SECOND_DIALOGUES, SECOND_SEED, SECOND_STEPS, SECOND_RATE, GENERAL = 32_000, 2, 650, 0.5, 0.25
FRESH, FRESH_SEED = 1_500, 9


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", required=True, help="a directory for what is not committed")
    parser.add_argument("--model", default=str(HERE.parents[1] / "models" / "bombus-post-4bit"))
    parser.add_argument("--from", dest="start", choices=STAGES, default="corpus", help="do this stage and those after it again")
    parser.add_argument("--workers", default="1")
    parser.add_argument("--bombus", help="the program that evaluation generates with, in place of mlx-lm, which is slower")
    args = parser.parse_args()
    work = Path(args.work)
    work.mkdir(parents=True, exist_ok=True)
    text, second_text, fresh = work / "corpus.jsonl", work / "second.jsonl", work / "valid.jsonl"
    tokenizer, run, second_run = work / "tokenizer", work / "run", work / "second"

    def script(name, *rest, output=None):
        command = [sys.executable, str(HERE / name), *map(str, rest)]
        print("+", " ".join(command), flush=True)
        subprocess.run(command, check=True, stdout=output)

    def wanted(stage, product):
        return STAGES.index(stage) >= STAGES.index(args.start) and (args.start != "corpus" or not product.exists())

    if wanted("corpus", text):
        script("corpus.py", "--count", DIALOGUES, "--seed", SEED, "--out", text)
        script("corpus.py", "--count", SECOND_DIALOGUES, "--seed", SECOND_SEED, "--general", GENERAL, "--out", second_text)
        script("corpus.py", "--count", FRESH, "--seed", FRESH_SEED, "--general", GENERAL, "--out", fresh)
    if wanted("tokenizer", tokenizer / "tokenizer.json"):
        script("make_tokenizer.py", "--corpus", text, "--out", tokenizer)
    for out, corpus, options in (
        (run, text, ()),
        (second_run, second_text, ("--begin", run / "checkpoint.pt", "--steps", SECOND_STEPS, "--rate", SECOND_RATE)),
    ):
        if wanted("train", out / "done"):
            (out / "rows.npz").unlink(missing_ok=True)
            script("train.py", "--corpus", corpus, "--valid", fresh, "--tokenizer", tokenizer, "--out", out, "--workers", args.workers, *options)
            (out / "done").touch()
    script("export.py", "--checkpoint", second_run / "checkpoint.pt", "--tokenizer", tokenizer, "--float", work / "float", "--out", args.model)
    with open(work / "report.md", "w", encoding="utf-8") as report:
        script("evaluate.py", "--model", args.model, "--corpus", text, second_text, "--valid", fresh, *(("--bombus", args.bombus) if args.bombus else ()), output=report)
    print(work / "report.md")


if __name__ == "__main__":
    main()
