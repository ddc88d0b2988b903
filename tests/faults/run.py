#!/usr/bin/env python3
"""Runs the fault cases on a real system: `tests/faults/run.py [--full] [--table] [-j N] [F12 F38 …]`.

The quick part takes about a minute; `--full` adds the sweeps over every system call and the large inputs. DEHUSK names the
command; by default it is target/debug/dehusk. Cases that a machine cannot run (no mounts, no strace) are skipped, and say so.
Needs `pip install pyarrow xxhash zstandard`; some cases need root. `tests/faults/run` installs what is missing.
"""
import concurrent.futures, sys, time

import cases
from harness import Place, Skip


def run(number):
    """One case: whether it failed, its row of the table, and how long it took."""
    _, what, _, function = next(c for c in cases.CASES if c[0] == number)
    start = time.monotonic()
    with Place() as place:
        try:
            outcome = function(place) or ""
            failed, outcome = False, "holds" + (f" ({outcome})" if outcome else "")
        except Skip as e:
            failed, outcome = False, f"skipped: {e}"
        except Exception as e:
            failed, outcome = True, f"FAILS: {type(e).__name__}: {e}"
    return failed, (number, what, outcome), time.monotonic() - start


def main(args):
    full, table, jobs = "--full" in args, "--table" in args, 2
    if "-j" in args:
        at = args.index("-j")
        jobs, args = int(args[at + 1]), args[:at] + args[at + 2:]
    wanted = [a for a in args if not a.startswith("--")]
    numbers = sorted(c[0] for c in cases.CASES if (c[0] in wanted if wanted else full or not c[2]))
    failures, rows = 0, []
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        for failed, row, seconds in pool.map(run, numbers):
            failures += failed
            rows.append(row)
            print(f"{row[0]:5} {row[1]:60} {seconds:5.0f} s  {row[2]}", flush=True)
    if table:
        print("\n| case | fault | outcome |\n|---|---|---|")
        for row in rows:
            print("| " + " | ".join(row) + " |")
    print(f"{len(rows)} cases, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
