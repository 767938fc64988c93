"""Times a kernel through Jupyter's own client, and prints what it saw as JSON: measure.py KERNEL [BOOT STAGE...]

BOOT is a cell that boots a machine; each STAGE cell comes after it and draws a picture.
"""

import json
import os
import sys
import time
from queue import Empty

import zmq
from jupyter_client import KernelManager

from memory import memory

PATIENCE = 300  # seconds that any answer may take


def context():
    """Sockets that connect before the kernel listens try again after 1 ms; with ZeroMQ's 100 ms one would time that wait."""
    c = zmq.Context()
    c.setsockopt(zmq.RECONNECT_IVL, 1)
    return c


class Kernel:
    def __init__(self, name):
        begin = time.perf_counter()
        self.km = KernelManager(kernel_name=name, context=context())
        self.km.start_kernel(stderr=open(os.devnull, "w"))
        self.kc = self.km.client()
        self.kc.start_channels(hb=False)
        self.reply(self.kc.kernel_info())
        self.start = time.perf_counter() - begin
        self.subscribe()
        self.pid = self.km.provisioner.process.pid

    def subscribe(self):
        """Asks until something comes on iopub: a subscription takes a moment to reach the kernel."""
        deadline = time.monotonic() + PATIENCE
        while True:
            msg_id = self.kc.kernel_info()
            self.reply(msg_id)
            try:
                while self.kc.get_iopub_msg(timeout=0.1)["parent_header"].get("msg_id") != msg_id:
                    pass
                return
            except Empty:
                if time.monotonic() > deadline:
                    raise

    def reply(self, msg_id):
        while True:
            m = self.kc.get_shell_msg(timeout=PATIENCE)
            if m["parent_header"].get("msg_id") == msg_id:
                return m["content"]

    def run(self, code):
        """Runs a cell until the kernel is idle again; returns seconds, the status, and the MIME types that were shown."""
        begin = time.perf_counter()
        msg_id = self.kc.execute(code)
        shown = set()
        while True:
            m = self.kc.get_iopub_msg(timeout=PATIENCE)
            if m["parent_header"].get("msg_id") != msg_id:
                continue
            if m["msg_type"] in ("display_data", "execute_result"):
                shown |= set(m["content"]["data"])
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                break
        content = self.reply(msg_id)
        seconds = time.perf_counter() - begin
        if content["status"] != "ok":
            raise SystemExit(f"{self.km.kernel_name}: {code!r} fails: {content.get('ename')}: {content.get('evalue')}")
        return seconds, shown

    def stop(self):
        self.kc.stop_channels()
        self.km.shutdown_kernel()


def main(name, boot=None, *stages):
    Kernel(name).stop()  # a client's first kernel costs it imports of its own, some 100 ms; a Jupyter server has them behind it
    k = Kernel(name)
    r = {"start": k.start, "idle": memory(k.pid), "plus": [k.run("1+1")[0] for _ in range(40)]}
    if boot:
        r["boot"] = k.run(boot)[0]
        r["stages"] = []
        for s in stages:
            seconds, shown = k.run(s)
            if "image/svg+xml" not in shown:
                raise SystemExit(f"{s!r} shows no picture")
            r["stages"].append(seconds)
        r["booted"] = memory(k.pid)
    k.stop()
    print(json.dumps(r))


main(*sys.argv[1:])
