"""The programs of the documents. `python docs.py DOCUMENT` runs those that need no engine."""

import re
import sys

from corpus import ROOT

PROGRAM = re.compile(r"^(<!-- engines -->\n)?```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def programs(document: str, *, engines: bool = False) -> list[str]:
    """The Python blocks of a document: those that need engines, or those that need none."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [program for marked, program in PROGRAM.findall(text) if bool(marked) == engines]


if __name__ == "__main__":
    for program in programs(sys.argv[1]):
        exec(program, {})
