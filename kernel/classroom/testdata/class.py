"""A class at work, through the Hub's front door alone: class.py URL OPTIONS, where OPTIONS is JSON; prints JSON.

Each student logs in with the form of the page, waits for the server, starts a kernel over REST and runs cells over the
websocket, as the classic Notebook does.
"""

import asyncio
import json
import sys
import time
import uuid

import requests
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

PATIENCE = 300  # seconds


class Student:
    def __init__(self, url, name, code):
        self.url, self.name, self.code = url, name, code
        self.web = requests.Session()
        self.base = f"{url}/user/{name}"

    def log_in(self, code=None):
        r = self.web.post(f"{self.url}/hub/login", data={"username": self.name, "password": code or self.code}, timeout=PATIENCE, allow_redirects=False)
        return r.status_code

    def server(self):
        """Goes to the own server, which starts it, and waits until its page is there."""
        self.web.get(f"{self.url}/hub/spawn", timeout=PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while True:
            r = self.web.get(f"{self.base}/tree", timeout=PATIENCE)
            if r.ok and r.url.startswith(self.base) and "notebook_list" in r.text:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name}: no server: {r.status_code} {r.url}")
            time.sleep(0.3)

    def api(self, method, path, **kwargs):
        headers = {"X-XSRFToken": self.cookie("_xsrf")}
        return self.web.request(method, f"{self.base}/api/{path}", headers=headers, timeout=PATIENCE, **kwargs)

    def cookie(self, name):
        """The cookie of the own server: the Hub may have one of the same name."""
        found = [c for c in self.web.cookies if c.name == name]
        return max(found, key=lambda c: len(c.path)).value if found else ""

    def start_kernel(self):
        r = self.api("POST", "kernels", json={"name": "rt0"})
        r.raise_for_status()
        self.kernel = r.json()["id"]

    async def connect(self):
        path = f"{self.base}/api/kernels/{self.kernel}/channels?session_id={uuid.uuid4().hex}"
        cookies = requests.cookies.get_cookie_header(self.web.cookies, requests.Request("GET", path).prepare())
        self.socket = await websocket_connect(HTTPRequest(path.replace("http", "ws", 1), headers={"Cookie": cookies}, connect_timeout=PATIENCE))

    async def run(self, code):
        """Runs a cell; returns the status, what it printed, and the MIME types that it showed."""
        msg_id = uuid.uuid4().hex
        header = {"msg_id": msg_id, "msg_type": "execute_request", "session": msg_id, "username": self.name, "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        await self.socket.write_message(json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}))
        text, shown, status = "", set(), None
        while True:
            raw = await asyncio.wait_for(self.socket.read_message(), PATIENCE)
            if raw is None:
                raise ConnectionError(f"{self.name}: the kernel's socket is closed")
            m = json.loads(raw)
            c = m["content"]
            if m["msg_type"] == "status" and c["execution_state"] in ("restarting", "dead"):
                return {"status": "dead", "text": text, "shown": sorted(shown)}
            if m["parent_header"].get("msg_id") != msg_id:
                continue
            if m["msg_type"] == "stream":
                text += c["text"]
            elif m["msg_type"] in ("display_data", "execute_result"):
                shown |= set(c["data"])
                text += c["data"].get("text/plain", "") if m["msg_type"] == "execute_result" else ""
            elif m["msg_type"] == "error":
                text += f"{c['ename']}: {c['evalue']}"
            elif m["msg_type"] == "execute_reply":
                status = c["status"]
            elif m["msg_type"] == "status" and c["execution_state"] == "idle":
                if status is None:
                    raw = json.loads(await asyncio.wait_for(self.socket.read_message(), PATIENCE))
                    status = raw["content"]["status"]
                return {"status": status, "text": text, "shown": sorted(shown)}

    def enter(self):
        """Logs in, after a try with a wrong code, and gets a server and a kernel."""
        r = {"refused": self.log_in("wrong" + self.code), "login": self.log_in()}
        self.server()
        r["lessons"] = len(self.api("GET", "contents/lessons").json()["content"])
        self.start_kernel()
        return r

    async def attend(self, cells):
        r = await asyncio.to_thread(self.enter)
        await self.connect()
        r["cells"] = [await self.run(c) for c in cells]
        return r


async def work(students, options):
    """All run the cells. Then the first asks for another's work, and takes more than there is; the other must not notice."""
    done = await asyncio.gather(*(s.attend(options["cells"]) for s in students))
    first, last = students[0], students[-1]
    return {
        "students": {s.name: r for s, r in zip(students, done)},
        "spy": (await first.run(f"$ cat {options['home']}/{last.name}/lessons/*.ipynb"))["status"],
        "tap": (await first.run(f"$ ls {options['sockets']}/{done[-1]['cells'][2]['text'].strip()}"))["status"],
        "foreign": first.web.get(f"{last.base}/api/contents", timeout=PATIENCE).status_code,
        "greedy": await first.run(options["greedy"]),
        "other": await last.run("6*7"),
    }


def idle(students):
    """All start kernels, and do nothing until the server has stopped them."""
    for s in students:
        s.enter()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        left = sum(len(s.api("GET", "kernels").json()) for s in students)
        if not left:
            break
        time.sleep(0.5)
    return {"kernels": left}


options = json.loads(sys.argv[2])
everybody = [Student(sys.argv[1], name, code) for name, code in options["codes"].items()]
print(json.dumps(asyncio.run(work(everybody, options)) if options["cells"] else idle(everybody)))
