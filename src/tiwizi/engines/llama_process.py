"""The process that holds a GGUF file: llama.cpp's own server, for one Tiwizi and nobody else.

Standard input brings one line of JSON, {"path", "key"}; standard output answers with one, {"url"} or {"error"}. The
process ends with its standard input, so that it never outlives the one that started it, however that one died.
"""

import json
import os
import sys

CONTEXT = 8192  # tokens, shared by all texts being written: room for the passages, without the memory of 128k
AT_ONCE = 2  # texts written at the same time; the next ones wait


def main() -> None:
    """Serve the model until standard input ends."""
    asked = json.loads(sys.stdin.readline())
    try:
        server = serve(asked["path"], asked["key"])
    except RuntimeError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return
    print(json.dumps({"url": server.listening_address}), flush=True)
    sys.stdin.read()


def serve(path: str, key: str):  # type: ignore[no-untyped-def]  # xllamacpp has no types
    """Return a running server on a free port of 127.0.0.1. Raises RuntimeError when the file cannot be loaded."""
    import xllamacpp  # type: ignore[import-untyped, import-not-found, unused-ignore]

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx, params.n_parallel, params.kv_unified = CONTEXT, AT_ONCE, True
    # half of the logical processors: about the real cores, and something is left to the rest of the house
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = max(1, (os.cpu_count() or 2) // 2)
    params.cpuparams.poll = params.cpuparams_batch.poll = 0  # waiting threads leave the processor to the others
    params.warmup = False
    params.verbosity = -1  # it would print prompts
    params.cache_ram_mib = 0  # nobody's text is kept for later
    params.api_keys = [key]
    params.ui, params.endpoint_slots, params.endpoint_props = False, False, False
    # models that think aloud would fill the limit before their first word to the person
    params.default_template_kwargs = {"enable_thinking": "false"}
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
