"""Serves a GGUF model with llama.cpp's own server, on a free port, until it is killed. Prints the address on one line.

    python serve.py FILE TOKENS_IN_CONTEXT [KEY]
"""

import signal
import sys

import xllamacpp


def main(path, context, *keys):
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = 4
    params.n_ctx = 4 * int(context)
    params.model_alias = {"tiny"}
    params.use_jinja = True
    # More threads only wait for one another in a model of this size.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    if keys:
        params.api_keys = list(keys)
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
