"""Runs of many tasks: how memory, processor time and the journal grow with them, and what a changed threshold costs.

    cargo build --release
    python3 benches/runs/tasks.py                     # 1,000, 5,000 and 20,000 tasks
    python3 benches/runs/tasks.py 5000 100000         # others; 100,000 take some twenty minutes on two cores

Runs the default pipeline, with the built-in model, from nothing; then once more on the finished run with another threshold under
`filter`. Prints for each count: wall and CPU seconds, CPU milliseconds a task, peak memory, kept rows, bytes of the journal a task,
and the second run's CPU as a share of the first's. Exits with 1 where a limit is broken: the largest run's memory is at most 450 MiB
and 1.3 times that of the 5,000 (or the smallest), its CPU a task at most 1.1 times, the journal at most 4,096 bytes a task, and a second
run over 20,000 tasks or more a quarter.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEAK_MIB, PEAK_GROWTH, CPU_GROWTH, JOURNAL_BYTES, SECOND_SHARE = 450.0, 1.3, 1.1, 4096.0, 0.25


def run(program, folder, *sets):
    """Runs the pipeline in a process of its own; returns wall seconds, CPU seconds and peak MiB."""
    words = [str(program), "run", "--quiet", "--set", f"output={folder}"]
    for text in sets:
        words += ["--set", text]
    begun = time.monotonic()
    child = subprocess.Popen(words, cwd=ROOT)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(words)} ended with {child.returncode}")
    return time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def measure(program, count, work):
    folder = work / str(count)
    tasks = f"instruct.tasks={count}"
    wall, cpu, peak = run(program, folder, tasks)
    manifest = json.loads((folder / "manifest.json").read_text())
    journal = (folder / "journal.redb").stat().st_size
    second_wall, second_cpu, second_peak = run(program, folder, tasks, "filter.hard_from=0.55")
    shutil.rmtree(folder)
    return {
        "tasks": count, "wall_s": wall, "cpu_s": cpu, "cpu_ms_a_task": 1000 * cpu / count, "peak_mib": peak,
        "rows": manifest["counts"]["rows"], "journal_a_task": journal / count,
        "second_wall_s": second_wall, "second_cpu_s": second_cpu, "second_share": second_cpu / cpu,
        "second_peak_mib": second_peak,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tasks", nargs="*", type=int, default=[1000, 5000, 20000])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "target" / "release" / "toolloom")
    arguments = parser.parse_args()
    found = []
    names = None
    with tempfile.TemporaryDirectory() as work:
        for count in sorted(arguments.tasks):
            one = measure(arguments.program, count, pathlib.Path(work))
            found.append(one)
            if names is None:
                names = list(one)
                print(" ".join(f"{name:>15}" for name in names))
            print(" ".join(f"{one[name]:15.2f}" if isinstance(one[name], float) else f"{one[name]:15}" for name in names), flush=True)
    last, base = found[-1], next((one for one in found if one["tasks"] == 5000), found[0])
    faults = [
        text
        for is_broken, text in [
            (last["peak_mib"] > PEAK_MIB, f"the largest run took {last['peak_mib']:.0f} MiB"),
            (last["peak_mib"] > PEAK_GROWTH * base["peak_mib"], f"memory grew from {base['peak_mib']:.0f} to {last['peak_mib']:.0f} MiB"),
            (last["cpu_ms_a_task"] > CPU_GROWTH * base["cpu_ms_a_task"], "CPU a task grew"),
            (last["journal_a_task"] > JOURNAL_BYTES, f"the journal takes {last['journal_a_task']:.0f} bytes a task"),
            (last["tasks"] >= 20000 and last["second_share"] > SECOND_SHARE, f"the second run took {last['second_share']:.2f} of the first"),
        ]
        if is_broken
    ]
    for fault in faults:
        print(f"limit broken: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
