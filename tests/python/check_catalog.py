"""Reads a catalog.parquet independently of toolloom and checks every kept tool's schemas.

    python tests/python/check_catalog.py output/quickstart/catalog.parquet [--strict] [--tool-bytes 4096]

Checked of each kept row: the name; `parameters` and `result` against the metaschema of JSON Schema 2020-12; `parameters`
without references, closed at every depth but for maps, what is required is declared, every placeholder of the path has a
property that is required, defaults and examples fit their schemas; the function definition's size. With `--strict` also
the rules of strict function calling (`crawl.dialect: openai-strict`).

Needs pyarrow and jsonschema-rs (or jsonschema, which takes about fifty times as long). Prints counts; exits with 1 where
anything is wrong.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter

import pyarrow.parquet as pq

try:
    import jsonschema_rs

    META = jsonschema_rs.Draft202012Validator({"$ref": "https://json-schema.org/draft/2020-12/schema"})

    def valid(schema):
        return META.is_valid(schema)

    def fits(value, schema):
        return jsonschema_rs.Draft202012Validator(schema).is_valid(value)

    LIBRARY = "jsonschema-rs"
except ImportError:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    def valid(schema):
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError:
            return False
        return True

    def fits(value, schema):
        return Draft202012Validator(schema).is_valid(value)

    LIBRARY = "jsonschema"

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
# where a schema holds schemas; everything else in it is a value
LISTS, MAPS, ONES = ("anyOf", "oneOf", "allOf", "prefixItems"), ("properties", "patternProperties", "$defs"), (
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
    "unevaluatedItems", "unevaluatedProperties")
REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor", "definitions")
# strict function calling: what may be said, and how much of it
SAID = {"type", "description", "enum", "items", "properties", "required", "additionalProperties", "anyOf"}
TYPES = {"string", "number", "boolean", "integer", "object", "array", "null"}


def below(schema):
    for key in MAPS:
        if isinstance(schema.get(key), dict):
            yield from schema[key].values()
    for key in LISTS:
        yield from schema.get(key, ())
    for key in ONES:
        if key in schema:
            yield schema[key]


def types(schema):
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else kind


def walk(schema, wrong, depth=0):
    """Checks one schema of arguments and those in it."""
    if isinstance(schema, bool):
        return
    if depth > 100:
        wrong("nests too deep")
        return
    for key in REFERENCES:
        if key in schema:
            wrong(f"keyword {key}")
    named = schema.get("properties")
    more = schema.get("additionalProperties")
    if named is not None or "object" in types(schema):
        # closed, or a map: of anything, or of values that have a schema
        closed = more is False and named is not None
        if not closed and not (more is True and named is None) and not (isinstance(more, dict) and more):
            wrong("is neither closed nor a map")
        if more is not True and not isinstance(more, dict) and not set(schema.get("required", ())) <= set(named or ()):
            wrong("requires what it does not declare")
    if len(schema.get("required", ())) != len(set(schema.get("required", ()))):
        wrong("requires something twice")
    if "enum" in schema and not schema["enum"]:
        wrong("an empty enum")
    given = [schema["default"]] if "default" in schema else []
    for value in given + schema.get("examples", []):
        if not fits(value, schema):
            wrong(f"{json.dumps(value)} does not fit its schema")
    for least, most in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
        if least in schema and most in schema and schema[least] > schema[most]:
            wrong(f"{least} is more than {most}")
    for child in below(schema):
        walk(child, wrong, depth + 1)


def strict(schema, wrong, totals, level=0):
    if not isinstance(schema, dict):
        wrong("strict: true or false for a schema")
        return
    if set(schema) - SAID:
        wrong(f"strict: {', '.join(sorted(set(schema) - SAID))}")
    kinds = types(schema)
    if bool(kinds) == ("anyOf" in schema) or not set(kinds) <= TYPES:
        wrong("strict: neither a known type nor a choice, or both")
    values = schema.get("enum", [])
    chars = sum(len(v) for v in values if isinstance(v, str))
    totals["values"] += len(values)
    totals["characters"] += chars
    if len(values) > 250 and chars > 15_000:
        wrong("strict: an enum is too long")
    if "object" in kinds:
        level += 1
        if level > 5:
            wrong("strict: more than 5 levels of objects")
        properties = schema.get("properties")
        if schema.get("additionalProperties") is not False or properties is None:
            wrong("strict: an open object")
        elif sorted(schema.get("required", ["?"])) != sorted(properties):
            wrong("strict: not every field is required")
        for name in properties or ():
            totals["properties"] += 1
            totals["characters"] += len(name)
    if "array" in kinds and "items" not in schema:
        wrong("strict: a list of nothing")
    firsts = [next(iter(v.get("properties", ())), None) for v in schema.get("anyOf", ())]
    firsts = [first for first in firsts if first is not None]
    if len(firsts) != len(set(firsts)):
        wrong("strict: variants that begin alike")
    for child in [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]:
        strict(child, wrong, totals, level)


def check(row, options, wrong):
    name, text = row["name"], row["parameters"]
    if not NAME.fullmatch(name):
        wrong("its name")
    if not (row["description"] or "").strip():
        wrong("no description")
    schema = json.loads(text)
    if not valid(schema):
        wrong("parameters are no valid schema")
        return
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        wrong("the root is no closed object")
    walk(schema, wrong)
    function = {"name": name, "description": row["description"], "parameters": schema}
    size = len(json.dumps({"type": "function", "function": function}, ensure_ascii=False, separators=(",", ":")).encode())
    if size > options.tool_bytes:
        wrong(f"{size} bytes")
    if row["method"]:
        path = row["path"].split("?")[0]
        placeholders = {p for p in re.findall(r"\{([^{}]+)\}", path) if p.strip("+*")}
        if len(placeholders) > len(schema.get("required", ())):
            wrong("a placeholder of the path has no required property")
    if row["result"] is not None:
        result = json.loads(row["result"])
        if not valid(result):
            wrong("the result is no valid schema")
    if options.strict:
        totals = Counter()
        if "anyOf" in schema:
            wrong("strict: the root is a choice")
        strict(schema, wrong, totals)
        for what, most in (("properties", 5000), ("values", 1000), ("characters", 120_000)):
            if totals[what] > most:
                wrong(f"strict: {totals[what]} {what}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("catalog")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--tool-bytes", type=int, default=4096)
    parser.add_argument("--shown", type=int, default=20, help="how many faults are printed")
    options = parser.parse_args()
    started = time.time()
    columns = ["id", "name", "description", "parameters", "result", "method", "path", "kept", "rule", "reason"]
    file = pq.ParquetFile(options.catalog)
    kept, dropped, faults, names, ids = 0, Counter(), Counter(), set(), set()
    shown = 0
    for batch in file.iter_batches(batch_size=4096, columns=columns):
        for row in batch.to_pylist():
            if not row["kept"]:
                dropped[row["rule"]] += 1
                if not row["rule"] or not row["reason"]:
                    faults["dropped without a rule or a reason"] += 1
                continue
            kept += 1
            found = []
            check(row, options, found.append)
            if row["name"] in names:
                found.append("its name stands twice")
            if row["id"] in ids:
                found.append("its id stands twice")
            names.add(row["name"])
            ids.add(row["id"])
            for fault in found:
                faults[re.sub(r"^\".*\" does|^.* does not fit", "a value does not fit", fault)] += 1
                if shown < options.shown:
                    shown += 1
                    print(f"{row['id']}: {fault}", file=sys.stderr)
    print(f"{kept} kept tools checked with {LIBRARY} in {time.time() - started:.1f} s; {sum(dropped.values())} rows left out:")
    for rule, n in dropped.most_common():
        print(f"{n:>8}  {rule}")
    for fault, n in faults.most_common():
        print(f"WRONG {n:>8}  {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
