"""Runs a notebook in many kernels at once through nbclient, and prints what came of it as JSON: crowd.py KERNEL KERNELS NOTEBOOK

All kernels live until the last has run its last cell.
"""

import asyncio
import copy
import json
import os
import sys
import time

import nbformat
from nbclient import NotebookClient

from memory import memory


def pictures(nb):
    """What each code cell shows as a picture."""
    return [sum("image/svg+xml" in o.get("data", {}) for o in c.outputs) for c in nb.cells if c.cell_type == "code"]


class Crowd:
    def __init__(self, kernel, size, notebook):
        self.kernel, self.size = kernel, size
        self.notebook = nbformat.read(notebook, as_version=4)
        self.finished = 0
        self.all = asyncio.Event()
        self.report = {"seconds": [], "failures": []}

    async def one(self, number):
        nb = copy.deepcopy(self.notebook)
        # All kernels speak to this one thread: it may read the outputs of a cell long after the reply.
        client = NotebookClient(nb, kernel_name=self.kernel, timeout=300, startup_timeout=300, iopub_timeout=300, raise_on_iopub_timeout=True)
        begin = time.perf_counter()
        try:
            async with client.async_setup_kernel(stderr=open(os.devnull, "w")):
                try:
                    for i, cell in enumerate(nb.cells):
                        await client.async_execute_cell(cell, i)
                    if pictures(nb) != pictures(self.notebook):
                        raise RuntimeError(f"pictures by cell: {pictures(nb)}, and should be {pictures(self.notebook)}")
                    self.report["seconds"].append(time.perf_counter() - begin)
                finally:
                    self.leave()
                await self.all.wait()
        except Exception as e:
            self.report["failures"].append(f"kernel {number}: {type(e).__name__}: {str(e)[-300:]}")

    def leave(self):
        self.finished += 1
        if self.finished == self.size:
            self.report["memory"] = memory(os.getpid(), own=False)
            self.all.set()

    async def run(self):
        begin = time.perf_counter()
        await asyncio.gather(*(self.one(n) for n in range(self.size)))
        self.report["total"] = time.perf_counter() - begin
        return self.report


print(json.dumps(asyncio.run(Crowd(sys.argv[1], int(sys.argv[2]), sys.argv[3]).run())))
