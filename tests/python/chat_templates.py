"""Renders exported rows with real chat templates, and reads every call back out of the rendered text.

    toolloom export output/quickstart --format openai -o rows.jsonl
    toolloom export output/quickstart --format openai --single-calls -o single.jsonl
    python tests/python/chat_templates.py rows.jsonl --single single.jsonl

Needs jinja2. The templates are in tests/fixtures/chat_templates and are rendered in the environment that transformers
uses. A call that comes back with other arguments (encoded twice, say), a missing instruction, answer or tool, or a
template that raises is a fault; exits with 1.
"""

import argparse
import json
import re
import sys
from datetime import datetime
from pathlib import Path

from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATES = Path(__file__).parent.parent / "fixtures" / "chat_templates"


def environment():
    """The environment of transformers' `apply_chat_template`."""

    def fail(message):
        raise TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = fail
    env.globals["strftime_now"] = datetime(2026, 3, 12).strftime
    return env


def decode_at(text, at):
    return json.JSONDecoder().raw_decode(text, at)[0]


def xml_calls(text):
    """Qwen and Hermes: `<tool_call>` in assistant turns."""
    for turn in re.findall(r"<\|im_start\|>assistant\n?(.*?)<\|im_end\|>", text, re.S):
        for at in re.finditer(r"<tool_call>\s*", turn):
            call = decode_at(turn, at.end())
            yield call["name"], call["arguments"]


def llama_calls(text):
    """Llama 3: a turn that is one object."""
    head = "<|start_header_id|>assistant<|end_header_id|>\n\n"
    for turn in text.split(head)[1:]:
        if turn.startswith('{"name": '):
            call = decode_at(turn, 0)
            yield call["name"], call["parameters"]


def nemo_calls(text):
    """Mistral up to v3 tokenizers: a list after the marker."""
    for at in re.finditer(r"\[TOOL_CALLS\](?=\[)", text):
        for call in decode_at(text, at.end()):
            assert re.fullmatch(r"[A-Za-z0-9]{9}", call["id"]), call["id"]
            yield call["name"], call["arguments"]


def mistral_calls(text):
    """Mistral from v11 tokenizers on: name, id and arguments between markers."""
    for at in re.finditer(r"\[TOOL_CALLS\](\w+)\[CALL_ID\]([A-Za-z0-9]{9})\[ARGS\]", text):
        yield at[1], decode_at(text, at.end())


# Family, file, how calls are read back, and whether a turn takes several calls.
FAMILIES = [
    ("Qwen", "qwen3.jinja", xml_calls, True),
    ("Hermes", "hermes3.jinja", xml_calls, True),
    ("Llama", "llama3_1.jinja", llama_calls, False),
    ("Mistral", "mistral_nemo.jinja", nemo_calls, True),
    ("Mistral", "mistral_small_3_2.jinja", mistral_calls, True),
]


def faults_of(row, text, read):
    """What is wrong with a rendered row."""
    expected = [(c["function"]["name"], c["function"]["arguments"])
                for m in row["messages"] for c in m.get("tool_calls", [])]
    try:
        found = list(read(text))
    except (ValueError, KeyError, AssertionError) as error:
        return [f"calls cannot be read back: {error!r}"]
    faults = []
    if found != expected:
        faults.append(f"calls came back as {found}, not as {expected}")
    for name, arguments in found:
        if not isinstance(arguments, dict):
            faults.append(f"arguments of {name} are encoded twice: {arguments!r}")
    user = next(m["content"] for m in row["messages"] if m["role"] == "user")
    for what, part in (("instruction", user), ("answer", row["messages"][-1]["content"])):
        if part.strip() not in text:
            faults.append(f"the {what} is not in the text")
    for tool in row["tools"]:
        if tool["function"]["name"] not in text:
            faults.append(f"{tool['function']['name']} is not in the text")
    if "None" in text and "None" not in json.dumps(row):
        faults.append("a null leaked as None")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, help="an export")
    parser.add_argument("--single", type=Path, help="an export with --single-calls, for templates that need it")
    args = parser.parse_args()
    read = lambda path: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]  # noqa: E731
    rows = read(args.rows)
    single = read(args.single) if args.single else rows
    env, wrong = environment(), 0
    for family, name, read_calls, parallel in FAMILIES:
        template = env.from_string((TEMPLATES / name).read_text(encoding="utf-8"))
        faults, characters = [], 0
        for at, row in enumerate(rows if parallel else single):
            try:
                text = template.render(messages=row["messages"], tools=row["tools"], bos_token="<s>", eos_token="</s>",
                                       add_generation_prompt=False)
            except TemplateError as error:
                faults.append(f"row {at}: the template raises: {error}")
                continue
            characters += len(text)
            faults += [f"row {at}: {fault}" for fault in faults_of(row, text, read_calls)]
        print(f"{family:>8} {name:<24} {len(rows)} rows, {characters} characters, {len(faults)} faults")
        for fault in faults[:5]:
            print(f"    FAULT {fault}")
        wrong += len(faults)
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
