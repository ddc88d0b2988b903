"""The corpus that every way to dehusk must clean alike, and the command."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

ODD = {
    "empty": "",
    "space": " \n\t\n",
    "crlf": "Skip to content\r\n\r\nThe ferry left at noon, and nobody on the pier waved.\r\n\r\nShare this article\r\n",
    "no-end": "The ferry left at noon, and nobody on the pier waved.\n\nSubscribe to our newsletter",
    "wide": "📰 Subscribe to our newsletter 📰\n\nDie Fähre lief um zwölf aus 🚢, und niemand am Pier winkte.\n\n© 2024 Hafenpost. Alle Rechte vorbehalten.\n",
    "long": "The ferry left at noon, and nobody on the pier waved, since it was raining again.\n" * 3000,
    "chrome": "Accept all cookies\nSkip to content\nSubscribe to our newsletter\n",
    "unchanged": "Nothing here is anything but a sentence about a boat that was late.\n",
}


def texts() -> dict[str, str]:
    """Texts by name: the cases of the project's tests, its sample, and oddities."""
    found = {}
    for path in sorted((ROOT / "tests/cases").rglob("*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        # A case marks what goes with "- " and what stays with two spaces.
        found["-".join(path.relative_to(ROOT / "tests/cases").with_suffix("").parts)] = "".join(
            line[2:] if line[:2] in ("- ", "  ") else line for line in lines if not line.startswith("#")
        )
    for path in sorted((ROOT / "tests/sample").rglob("*.txt")):
        try:
            found[f"sample-{path.stem}"] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
    return found | ODD


@dataclass(frozen=True)
class Case:
    """A text, and what the command makes of it."""

    name: str
    text: str
    body: str
    line: str

    @property
    def record(self) -> dict:
        return json.loads(self.line)


def command(*arguments: object, **options: object) -> subprocess.CompletedProcess:
    """Runs the command that the wheel brought."""
    dehusk = Path(sys.executable).with_name("dehusk")
    return subprocess.run([dehusk, *map(str, arguments)], capture_output=True, check=True, **options)


def as_record(row: dict, case: Case) -> dict:
    """A row of a report column as the record of `removals.jsonl` that it stands for."""
    added = {"path": case.name, "record": None, "url": None}
    left_out = ("words", "removed_word_ratio", "categories")
    record = {key: value for key, value in row.items() if key not in left_out} | added
    return drop_empty(record)


def drop_empty(record: dict) -> dict:
    """A record without the fields that stand for nothing."""
    thin = {k: v for k, v in record.items() if v is not None and not (k == "withheld" and not v)}
    for key in ("removed", "withheld"):
        if key in thin:
            thin[key] = [{k: v for k, v in dict(piece).items() if v is not None} for piece in thin[key]]
    return thin
