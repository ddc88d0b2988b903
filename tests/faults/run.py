#!/usr/bin/env python3
"""Runs the fault cases on a real system: `tests/faults/run.py [--full] [--table] [F12 F38 …]`.

The quick part takes some minutes; `--full` adds the sweeps over every system call. DEHUSK names the command; by default it
is target/debug/dehusk. Cases that a machine cannot run (no mounts, no strace) are skipped, and say so. Needs
`pip install xxhash`; some cases need root.
"""
import sys

import cases
from harness import Place, Skip


def main(args):
    full, table = "--full" in args, "--table" in args
    wanted = [a for a in args if not a.startswith("--")]
    failed, rows = 0, []
    for number, what, only_full, function in sorted(cases.CASES, key=lambda c: c[0]):
        if wanted and number not in wanted or only_full and not (full or wanted):
            continue
        with Place() as place:
            try:
                outcome = function(place) or ""
                outcome = "holds" + (f" ({outcome})" if outcome else "")
            except Skip as e:
                outcome = f"skipped: {e}"
            except Exception as e:
                failed += 1
                outcome = f"FAILS: {type(e).__name__}: {e}"
        rows.append((number, what, outcome))
        print(f"{number:5} {what:60} {outcome}", flush=True)
    if table:
        print("\n| case | fault | outcome |\n|---|---|---|")
        for row in rows:
            print("| " + " | ".join(row) + " |")
    print(f"{len(rows)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
