"""Writes a tiny GGUF model of llama's architecture with random weights: 2 layers, 64 wide, a vocabulary of bytes.

    python tiny_model.py FILE [SEED]

It is a language model only in form, and says the same nonsense for the same seed. The vocabulary is complete (GPT-2's
256 byte symbols, a few merges and the marks of ChatML), so any text can be sent and any JSON written. Two things are
not left to chance, and each has one of the 64 dimensions. How often each symbol comes: the first dimension of every
embedding is the same, so the first column of the output matrix is a bias; with it letters, blanks and quotation marks
are as frequent as in text, replies end, and now and then `<tool_call>` begins a call. And that a new line follows that
mark, without which the server does not take it for a call: the second dimension is that of the mark alone.
"""

import math
import sys

import gguf
import numpy as np

WIDTH, LAYERS, HEADS, FEED_FORWARD, CONTEXT = 64, 2, 4, 128, 131072

# What the model card of a Hermes-like model would have: ChatML, tools in the system message, calls as tagged JSON.
TEMPLATE = """\
{%- if tools %}
{{- '<|im_start|>system\\n' }}
{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}
{{- '# Tools\\n\\nYou may call one or more functions. They stand in <tools></tools>:\\n<tools>' }}
{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}
{{- '\\n</tools>\\n\\nWrite each call as JSON in <tool_call></tool_call>:\\n<tool_call>\\n{"name": <function-name>, "arguments": <args-json-object>}\\n</tool_call><|im_end|>\\n' }}
{%- elif messages[0].role == 'system' %}
{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{%- set content = message.content if message.content is string else '' %}
{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
{{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}
{%- elif message.role == 'assistant' %}
{{- '<|im_start|>assistant\\n' + content }}
{%- for call in message.tool_calls or [] %}
{%- if (loop.first and content) or not loop.first %}{{- '\\n' }}{%- endif %}
{%- set function = call.function if call.function else call %}
{{- '<tool_call>\\n{"name": "' }}{{- function.name }}{{- '", "arguments": ' }}
{%- if function.arguments is string %}{{- function.arguments }}{%- else %}{{- function.arguments | tojson }}{%- endif %}
{{- '}\\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- elif message.role == 'tool' %}
{%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}
{{- '\\n<tool_response>\\n' + content + '\\n</tool_response>' }}
{%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\\n' }}{%- endif %}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""

# How often symbols come, for a thousand: the rest is left to chance. Those with more than one letter are tokens.
PER_MILLE = dict(zip("etaoinshrdlu", (88, 64, 58, 54, 50, 48, 45, 43, 42, 30, 28, 20)))
PER_MILLE |= {" ": 120, '"': 35, "}": 20, "]": 20, ",": 12, ":": 6, "{": 4, "[": 4, ".": 10, "1": 10, "2": 6, "5": 6}
PER_MILLE |= {"<|im_end|>": 12, "<tool_call>": 20, "<|im_start|>": 1e-6, "<|endoftext|>": 1e-6}
MERGES = ["Ġ t", "h e", "Ġt he", "i n", "e r", "a n"]
MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]


def byte_symbols():
    """GPT-2's printable stand-in of each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    stand_in = {byte: chr(byte) for byte in plain} | {byte: chr(256 + i) for i, byte in enumerate(others)}
    return [stand_in[byte] for byte in range(256)]


def write(path, seed):
    symbols = byte_symbols()
    tokens = symbols + [merge.replace(" ", "") for merge in MERGES] + MARKS
    control = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}
    types = [
        gguf.TokenType.CONTROL if token in control
        else gguf.TokenType.USER_DEFINED if token in MARKS
        else gguf.TokenType.NORMAL
        for token in tokens
    ]

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny random llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)

    draws = np.random.default_rng(seed)

    def matrix(rows, columns, spread):
        return draws.normal(0.0, spread, (rows, columns)).astype(np.float32)

    embedding = matrix(len(tokens), WIDTH, 0.5)
    embedding[:, 0] = 4.0
    embedding[:, 1] = [4.0 if token == "<tool_call>" else 0.0 for token in tokens]
    writer.add_tensor("token_embd.weight", embedding)
    for layer in range(LAYERS):
        ones = np.ones(WIDTH, dtype=np.float32)
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", ones)
        writer.add_tensor(f"blk.{layer}.ffn_norm.weight", ones)
        for name in ("attn_q", "attn_k", "attn_v"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", matrix(WIDTH, WIDTH, WIDTH**-0.5))
        writer.add_tensor(f"blk.{layer}.ffn_gate.weight", matrix(FEED_FORWARD, WIDTH, WIDTH**-0.5))
        writer.add_tensor(f"blk.{layer}.ffn_up.weight", matrix(FEED_FORWARD, WIDTH, WIDTH**-0.5))
        for name, inner in (("attn_output", WIDTH), ("ffn_down", FEED_FORWARD)):
            back = matrix(WIDTH, inner, 0.3 * inner**-0.5)
            back[:2, :] = 0.0
            writer.add_tensor(f"blk.{layer}.{name}.weight", back)

    output = matrix(len(tokens), WIDTH, 0.1)
    rest = 0.2
    share = {token: PER_MILLE.get({"Ġ": " "}.get(token, token), rest) for token in tokens}
    # After the last norm the constant is about 4 / sqrt(mean of squares).
    constant = 4.0 / math.sqrt(float(np.mean(np.sum(embedding**2, axis=1))) / WIDTH)
    output[:, 0] = [math.log(share[token]) / constant for token in tokens]
    output[:, 1] = [20.0 / constant if token == "Ċ" else 0.0 for token in tokens]
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32))
    writer.add_tensor("output.weight", output)

    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7)
