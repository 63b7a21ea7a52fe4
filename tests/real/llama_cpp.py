#!/usr/bin/env python3
"""Runs toolloom against a server that no one here wrote: llama.cpp's, with a tiny random model.

    python3 tests/real/llama_cpp.py [SCENARIO...]

The first time it makes a virtual environment in target/real/venv with what requirements.txt names (35 MB, prebuilt; it
needs Linux or macOS, Python 3.10 or newer and a package index). Then it writes the model, starts the server on free
ports of the loopback device, asks it for each form directly, and lets toolloom work through the scenarios below, each a
run of a few tasks. TOOLLOOM names the binary; without it `cargo build` makes a debug build. TASKS is the number of tasks a
scenario, 4 without it.

The model writes noise, except where the server holds it to a grammar. So what a run must show is not rows, but that
every reply is taken as data: the run ends with exit code 0, each task ends kept or rejected with its reason, the funnel
adds up, what was asked and counted is what went over the wire (tap.py), and calls are understood as they were sent.

It prints what it saw, keeps every exchange in target/real/wire/ and exits with 1 if anything failed.
"""

import collections
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "real"
TASKS = int(os.environ.get("TASKS", "4"))
KEY = "sk-of-the-small-server"


def prompted(mode, root):
    """A scenario with calls as text, over an API with few tools so that the grammar can name them."""
    names = " | ".join(f'"canada_holidays_{name}"' for name in ("holidays", "provinces", "root")) + ' | "finish"'
    grammar = f"root ::= {root}\nname ::= {names}\n"
    grammar += r"""object ::= "{" ( "\"year\": 20" [0-9] [0-9] | "\"answer\": \"" [a-z ]{1,20} "\"" )? "}" """
    return {
        "model": {"tool_mode": mode, "extra_body": {"grammar": grammar}},
        "roles": {"solver": "local"},
        "form": "prompted",
        "set": {"crawl.sources": [str(ROOT / "apis" / "canada-holidays.json")], "instruct.api_share_max": 1.0},
    }


# What differs from `pipeline`: the model's fields, who plays what, further keys, and the exit code where it is not 0.
SCENARIOS = {
    # The server's grammar holds the writer to its schema.
    "writer": {"roles": {"writer": "local"}, "form": "enforced"},
    "query_first": {"roles": {"writer": "local"}, "form": "enforced", "set": {"instruct.strategy": "query_first"}},
    "judge": {"roles": {"judge": "local"}, "form": "enforced", "set": {"instruct.strategy": "query_first"}},
    # Any JSON object, or any text: the schema stands in the prompt, and noise is asked for again.
    "json_object": {"model": {"structured": "json_object"}, "roles": {"writer": "local"}, "form": "object"},
    "prompt": {"model": {"structured": "prompt"}, "roles": {"writer": "local"}},
    # The server's own calls, when the model likes, one a turn, and as calls in text.
    "tools": {"roles": {"solver": "local"}, "form": "calls"},
    "required": {"model": {"extra_body": {"tool_choice": "required"}}, "roles": {"solver": "local"}, "form": "calls"},
    "hermes": {"model": {"tool_mode": "hermes"}, "roles": {"solver": "local"}},
    "react": {"model": {"tool_mode": "react"}, "roles": {"solver": "local"}},
    # The same with a grammar that lets the model write nothing but such calls.
    "hermes_calls": prompted("hermes", '"<tool_call>\\n{\\"name\\": \\"" name "\\", \\"arguments\\": " object "}\\n</tool_call>"'),
    "react_calls": prompted("react", '"Thought: " [a-z ]{1,30} "\\nAction: " name "\\nAction Input: " object "\\n"'),
    # Everything at once.
    "all_roles": {"roles": {"writer": "local", "solver": "local", "judge": "local"}},
    # A second server, with a key and little context: conversations outgrow it.
    "outgrown": {
        "small": KEY,
        "roles": {"solver": "local"},
        "form": "too_long",
        "set": {
            "crawl.sources": [str(ROOT / "apis" / "geodb-cities.json")],
            "instruct.api_share_max": 1.0,
            "instruct.distractors_min": 0,
            "instruct.distractors_max": 0,
            "search.max_depth": 12,
            "search.max_nodes": 12,
        },
    },
    # What no request can be answered for ends the run, and says what to do.
    "too_small": {
        "small": KEY,
        "roles": {"solver": "local"},
        "exit": 4,
        "said": "context",
        "set": {"instruct.distractors_min": 12, "instruct.distractors_max": 12},
    },
    "wrong_key": {"small": "sk-another", "roles": {"solver": "local"}, "exit": 4, "said": "TOOLLOOM_REAL_KEY"},
}

# How templates/repair.*.txt begin.
REPAIRS = ("Your tool call cannot be read", "Your reply cannot be used")

failures = []


def expect(is_so, what):
    """Notes what is not as it should be."""
    if not is_so:
        failures.append(what)
        print(f"  FAILED  {what}")


def prepare():
    """Goes on in the virtual environment, which is made if need be."""
    python = WORK / "venv" / "bin" / "python"
    wanted = (HERE / "requirements.txt").read_text()
    mark = WORK / "venv" / "installed.txt"
    if not mark.exists() or mark.read_text() != wanted:
        print("installing llama.cpp's server into target/real/venv", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", WORK / "venv"], check=True)
        command = [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
        subprocess.run([*command, "-r", HERE / "requirements.txt"], check=True)
        mark.write_text(wanted)
    if Path(sys.prefix) != WORK / "venv":
        os.execv(python, [python, __file__, *sys.argv[1:]])


def binary():
    """The binary to test, built if none is named."""
    if path := os.environ.get("TOOLLOOM"):
        return path
    subprocess.run(["cargo", "build", "--locked", "--bin", "toolloom"], cwd=ROOT, check=True)
    return str(ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug" / "toolloom")


class Server:
    """llama.cpp's server, as a process of its own."""

    def __init__(self, model, context, *keys):
        self.log = WORK / f"server-{context}.log"
        command = [sys.executable, HERE / "serve.py", model, str(context), *keys]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        address = self.process.stdout.readline().decode().strip()
        if not address:
            sys.exit(f"the server did not start: see {self.log}")
        self.port = int(address.rsplit(":", 1)[1])

    def stop(self):
        self.process.kill()
        self.process.wait()


def post(port, body):
    """Asks the server directly: (status, reply)."""
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def ask_directly(port):
    """Each form by itself, without toolloom: what fails here is the server's or the model's fault."""
    import jsonschema

    def asked(what, **fields):
        status, reply = post(port, {"model": "tiny", "max_tokens": 400, "seed": 7, "messages": messages, **fields})
        expect(status == 200, f"directly: {what} has status {status}: {reply}")
        return reply.get("choices", [{}])[0].get("message", {})

    print("directly", flush=True)
    messages = [{"role": "user", "content": "Is Rex sold?"}]
    text = asked("chat")
    expect(text.get("content"), "directly: chat gives text")
    print(f"  chat     {text.get('content')!r:.90}")

    fields = {"solved": {"type": "boolean"}, "reason": {"type": "string"}}
    schema = {"type": "object", "properties": fields, "required": [*fields], "additionalProperties": False}
    form = {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": schema}}
    verdict = asked("JSON schema", response_format=form).get("content", "")
    print(f"  schema   {verdict!r:.90}")
    jsonschema.validate(json.loads(verdict), schema)

    parameters = {"type": "object", "properties": {"status": {"enum": ["sold", "free"]}}, "required": ["status"]}
    function = {"name": "pets_find", "description": "Finds pets.", "parameters": parameters}
    called = asked("tools", tools=[{"type": "function", "function": function}], tool_choice="required")
    calls = [call["function"] for call in called.get("tool_calls", [])]
    expect(calls, "directly: a call that is required is made")
    for call in calls[:1]:
        print(f"  tools    {call}")
        expect(call["name"] == "pets_find", "directly: the tool that is called is the one that was offered")
        jsonschema.validate(json.loads(call["arguments"]), parameters)


def pipeline(name, scenario, port):
    """Writes a scenario's pipeline and returns its path and its output."""
    output = WORK / "out" / name
    shutil.rmtree(output, ignore_errors=True)
    local = {"provider": "openai", "base_url": f"http://127.0.0.1:{port}/v1", "model": "tiny", "max_tokens": 250}
    if "small" in scenario:
        local["api_key_env"] = "TOOLLOOM_REAL_KEY"
    plan = {
        "name": name,
        "output": str(output),
        "crawl": {"sources": [f"{ROOT / 'apis'}/"]},
        "models": {"local": local | scenario.get("model", {}), "offline": {"provider": "builtin"}},
        "roles": {"writer": "offline", "solver": "offline", "judge": "offline"} | scenario["roles"],
        "instruct": {"tasks": TASKS, "distractors_max": 3},
        "search": {"max_nodes": 6, "max_depth": 4},
        "limits": {"in_flight": 4},
    }
    for key, value in scenario.get("set", {}).items():
        section, field = key.split(".")
        plan[section][field] = value
    path = WORK / f"{name}.yaml"
    # JSON is YAML.
    path.write_text(json.dumps(plan, indent=1))
    return path, output


def run(toolloom, name, scenario, tap):
    """Previews a task and runs all of a scenario; says what went over the wire and whether it is all accounted for."""
    path, output = pipeline(name, scenario, tap.port)
    environment = os.environ | {"TOOLLOOM_REAL_KEY": scenario.get("small", "")}
    started = time.monotonic()

    def ran(*arguments):
        done = subprocess.run([toolloom, *arguments], env=environment, capture_output=True, text=True)
        (WORK / "out" / f"{name}-{arguments[0]}.txt").write_text(done.stdout + done.stderr)
        expect("panicked" not in done.stderr, f"{name}: {arguments[0]} does not panic: {done.stderr[-500:]}")
        wanted = scenario.get("exit", 0)
        code = done.returncode
        expect(code == wanted, f"{name}: {arguments[0]} ends with {wanted}, not {code}: {done.stderr[-500:]}")
        return done

    print(f"{name}", flush=True)
    preview = ran("preview", "-n", "1", str(path))
    previewed, _ = tap.take()
    done = ran("run", str(path))
    exchanges, connections = tap.take()
    keep(name, previewed + exchanges)
    if scenario.get("exit"):
        said = (done.stderr.strip().splitlines() or [""])[-1]
        print(f"  said     {said}")
        expect(scenario["said"] in said, f"{name}: it is said what to do")
        expect(KEY not in done.stderr and "sk-another" not in done.stderr, f"{name}: the key is not shown")
        return
    seconds = time.monotonic() - started
    funnel_adds_up(name, output)
    counted_is_sent(toolloom, name, path, output, previewed + exchanges)
    again = ran("run", "--offline", str(path))
    expect(not tap.take()[0], f"{name}: the second run asks nothing")
    asked = [line for line in done.stdout.splitlines() if "replies asked" in line]
    differing = set(again.stdout.splitlines()) ^ set(done.stdout.splitlines()) - {*asked}
    expect(not differing, f"{name}: the second run says the same but for what it asked: {sorted(differing)}")
    wire(name, scenario, previewed + exchanges, seconds, connections)
    print("".join(f"  run      {line}\n" for line in asked), end="")
    expect(preview.stdout.strip(), f"{name}: the preview shows something")


def keep(name, exchanges):
    """Writes down what went over the wire."""
    with (WORK / "wire" / f"{name}.jsonl").open("w") as file:
        for exchange in exchanges:
            raw = exchange.raw.decode(errors="replace")
            print(json.dumps({"request": exchange.request, "status": exchange.status, "reply": raw}), file=file)


def funnel_adds_up(name, output):
    """Every task is kept or rejected with a reason."""
    manifest = json.loads((output / "manifest.json").read_text())
    stages = {stage["stage"]: stage for stage in manifest["funnel"]["stages"]}
    for stage in stages.values():
        lost = stage["entered"] - stage["kept"] - sum(stage["dropped"].values())
        expect(lost == 0, f"{name}: {stage['stage']} loses {lost}")
    counts = manifest["counts"]
    expect(counts["rows"] + counts["rejected"] == counts["tasks"] == TASKS, f"{name}: every task has ended: {counts}")
    dropped = {
        f"{stage}.{rule}": count
        for stage in ("instruct", "search", "filter")
        for rule, count in stages[stage]["dropped"].items()
    }
    print(f"  tasks    {counts['rows']} kept, {counts['rejected']} rejected: {dropped}")


def counted_is_sent(toolloom, name, path, output, exchanges):
    """The tokens and calls in the manifest are those that the server counted."""
    spend = json.loads((output / "manifest.json").read_text())["spend"]
    ours = spend["by_model"].get("local", {"calls": 0, "tokens_in": 0, "tokens_out": 0})
    served = [exchange.reply["usage"] for exchange in exchanges if exchange.status == 200]
    theirs = {
        "tokens_in": sum(usage["prompt_tokens"] for usage in served),
        "tokens_out": sum(usage["completion_tokens"] for usage in served),
    }
    expect(ours["calls"] == len(exchanges), f"{name}: {ours['calls']} calls are counted, {len(exchanges)} were made")
    if len(served) == len(exchanges):
        for field, count in theirs.items():
            expect(ours[field] == count, f"{name}: {ours[field]} {field} are counted, the server says {count}")


def wire(name, scenario, exchanges, seconds, connections):
    """Says what went over the wire, and holds it to the scenario's form."""
    statuses = collections.Counter(exchange.status for exchange in exchanges)
    finishes = collections.Counter(exchange.choice().get("finish_reason") for exchange in exchanges)
    calls = sum(len(exchange.choice().get("message", {}).get("tool_calls", [])) for exchange in exchanges)
    print(f"  replies  {len(exchanges)} in {seconds:.1f} s; in the run over {connections} connections")
    repairs = sum(said_last(exchange).startswith(REPAIRS) for exchange in exchanges)
    print(f"  status   {dict(statuses)}; finish {dict(finishes)}; {calls} calls by the server; {repairs} repair questions")
    for exchange in exchanges:
        if exchange.status != 200:
            print(f"  error    {exchange.raw.decode(errors='replace'):.200}")
            break
    form = scenario.get("form")
    expect(exchanges, f"{name}: the server is asked")
    if form != "too_long":
        expect(set(statuses) <= {200}, f"{name}: the server takes every request: {dict(statuses)}")
    if form in ("enforced", "object"):
        structured(name, form, exchanges)
    if form == "calls":
        expect(calls, f"{name}: the server gives calls")
        understood(name, exchanges)
    if form == "prompted":
        results = sum(len(exchange.request["messages"]) > 2 for exchange in exchanges)
        print(f"  calls    {results} requests go on from a call that was read from text")
        expect(results and not repairs, f"{name}: calls are read from text, and none is asked for again")
    if form == "too_long":
        expect(statuses.get(400), f"{name}: the server finds some prompts too long")


def said_last(exchange):
    """What the last message of a request says."""
    return exchange.request["messages"][-1].get("content") or ""


def structured(name, form, exchanges):
    """Counts the replies that meet the schema."""
    import jsonschema

    whole, valid, as_json = 0, 0, 0
    for exchange in exchanges:
        if exchange.choice().get("finish_reason") != "stop":
            continue
        whole += 1
        try:
            value = json.loads(exchange.choice()["message"]["content"])
            as_json += 1
            jsonschema.validate(value, exchange.request["response_format"]["json_schema"]["schema"])
            valid += 1
        except (ValueError, KeyError, jsonschema.ValidationError):
            pass
    print(f"  schema   of {whole} replies that were not cut off, {as_json} are JSON, {valid} meet the schema")
    expect(whole and as_json == whole, f"{name}: every whole reply is JSON")
    if form == "enforced":
        expect(valid == whole, f"{name}: every whole reply meets the schema")


def understood(name, exchanges):
    """Every call that comes back in a conversation is one that the server gave, with the same arguments."""

    def form(call):
        try:
            arguments = json.loads(call["function"]["arguments"])
        except ValueError:
            arguments = {"arguments": call["function"]["arguments"]}
        return call["function"]["name"], json.dumps(arguments, sort_keys=True)

    given = {form(call) for e in exchanges for call in e.choice().get("message", {}).get("tool_calls", [])}
    back = {
        form(call)
        for exchange in exchanges
        for message in exchange.request["messages"]
        for call in message.get("tool_calls", [])
    }
    print(f"  calls    {len(given)} different ones given, {len(back)} of them sent back with a result")
    expect(back, f"{name}: some calls are sent back with their results")
    expect(back <= given, f"{name}: calls come back that nobody made: {sorted(back - given)[:3]}")


def main(wanted):
    prepare()
    unknown = set(wanted) - set(SCENARIOS)
    if unknown:
        sys.exit(f"no such scenario: {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    from tap import Tap
    from tiny_model import write

    toolloom = binary()
    for folder in ("wire", "out"):
        (WORK / folder).mkdir(parents=True, exist_ok=True)
    model = str(WORK / "tiny.gguf")
    write(model, 7)
    servers = [Server(model, 32768), Server(model, 4096, KEY)]
    try:
        large, small = (Tap(server.port) for server in servers)
        ask_directly(servers[0].port)
        for name in wanted or SCENARIOS:
            scenario = SCENARIOS[name]
            run(toolloom, name, scenario, small if "small" in scenario else large)
    finally:
        for server in servers:
            server.stop()
    print(f"{len(failures)} failures" if failures else "everything is as it should be")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main(sys.argv[1:])
