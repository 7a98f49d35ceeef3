"""Evaluates policies in real OPA (its Go library, in the wheel opa-golib-python-bindings).

Standard input is one JSON object: `modules` (name to Rego text), `data`, `sets` (what to ask for, as paths below
`data`, by name) and `inputs`. Standard output is one JSON object:

    opa.py            {"found": [{name: set, ...} for each input]}
    opa.py THREADS    {"seconds": s} for all inputs, with a prepared query and that many engines side by side;
                      every engine has judged one input before the clock starts
"""

import json
import sys
import threading
import time

from opa_bindings.engine import OpaEngine


def engine(job):
    ready = OpaEngine()
    for name, text in job["modules"].items():
        ready.add_policy(name, text)
    members = ", ".join(f"{json.dumps(name)}: {path}" for name, path in job["sets"].items())
    ready.add_policy("all.rego", f"package everything\n\nsets := {{{members}}}\n")
    ready.add_data(job["data"])
    return ready


def judge(ready, document):
    return ready.eval_document("everything.sets", document)


def seconds(job, threads):
    parts = [(engine(job), job["inputs"][first::threads]) for first in range(threads)]
    for ready, inputs in parts:
        judge(ready, inputs[0])
    workers = [
        threading.Thread(target=lambda ready=ready, inputs=inputs: [judge(ready, one) for one in inputs])
        for ready, inputs in parts
    ]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - start


def main():
    job = json.load(sys.stdin)
    if len(sys.argv) > 1:
        answer = {"seconds": seconds(job, int(sys.argv[1]))}
    else:
        ready = engine(job)
        answer = {"found": [judge(ready, document) for document in job["inputs"]]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
