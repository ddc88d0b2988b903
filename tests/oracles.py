#!/usr/bin/env python3
"""Other readers of web archives agree with dehusk: `tests/oracles.py`. DEHUSK names the command.

warcio and FastWARC read what dehusk writes, plain and compressed, and find as many records as it does, with lengths and
digests that are right; and on archives of many members, cut short, or with damaged bytes, dehusk gives up no record that
they find. Needs `pip install warcio fastwarc`.
"""
import base64, gzip, hashlib, io, json, os, random, subprocess, sys, tempfile

from fastwarc.warc import ArchiveIterator as FastIterator, WarcRecordType
from warcio.archiveiterator import ArchiveIterator

DEHUSK = os.environ.get("DEHUSK", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../target/debug/dehusk"))
PAGE = "Subscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n"
HTML = "<html><nav><a href=/>Home</a></nav><p>The ferry left at noon, and nobody on the pier waved.</p><p>Subscribe to our newsletter</p>"


def sha1(block):
    return "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode()


def record(kind, block, number):
    head = (f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
            f"WARC-Date: 2024-05-01T10:00:00Z\r\nWARC-Target-URI: http://a.example/{number}\r\nWARC-Block-Digest: {sha1(block)}\r\n"
            f"Content-Type: {'application/http; msgtype=response' if kind == 'response' else 'text/plain'}\r\nContent-Length: {len(block)}\r\n\r\n")
    return head.encode() + block + b"\r\n\r\n"


def archive(kind, n):
    for i in range(n):
        if kind == "conversion":
            yield record(kind, (PAGE + f"Page {i} says what happened.\n").encode(), i)
        else:
            yield record(kind, f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{HTML}<p>{i}</p>".encode(), i)


def warcio_reads(data):
    """Records that warcio finds, and whether their digests are right."""
    found = []
    try:
        for r in ArchiveIterator(io.BytesIO(data), check_digests=True):
            r.content_stream().read()
            found.append(r.digest_checker.passed is not False)
    except Exception:  # whatever it gives up with
        pass
    return found


def fastwarc_reads(data):
    found = []
    try:
        for r in FastIterator(io.BytesIO(data), record_types=WarcRecordType.any_type, parse_http=False):
            found.append(len(r.reader.read()) == r.content_length)
    except Exception:  # whatever it gives up with
        pass
    return found


def clean(folder):
    run = subprocess.run([DEHUSK, "clean", "in", "-o", "out", "-q"], cwd=folder, capture_output=True, text=True)
    assert run.returncode in (0, 3), run.stderr
    by_path = {}
    for line in open(os.path.join(folder, "out.report/removals.jsonl"), encoding="utf-8"):
        r = json.loads(line)
        by_path.setdefault(r["path"], []).append(r["status"])
    return by_path


def main():
    dice, inputs = random.Random(1), {}
    for kind, ending in (("conversion", "wet"), ("response", "warc")):
        records = list(archive(kind, 40))
        plain, members = b"".join(records), [gzip.compress(r, mtime=0) for r in records]
        packed = b"".join(members)
        inputs[f"plain.{ending}"] = plain
        inputs[f"members.{ending}.gz"] = packed
        inputs[f"one.{ending}.gz"] = gzip.compress(plain, mtime=0)
        for i in range(12):
            inputs[f"cut{i}.{ending}"] = plain[: dice.randrange(len(plain))]
            inputs[f"cut{i}.{ending}.gz"] = packed[: dice.randrange(len(packed))]
            bad = bytearray(plain)
            bad[dice.randrange(len(bad))] ^= 1 << dice.randrange(8)
            inputs[f"flip{i}.{ending}"] = bytes(bad)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "in"))
        for name, data in inputs.items():
            with open(os.path.join(folder, "in", name), "wb") as f:
                f.write(data)
        statuses, wrong = clean(folder), []
        for name, data in inputs.items():
            out_name = name.replace(".warc", ".warc.wet") if ".warc" in name else name
            with open(os.path.join(folder, "out", out_name), "rb") as f:
                out = f.read()
            ours = statuses[out_name]
            good = sum(s in ("cleaned", "unchanged", "emptied", "suspicious", "copied") for s in ours)
            before = [len(warcio_reads(data)), len(fastwarc_reads(data))]
            # A record that is cut short is read by them as far as it goes, and passed through or left out here.
            slack = 1 if name.startswith(("cut", "flip")) else 0
            if good + slack < max(before):
                wrong.append(f"{name}: {good} of our records are sound, warcio and fastwarc find {before}")
            if name.startswith(("plain", "members", "one")):
                after = [warcio_reads(out), fastwarc_reads(out)]
                if [len(a) for a in after] != [good, good] or not all(map(all, after)):
                    wrong.append(f"{out_name}: they read {[len(a) for a in after]} of {good}, or digests are wrong")
    print("\n".join(wrong) or f"{len(inputs)} archives: warcio and fastwarc agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
