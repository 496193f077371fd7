"""What the posts say about subjects of a known kind: a file a category in stories/, a list a step, a sentence a line.

  start    how it began, in the past          why   a reason to like it, true today
  trouble  what went wrong then               but   an honest caveat
  turn     what changed it                    tip   advice to a beginner
  end      where that leaves the writer now

A post takes one sentence of a step, so within a category every start must fit every trouble, and so on. The notation is that of
general.py: [a|b] is a choice, {S} the subject, {it} {them} {its} {is} {was} {has} {does} and {v:verb} agree with it, other slots are its pools.
"""

from pathlib import Path

STEPS = ("start", "trouble", "turn", "end", "why", "but", "tip")


def load():
    """{category: {step: [sentences]}}"""
    stories = {}
    for path in sorted((Path(__file__).parent / "stories").glob("*.txt")):
        story = stories[path.stem] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            if line in STEPS:
                lines = story.setdefault(line, [])
            else:
                lines.append(line)
        for step in STEPS:
            assert len(story.get(step, ())) >= 4, f"{path.name}: fewer than four sentences for {step}"
    return stories
