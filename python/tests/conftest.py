"""What the command makes of the corpus."""

import json

import pytest
from corpus import Case, command, texts


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    """What the command makes of the corpus, in its order."""
    folder = tmp_path_factory.mktemp("corpus")
    given = {f"{name}.txt": text for name, text in texts().items()}
    (folder / "in").mkdir()
    for name, text in given.items():
        (folder / "in" / name).write_bytes(text.encode())
    command("clean", folder / "in", "-o", folder / "out", "--format", "text", "--isolated")
    lines = (folder / "out.report/removals.jsonl").read_text(encoding="utf-8").splitlines()
    made = {
        (path := json.loads(line)["path"]): Case(path, given[path], (folder / "out" / path).read_bytes().decode(), line)
        for line in lines
    }
    assert made.keys() == given.keys()
    assert sum(c.body != c.text for c in made.values()) > 300
    return list(made.values())
