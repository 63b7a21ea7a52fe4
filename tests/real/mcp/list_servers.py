#!/usr/bin/env python3
"""Lists the official reference servers of MCP through toolloom, over standard input and output and streamable HTTP.

    python3 tests/real/mcp/list_servers.py [SERVER...]

Installs the servers from npm (with `npm`) and PyPI (with `venv` and `pip`) into target/real/mcp, or into the folder that
MCP_SERVERS names. Each is first asked by this script, with a client of its own in a few lines of plain JSON, and then by
toolloom (`run --until crawl`): the same number of tools, each kept or dropped with a reason, and the same catalog when it is
asked again. `everything` is asked over streamable HTTP too, on a free port of the loopback device, and all of them at once
in one pipeline. TOOLLOOM names the binary; without it `cargo build` makes a debug build.

It prints a line for each server and its tools, and exits with 1 if anything failed. Python's standard library is all
that it needs.
"""

import json
import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WORK = Path(os.environ.get("MCP_SERVERS", ROOT / "target" / "real" / "mcp"))
NPM = {
    "filesystem": "2026.8.31",
    "everything": "2026.8.31",
    "memory": "2026.8.31",
    "sequential-thinking": "2026.8.31",
}
PYPI = {"time": "2026.10.19", "git": "2026.10.19", "fetch": "2026.10.24"}
WAIT_S = 60


def install():
    """Installs what is not there yet."""
    npm, pip = WORK / "npm", WORK / "pip"
    if not (npm / "node_modules").is_dir():
        npm.mkdir(parents=True, exist_ok=True)
        packages = [f"@modelcontextprotocol/server-{name}@{version}" for name, version in NPM.items()]
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", npm, *packages], check=True, cwd=npm)
    if not (pip / "bin" / "pip").exists():
        subprocess.run([sys.executable, "-m", "venv", pip], check=True)
        packages = [f"mcp-server-{name}=={version}" for name, version in PYPI.items()]
        subprocess.run([pip / "bin" / "pip", "install", "-q", *packages], check=True)


def commands():
    """Returns how each server is started."""
    folder = WORK / "files"
    folder.mkdir(parents=True, exist_ok=True)
    bins = WORK / "npm" / "node_modules" / ".bin"
    found = {name: [str(bins / f"mcp-server-{name}")] for name in NPM}
    found["filesystem"].append(str(folder))
    found |= {name: [str(WORK / "pip" / "bin" / f"mcp-server-{name}")] for name in PYPI}
    return found


def listed(command):
    """Asks a server for its tools in plain JSON, page by page."""
    program = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    lines = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in program.stdout], daemon=True).start()

    def ask(number, method, params):
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        program.stdin.write(json.dumps(message) + "\n")
        program.stdin.flush()
        while True:
            try:
                answer = json.loads(lines.get(timeout=WAIT_S))
            except json.JSONDecodeError:
                continue
            if isinstance(answer, dict) and answer.get("id") == number and "method" not in answer:
                return answer["result"]

    try:
        client = {"name": "list_servers", "version": "1"}
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
        info = ask(1, "initialize", hello)["serverInfo"]
        program.stdin.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
        tools, cursor, number = [], None, 2
        while True:
            page = ask(number, "tools/list", {"cursor": cursor} if cursor else {})
            tools += page["tools"]
            cursor, number = page.get("nextCursor"), number + 1
            if not cursor:
                return info, tools
    finally:
        program.kill()
        program.wait()


def crawl(binary, name, sources):
    """Crawls sources; returns kept, dropped, the bytes of the catalog and the seconds it took."""
    folder = WORK / "runs" / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("out/*"):
        old.unlink()
    pipeline = {"name": name, "output": "out", "crawl": {"sources": sources}}
    (folder / "pipeline.yaml").write_text(json.dumps(pipeline))
    began = time.monotonic()
    run = subprocess.run(
        [binary, "run", folder / "pipeline.yaml", "--until", "crawl"], capture_output=True, text=True
    )
    took = time.monotonic() - began
    said = run.stdout + run.stderr
    counts = re.search(r"(\d+) kept, (\d+) dropped", said)
    if run.returncode != 0 or not counts:
        raise RuntimeError(f"exit code {run.returncode}: {said}")
    return int(counts[1]), int(counts[2]), (folder / "out" / "catalog.parquet").read_bytes(), took


def check(binary, name, source, tools):
    """Crawls one server twice and holds the first against what it lists, the second against the first."""
    kept, dropped, catalog, took = crawl(binary, name, [source])
    faults = []
    if kept + dropped != len(tools):
        faults.append(f"{kept} kept and {dropped} dropped are not {len(tools)}")
    if crawl(binary, name, [source])[2] != catalog:
        faults.append("another catalog when it was asked again")
    schemas = sum("outputSchema" in tool for tool in tools)
    hints = sum(bool(tool.get("annotations")) for tool in tools)
    print(f"{name:24} {len(tools):>5} {kept:>5} {dropped:>7} {schemas:>14} {hints:>11} {took:>7.1f}")
    for fault in faults:
        print(f"FAILED {name}: {fault}")
    return not faults


def over_http(binary, command):
    """Starts `everything` for streamable HTTP and lists it there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [*command, "streamableHttp"],
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(WAIT_S * 10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        source = {"mcp": {"url": f"http://127.0.0.1:{port}/mcp"}}
        return check(binary, "everything-http", source, listed(command)[1])
    finally:
        server.kill()
        server.wait()


def main():
    install()
    binary = os.environ.get("TOOLLOOM")
    if not binary:
        subprocess.run(["cargo", "build", "--locked"], check=True, cwd=ROOT)
        binary = ROOT / "target" / "debug" / "toolloom"
    binary = Path(binary).resolve()
    servers = commands()
    wanted = sys.argv[1:] or list(servers)
    is_good, names = True, {}
    print(f"{'server':24} {'tools':>5} {'kept':>5} {'dropped':>7} {'output schemas':>14} {'annotations':>11} {'seconds':>7}")
    for name in wanted:
        info, tools = listed(servers[name])
        names[f"{name} ({info['name']} {info['version']})"] = [tool["name"] for tool in tools]
        is_good &= check(binary, name, {"mcp": {"name": name, "command": servers[name]}}, tools)
    if "everything" in wanted:
        is_good &= over_http(binary, servers["everything"])
    sources = [{"mcp": {"name": name, "command": servers[name]}} for name in wanted]
    kept, dropped, _, took = crawl(binary, "all", sources)
    print(f"{'all at once':24} {kept + dropped:>5} {kept:>5} {dropped:>7} {'':>14} {'':>11} {took:>7.1f}\n")
    for server, tools in names.items():
        print(f"{server}: {', '.join(tools)}")
    print("all is as it should be" if is_good else "FAILED")
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
