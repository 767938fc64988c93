"""Starts students' servers: each under a number of its own, in a home of its own, within its limits."""

import asyncio
import os
import shutil
import subprocess
import sys
import time

import limits
import settings
import students
from jupyterhub.spawner import LocalProcessSpawner

HERE = os.path.dirname(os.path.abspath(__file__))


def own(path, uid):
    """Gives a folder and the folders in it to a user, itself last. Files in caches are links to shared ones: they stay root's."""
    for above, _, _ in os.walk(path, topdown=False):
        os.chown(above, uid, uid)


def as_student(uid, program, *args):
    """Runs a Python program as a student, who can read the environment of all processes of that number: it is empty. uid None
    is the Hub's own user. The program comes over stdin, for the student may not be able to read it where it lies. Returns its
    exit status."""
    ids = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
    argv = [sys.executable, "-I", "-", *args]
    return subprocess.run(argv, input=program.encode(), env={}, cwd="/", umask=0o077, timeout=60, check=False, **ids).returncode


def make_runtime(folder, uid):
    """Makes the folder for sockets and connection files of a student's kernels anew: whoever gets to them can run cells."""
    above = os.path.dirname(folder)
    os.makedirs(os.path.dirname(above), exist_ok=True)
    try:
        os.mkdir(above)
        os.chmod(above, 0o711)  # others get through, and neither see nor change what is there
    except FileExistsError:
        s = os.stat(above)
        if s.st_uid != os.getuid() or s.st_mode & 0o022:
            raise RuntimeError(f"others can write to {above}; set CLASSROOM_SOCKETS to a folder that does not exist yet") from None
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder, 0o700)
    if uid is not None:
        os.chown(folder, uid, uid)


class StudentSpawner(LocalProcessSpawner):
    """As root it gives each student a uid without an account, so that none sees another's files or processes' memory. As any
    other user, all servers are that user's: enough to try it out, no protection of one student from another."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.group = None  # control group, while there is one
        self.runtime = None  # folder of the kernels' sockets, while there is one

    @property
    def home(self):
        return os.path.join(settings.HOMES, self.user.name)

    @property
    def number(self):
        return students.read()[self.user.name][0]

    @property
    def uid(self):
        return self.number if os.getuid() == 0 else None

    def user_env(self, env):
        env.update(USER=self.user.name, LOGNAME=self.user.name, HOME=self.home, SHELL="/bin/sh", JUPYTER_RUNTIME_DIR=self.runtime)
        # The kernel ends a cell that takes too much, before Linux ends the kernel; the server and builds need the rest.
        env["RT0_CELL_MEMORY"] = f"{int(self.mem_limit * 0.6) >> 20}M"
        return env

    def make_home(self):
        """Makes the home whole or not at all, its caches linked from the template."""
        if os.path.exists(self.home):
            return
        new = self.home + ".new"
        shutil.rmtree(new, ignore_errors=True)
        os.makedirs(new, 0o700)
        cache = os.path.join(settings.TEMPLATE, ".cache")
        if os.path.isdir(cache):
            shutil.copytree(cache, os.path.join(new, ".cache"), copy_function=os.link)
        if self.uid is not None:
            own(new, self.uid)
        os.rename(new, self.home)

    def make_preexec_fn(self, name):
        uid, home, group = self.uid, self.home, self.group
        memory, processes = int(self.mem_limit), settings.PROCESSES

        def preexec():
            if group:
                group.enter()
            else:
                limits.limit_process(memory, processes, uid is not None)
            if uid is not None:
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
            os.umask(0o077)
            os.chdir(home)

        return preexec

    async def start(self):
        if self.user.name not in students.read():
            raise RuntimeError(f"{self.user.name} is not on the class list any more")
        self.make_home()
        with open(os.path.join(HERE, "copy_lessons.py")) as f:
            if await asyncio.to_thread(as_student, self.uid, f.read(), settings.NOTEBOOKS, os.path.join(self.home, "lessons")):
                self.log.warning("%s: the lessons could not be copied; the lines above say why", self.user.name)
        self.runtime = settings.runtime(self.number)
        make_runtime(self.runtime, self.uid)
        self.group = limits.Group(self.user.name)
        if why := self.group.create(int(self.mem_limit), self.cpu_limit, settings.PROCESSES):
            self.log.warning("%s: no control group (%s); memory is limited for each process alone, processor time is not", self.user.name, why)
            self.group = None
        return await super().start()

    async def stop(self, now=False):
        await super().stop(now)
        self.end_all()

    def end_all(self):
        """Ends what is left of the student's processes: a cell may have started some that outlive server and kernel."""
        if self.uid is not None:
            # -1 means all that this uid may signal; a process of its own does it, for it hits itself too.
            as_student(self.uid, "import os; os.kill(-1, 9)")
        if self.runtime:
            shutil.rmtree(self.runtime, ignore_errors=True)
            self.runtime = None
        if self.group:
            for _ in range(50):  # the kernel takes a moment to bury them
                self.group.remove()
                if not any(os.path.isdir(f) for f in self.group.folders.values()):
                    break
                time.sleep(0.02)
            self.group = None
