"""What the fault cases share: inputs, the command, a place to work in, and what must hold after every fault."""
import base64, hashlib, json, os, re, shutil, subprocess, sys, tempfile

import xxhash

HERE = os.path.dirname(os.path.abspath(__file__))
DEHUSK = os.environ.get("DEHUSK", os.path.join(HERE, "../../target/debug/dehusk"))
PAGE = ("Subscribe to our newsletter\n\nThe ferry left at noon, and nobody on the pier waved.\n\n"
        "It came back at dusk with two passengers fewer than it had left with.\n")
PROSE = "Paragraph says what happened that day on the pier before the ferry came. " * 40
# Without the learned weights a run starts faster; faults do not care.
FAST = ["--no-model", "-q"]


class Skip(Exception):
    """The machine cannot do this."""


class Place:
    """A folder to work in, gone at the end."""

    def __init__(self, where=None):
        self.dir = tempfile.mkdtemp(prefix="dehusk-fault-", dir=where)
        os.chmod(self.dir, 0o777)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", os.path.join(self.dir, "o")], capture_output=True)
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, data):
        path = self.path(name) if isinstance(name, str) else os.path.join(os.fsencode(self.dir), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data.encode() if isinstance(data, str) else data)
        return self

    def sh(self, script, timeout=120, **more):
        """Runs a script; `$D` is the command."""
        env = dict(os.environ, D=DEHUSK, NO_COLOR="1", XDG_CONFIG_HOME="/nonexistent", LC_ALL="C.UTF-8")
        run = subprocess.run(["bash", "-c", script], cwd=self.dir, env=env, capture_output=True, timeout=timeout, **more)
        return Ended(run.returncode, run.stdout, run.stderr)

    def run(self, *args, timeout=120, **more):
        env = dict(os.environ, NO_COLOR="1", XDG_CONFIG_HOME="/nonexistent")
        run = subprocess.run([DEHUSK, *args], cwd=self.dir, env=env, capture_output=True, timeout=timeout, **more)
        return Ended(run.returncode, run.stdout, run.stderr)

    def inputs(self, files=6, stream=True):
        """Some pages, and files of records that are several parts long."""
        for i in range(files):
            self.write(f"in/{i:03}.txt", PAGE + PROSE + f"{i}\n")
        if stream:
            # Long for its parts, and quick to clean: most of it is in a field that is not looked at.
            lines = "".join(json.dumps({"id": i, "text": f"{PAGE}{i}\n", "more": PROSE * 3}) + "\n" for i in range(260))
            self.write("in/records.jsonl", lines)
            subprocess.run(["gzip", "-n", "-k", "-1", self.path("in/records.jsonl")], check=True)
        return self

    def tables(self, rows=240):
        """Tables of several row groups, with a long column besides that of the texts."""
        import pyarrow as pa
        import pyarrow.parquet as pq
        os.makedirs(self.path("in"), exist_ok=True)
        pages = [f"{PAGE}{i}\n" if i % 7 else None for i in range(rows)]
        table = pa.table({"id": range(rows), "text": pages, "more": [f"{PROSE}{i}" for i in range(rows)]})
        pq.write_table(table, self.path("in/pages.parquet"), row_group_size=rows // 3, use_dictionary=False, compression="none")
        pq.write_table(table, self.path("in/small.parquet"), row_group_size=rows // 2, compression="zstd", write_page_index=True)
        return self


class Ended:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err.decode("utf-8", "surrogateescape")
        bad = [c for c in self.err if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000]
        # What a shell says is its own.
        assert not bad, f"raw control characters in messages: {self.err!r}"

    def was(self, *codes, said=""):
        assert self.code in codes, f"exit {self.code}, not {codes}: {self.err[-400:]}"
        assert said in self.err, f"{said!r} is not in {self.err[-400:]!r}"
        return self


def tree(root):
    """Every file below a folder with a hash of its content; the journal too, and nothing that is hidden."""
    found = {}
    for folder, _, names in os.walk(os.fsencode(root)):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, os.fsencode(root))] = hashlib.sha256(f.read()).hexdigest()
    return found


def both(place, out="o/out"):
    """Output and report."""
    return tree(place.path(out)), tree(place.path(out + ".report"))


def journal(place, out):
    """The lines of the journal that can be believed."""
    lines, whole = [], []
    try:
        with open(place.path(out + ".report", "journal.jsonl"), "rb") as f:
            lines = f.read().split(b"\n")
    except FileNotFoundError:
        return whole
    for line in lines[:-1]:
        open_, _, check = line.rpartition(b',"check":"')
        if check != b"xxh3:" + xxhash.xxh3_64_hexdigest(open_).encode() + b'"}':
            break
        whole.append(json.loads(open_ + b"}"))
    return whole[1:]


def name(path):
    return path if isinstance(path, str) else os.fsdecode(base64.b64decode(path["bytes"]))


def sound(place, out="o/out", inputs="in"):
    """What must hold of a stopped run: everything that the journal vouches for is there and comes back, and nothing has a
    finished file's name without being whole."""
    vouched = {}
    for line in journal(place, out):
        if line.get("part") is None and line["out"]:
            vouched[name(line.get("to", line["path"]))] = line["out"]
    for path, (length, seal) in vouched.items():
        with open(place.path(out, path), "rb") as f:
            body = f.read()
        assert len(body) == length and "xxh3:" + xxhash.xxh3_64_hexdigest(body) == seal, f"{path} is not what was vouched for"
    reference = getattr(place, "reference", None)
    if reference:
        for path, seal in tree(place.path(out)).items():
            hidden = os.path.basename(path).startswith((b".dehusk-tmp.", b".dehusk-part."))
            assert hidden or reference[0].get(path) == seal, f"{path} has its name and is not whole"
    return vouched


def resumed(place, out="o/out", inputs="in", args=(), vouch=True):
    """The run goes on without the fault, and the result is that of a run that was never stopped."""
    if vouch:
        sound(place, out, inputs)
    place.run("clean", inputs, "-o", out, "--resume", *FAST, *args).was(0)
    now = both(place, out)
    for what, before, after in zip(("output", "report"), place.reference, now):
        differ = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
        assert not differ, f"the resumed {what} differs in {sorted(differ)}"


def reference(place, inputs="in", args=()):
    """What a run gives that nothing stops."""
    place.run("clean", inputs, "-o", "ref/out", *FAST, *args).was(0, 3)
    place.reference = both(place, "ref/out")
    shutil.rmtree(place.path("ref"))


def need(program):
    if not shutil.which(program):
        raise Skip(f"{program} is not installed")


def need_mount():
    probe = subprocess.run(["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], capture_output=True)
    if probe.returncode:
        raise Skip("no file system can be mounted here")


def need_strace():
    need("strace")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode:
        raise Skip("strace may not trace here")


def inject(place, what, args, trace=None, j=1, only=None):
    """A run with faults injected into system calls, or into those on one file; `injected` says whether any was."""
    trace, seen = trace or what.split(":")[0], place.path("trace")
    these = ["-P", place.path(only)] if only else []
    command = ["strace", "-f", "-qq", "-o", seen, *these, "-e", f"trace={trace}", "-e", f"inject={what}", DEHUSK, *args]
    env = dict(os.environ, NO_COLOR="1", XDG_CONFIG_HOME="/nonexistent")
    run = subprocess.run(command + [f"-j{j}"], cwd=place.dir, env=env, capture_output=True, timeout=300)
    ended = Ended(run.returncode, run.stdout, run.stderr)
    with open(seen, errors="replace") as f:
        ended.injected = "INJECTED" in f.read() or run.returncode == -9
    return ended


def peak(args, place, block=b"", size=0):
    """Runs the command, with so many bytes on standard input; returns the most memory that it held, in MiB."""
    # A process counts the memory of the one that it was split from as its own: the one between has little.
    ask = ("import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr); sys.exit(code)")
    run = subprocess.Popen([sys.executable, "-c", ask, DEHUSK, *args], cwd=place.dir, stdin=subprocess.PIPE,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    for _ in range(0, size, len(block) or 1):
        run.stdin.write(block)
    run.stdin.close()
    said = run.stderr.read().decode()
    assert run.wait() == 0, said
    return int(said)


def again(place, out="o"):
    shutil.rmtree(place.path(out), ignore_errors=True)
    os.makedirs(place.path(out), exist_ok=True)


def records(place, out="o/out"):
    with open(place.path(out + ".report", "removals.jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def verify(place, out="o/out", inputs="in"):
    folders = [place.path(out)] + ([place.path(inputs)] if inputs else [])
    run = subprocess.run([sys.executable, os.path.join(HERE, "../verify_report.py"), *folders],
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-500:] + run.stderr[-500:]
