"""The programs of the documents."""

import re

from corpus import ROOT

PROGRAM = re.compile(r"^(<!-- engines -->\n)?```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def programs(document: str, *, engines: bool = False) -> list[str]:
    """The Python blocks of a document: those that need engines, or those that need none."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [program for marked, program in PROGRAM.findall(text) if bool(marked) == engines]
