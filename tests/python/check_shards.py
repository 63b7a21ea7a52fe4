"""Reads a run's folder independently of toolloom and checks every promise that its rows make.

    python tests/python/check_shards.py output/quickstart

Needs pyarrow and jsonschema, nothing else. Prints counts; exits with 1 where anything is wrong.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

S, I, L, D = pa.string(), pa.int32(), pa.int64(), pa.float64()
FUNCTION = pa.struct([pa.field("name", S, False), pa.field("arguments", S, False)])
CALL = pa.struct([pa.field("id", S, False), pa.field("type", S, False), pa.field("function", FUNCTION, False)])
MESSAGE = pa.struct([
    pa.field("role", S, False), pa.field("content", S, False), pa.field("parts", S), pa.field("reasoning", S),
    pa.field("tool_calls", pa.list_(pa.field("item", CALL, False))),
    pa.field("tool_call_id", S), pa.field("name", S), pa.field("loss", pa.bool_(), False),
])
DATA = pa.schema([
    *[pa.field(n, S, False) for n in ("id", "group_id", "split", "instruction")],
    pa.field("messages", pa.list_(pa.field("item", MESSAGE, False)), False),
    *[pa.field(n, S, False) for n in ("tools", "answer", "scenario", "decision", "lang")],
    pa.field("apis", pa.list_(pa.field("item", S, False)), False),
    *[pa.field(n, I, False) for n in ("n_calls", "n_tools", "depth", "width", "n_errors", "est_tokens")],
    pa.field("quality", D, False), pa.field("scores", S, False), pa.field("difficulty", D, False),
    pa.field("level", S, False), pa.field("verified", S, False),
    *[pa.field(n, S) for n in ("reference_calls", "reference_facts", "reference_state")],
    pa.field("world", S, False), pa.field("strategy", S, False),
    pa.field("llm_calls", I, False), pa.field("tool_calls", I, False),
    pa.field("tokens_in", L, False), pa.field("tokens_out", L, False),
    pa.field("cost_usd", D), pa.field("provenance", S, False),
])
REJECTED = pa.schema([*DATA, *[pa.field(n, S, False) for n in ("stage", "rule", "reason")]])
JSON_COLUMNS = ("tools", "scores", "reference_calls", "reference_facts", "reference_state", "world", "provenance")
NAME = re.compile(r"^[a-z][a-z0-9_]{0,63}$")


class Checks:
    """Collects faults; a check never stops at the first."""

    def __init__(self):
        self.faults = []
        self.validators = {}

    def that(self, holds, where, what):
        if not holds:
            self.faults.append(f"{where}: {what}")
        return holds

    def validator(self, where, schema):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            try:
                Draft202012Validator.check_schema(schema)
            except SchemaError as error:
                self.that(False, where, f"a tool's parameters are no JSON Schema: {error.message}")
            self.validators[key] = Draft202012Validator(schema)
        return self.validators[key]


def check_conversation(check, where, row, tools):
    """The roles alternate, calls are answered in order, and every call fits its own tool's schema."""
    messages = row["messages"]
    roles = [m["role"] for m in messages]
    start = 1 if roles[:1] == ["system"] else 0
    if not check.that(roles[start:start + 1] == ["user"], where, f"begins with {roles[:2]}"):
        return 0
    check.that(roles.count("user") == 1, where, "more than one user message")
    check.that(messages[start]["content"] == row["instruction"], where, "the user message is not the instruction")
    seen, calls, at = set(), 0, start + 1
    while at < len(messages):
        turn = messages[at]
        if not check.that(turn["role"] == "assistant", where, f"message {at} is {turn['role']}, not assistant"):
            return calls
        asked = turn["tool_calls"] or []
        at += 1
        if not asked:
            check.that(at == len(messages), where, f"message {at - 1} answers before the end")
            check.that(turn["content"] == row["answer"] != "", where, "the last message is not the answer")
            check.that(turn["loss"], where, "the answer is not to be learned")
            break
        for call in asked:
            calls += 1
            check_call(check, where, call, tools)
            check.that(call["id"] not in seen, where, f"call id {call['id']} twice")
            seen.add(call["id"])
        for call in asked:
            result = messages[at] if at < len(messages) else {"role": None}
            if not check.that(result["role"] == "tool" and result["tool_call_id"] == call["id"], where,
                              f"call {call['id']} is not answered in its place"):
                return calls
            check.that(result["name"] == call["function"]["name"], where, f"{call['id']} is answered by another tool")
            at += 1
    else:
        check.that(False, where, "ends without an answer")
    for m in messages:
        check.that(m["role"] == "assistant" or not (m["loss"] or m["tool_calls"]), where, f"{m['role']} with loss or calls")
        check.that((m["role"] == "tool") == (m["tool_call_id"] is not None), where, f"{m['role']} and its tool_call_id")
    return calls


def check_call(check, where, call, tools):
    name = call["function"]["name"]
    if not check.that(name in tools, where, f"{name} is not offered"):
        return
    try:
        arguments = json.loads(call["function"]["arguments"])
    except ValueError as error:
        check.that(False, where, f"arguments of {name} are no JSON: {error}")
        return
    if check.that(isinstance(arguments, dict), where, f"arguments of {name} are {type(arguments).__name__}"):
        error = next(check.validator(where, tools[name]).iter_errors(arguments), None)
        check.that(error is None, where, f"{name} {arguments}: {error.message if error else ''}")


def check_row(check, where, row, catalog):
    for column in JSON_COLUMNS:
        if row[column] is not None:
            try:
                json.loads(row[column])
            except ValueError as error:
                check.that(False, where, f"{column} is no JSON: {error}")
                return
    tools = {}
    for tool in json.loads(row["tools"]):
        function = tool["function"]
        check.that(tool["type"] == "function" and NAME.match(function["name"]), where, f"a tool named {function['name']!r}")
        check.that(function["name"] not in tools, where, f"{function['name']} is offered twice")
        tools[function["name"]] = function["parameters"]
        check.that(catalog.get(function["name"]) == function["parameters"], where,
                   f"{function['name']} is not in the catalog as it is offered")
    calls = check_conversation(check, where, row, tools)
    called = [c["function"]["name"] for m in row["messages"] for c in m["tool_calls"] or []]
    widths = [len(m["tool_calls"] or []) for m in row["messages"]]
    check.that(row["n_calls"] == calls == len(called), where, f"n_calls is {row['n_calls']}, there are {len(called)}")
    check.that(row["n_tools"] == len(set(called)), where, f"n_tools is {row['n_tools']}, there are {len(set(called))}")
    check.that(row["width"] == max(widths), where, f"width is {row['width']}, it is {max(widths)}")
    check.that(row["decision"] == "call", where, f"decision {row['decision']}")
    check.that(row["level"] in ("easy", "medium", "hard"), where, f"level {row['level']}")
    check.that(row["verified"] in ("state", "facts", "judge", "none"), where, f"verified {row['verified']}")
    for column in ("quality", "difficulty"):
        check.that(0 <= row[column] <= 1, where, f"{column} is {row[column]}")


def check_funnel(check, manifest, counts):
    """What goes into a stage is kept or dropped, and goes into the next; the tables hold as many rows."""
    stages = {s["stage"]: s for s in manifest["funnel"]["stages"]}
    for name, s in stages.items():
        dropped = sum(s["dropped"].values())
        check.that(s["entered"] == s["kept"] + dropped, "funnel", f"{name}: {s['entered']} in, {s['kept']} kept, {dropped} dropped")
    for before, after in (("instruct", "search"), ("search", "filter"), ("filter", "shard")):
        check.that(stages[before]["passed"] == stages[after]["entered"], "funnel", f"{before} and {after} do not meet")
    check.that(stages["shard"]["kept"] == counts["rows"] == manifest["counts"]["rows"], "funnel", "data/ has another number of rows")
    check.that(stages["crawl"]["kept"] == counts["tools"], "funnel", "catalog.parquet has another number of tools")
    check.that(sum(stages["crawl"]["dropped"].values()) == counts["tools_dropped"], "funnel", "catalog.parquet: dropped")
    check.that(stages["instruct"]["entered"] == counts["tasks"], "funnel", "tasks.parquet has another number of tasks")
    check.that(counts["rejected"] == manifest["counts"]["rejected"], "funnel", "rejected/ has another number of rows")
    for name in ("search", "filter", "shard"):
        for rule, count in stages[name]["dropped"].items():
            there = counts["reasons"][(name, rule)]
            check.that(there == count, "funnel", f"{name} dropped {count} by {rule}, rejected/ has {there}")


def read_rows(check, folder, sub, schema):
    for path in sorted((folder / sub).glob("*.parquet")):
        file = pq.ParquetFile(path)
        metadata = file.schema_arrow.metadata or {}
        check.that(file.schema_arrow.remove_metadata().equals(schema), path.name, "another schema")
        check.that((file.metadata.metadata or metadata).get(b"toolloom.table") == sub.encode(), path.name, "no table name in its metadata")
        at = 0
        for batch in file.iter_batches(batch_size=256):
            for row in batch.to_pylist():
                yield f"{sub}/{path.name} row {at} ({row['id'][:12]})", path.name, row
                at += 1


def main(folder):
    check = Checks()
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest["files"]:
        path = folder / entry["path"]
        check.that(path.is_file() and path.stat().st_size == entry["bytes"], entry["path"], "not as the manifest says")
    listed = {e["path"] for e in manifest["files"]}
    for path in folder.glob("*/*.parquet"):
        check.that(str(path.relative_to(folder)) in listed, str(path), "not in the manifest")

    table = pq.read_table(folder / "catalog.parquet").to_pylist()
    catalog = {t["name"]: json.loads(t["parameters"]) for t in table if t["kept"]}
    for t in table:
        check.that(t["kept"] or (t["rule"] and t["reason"]), t["id"], "dropped without rule and reason")
    counts = {"rows": 0, "rejected": 0, "reasons": Counter(), "tools": len(catalog),
              "tools_dropped": sum(not t["kept"] for t in table),
              "tasks": pq.read_metadata(folder / "tasks.parquet").num_rows}

    ids, groups, calls, called = set(), {}, 0, set()
    by = {name: Counter() for name in ("split", "level", "scenario", "verified")}
    unverified = manifest["plan"]["filter"]["keep_unverified"]
    for where, file, row in read_rows(check, folder, "data", DATA):
        counts["rows"] += 1
        check.that(row["id"] not in ids, where, "its id stands twice")
        ids.add(row["id"])
        check.that(file.startswith(row["split"] + "-"), where, f"split {row['split']}")
        check.that(groups.setdefault(row["group_id"], row["split"]) == row["split"], where, "its group is in two splits")
        check.that(unverified or row["verified"] != "none", where, "nothing verified it")
        check_row(check, where, row, catalog)
        calls += row["n_calls"]
        called.update(c["function"]["name"] for m in row["messages"] for c in m["tool_calls"] or [])
        for name, counter in by.items():
            counter[row[name]] += 1
    for where, _, row in read_rows(check, folder, "rejected", REJECTED):
        counts["rejected"] += 1
        counts["reasons"][(row["stage"], row["rule"])] += 1
        check.that(row["stage"] and row["rule"] and row["reason"], where, "rejected without stage, rule and reason")
        check.that(row["id"] not in ids, where, "stands in data/ too")
    check_funnel(check, manifest, counts)
    for name, counter in by.items():
        check.that(counter == manifest["counts"][name], "manifest", f"counts by {name} are {manifest['counts'][name]}, not {dict(counter)}")

    print(f"{counts['rows']} rows, {counts['rejected']} rejected, {counts['tasks']} tasks, {calls} calls of {len(called)} distinct tools")
    for name, counter in by.items():
        print(f"  {name}: " + ", ".join(f"{key} {count}" for key, count in sorted(counter.items())))
    for fault in check.faults[:25]:
        print(f"FAULT {fault}")
    print(f"{len(check.faults)} faults")
    return 1 if check.faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
