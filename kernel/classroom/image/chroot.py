#!/usr/bin/python3
"""Builds the Dockerfile beside it without Docker: chroot.py FOLDER [COMMAND…], as root, on Debian, with debootstrap.

FOLDER/image is what the image would be. The stage "build" is this computer: its Go and its source. RUN steps run in a
chroot, as the USER they are for. COMMAND, if given, runs there at the end; "CMD" is the image's own. It understands the
instructions that our Dockerfile has, and stops at any other.
"""

import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.abspath(os.path.join(HERE, "../../.."))


def instructions(text):
    """(instruction, rest) by turns, continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            yield line.split(None, 1)


class Image:
    def __init__(self, folder):
        self.root = os.path.join(folder, "image")
        self.built = os.path.join(folder, "out")
        self.stage = 0
        self.args, self.env, self.user, self.dir, self.cmd = {}, {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, 0, "/", []

    def expand(self, text):
        return re.sub(r"\$\{(\w+)\}", lambda m: {**self.args, **self.env}[m[1]], text)

    def run(self, argv):
        def enter():
            os.chroot(self.root)
            os.chdir(self.dir)
            os.setgroups([])
            os.setgid(self.user)
            os.setuid(self.user)

        # Downloads may go through a proxy of this computer's, whose authority only this computer knows.
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", self.root + "/tmp/authorities")
        subprocess.run(argv, preexec_fn=enter, env={**self.args, **self.env, "SSL_CERT_FILE": "/tmp/authorities"}, check=True)

    def do(self, name, rest):
        if name == "ARG":
            key, _, value = rest.partition("=")
            self.args[key] = value
        elif name == "FROM":
            self.stage += 1
            if self.stage == 2:
                shutil.rmtree(self.root, ignore_errors=True)
                subprocess.run(["debootstrap", "--variant=minbase", "bookworm", self.root], check=True, stdout=subprocess.DEVNULL)
                shutil.copy("/etc/resolv.conf", self.root + "/etc/")
                subprocess.run(["mount", "-t", "proc", "proc", self.root + "/proc"], check=True)  # programs look at themselves there
                subprocess.run(["mount", "--bind", "/dev", self.root + "/dev"], check=True)
        elif self.stage == 1:  # the golang image: its Go and the source are here
            if name == "RUN":
                command = self.expand(rest).replace("/out/", self.built + "/")
                subprocess.run(["/bin/sh", "-c", command], cwd=SOURCE, check=True)
        elif name == "ENV":
            for pair in shlex.split(self.expand(rest)):
                key, _, value = pair.partition("=")
                self.env[key] = value
        elif name == "USER":
            self.user = int(self.expand(rest))
        elif name == "WORKDIR":
            self.dir = self.expand(rest)
            os.makedirs(self.root + self.dir, exist_ok=True)
        elif name == "COPY":
            self.copy(*rest.split())
        elif name == "RUN":
            print("RUN", rest, flush=True)
            self.run(["/bin/sh", "-c", rest])
        elif name == "CMD":
            self.cmd = json.loads(rest)
        elif name != "EXPOSE":
            raise SystemExit(f"chroot.py does not know {name}")

    def copy(self, *words):
        *sources, to = words
        if sources[0] == "--from=build":
            sources = [s.replace("/out/", self.built + "/") for s in sources[1:]]
        else:
            sources = [f for s in sources for f in sorted(glob.glob(os.path.join(SOURCE, s)))]
        to = self.root + to
        os.makedirs(to if to.endswith("/") else os.path.dirname(to), exist_ok=True)
        for s in sources:
            if os.path.isdir(s):
                shutil.copytree(s, to, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy(s, to)


def main(folder, *command):
    image = Image(os.path.abspath(folder))
    os.makedirs(image.built, exist_ok=True)
    with open(os.path.join(HERE, "Dockerfile")) as f:
        for name, rest in instructions(f.read()):
            image.do(name, rest)
    if command:
        image.run(image.cmd if command == ("CMD",) else list(command))


if "RT0_CHROOT" not in os.environ:  # in a namespace of its own, whose mounts are gone when it ends
    os.environ["RT0_CHROOT"] = "1"
    os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
main(*sys.argv[1:])
