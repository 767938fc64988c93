"""Starts students' servers: each under a number of its own, in a home of its own, within its limits."""

import os
import shutil
import subprocess
import sys
import time

import limits
import settings
import students
from jupyterhub.spawner import LocalProcessSpawner


def own(path, uid):
    """Gives a folder and the folders in it to a user, itself last. Files in caches are links to shared ones: they stay root's."""
    for above, _, _ in os.walk(path, topdown=False):
        os.chown(above, uid, uid)


def copy_lessons(home):
    """Copies the lessons that are not there. What the student has is never written over."""
    lessons = os.path.join(home, "lessons")
    os.makedirs(lessons, exist_ok=True)
    for name in os.listdir(settings.NOTEBOOKS):
        to = os.path.join(lessons, name)
        if name.endswith(".ipynb") and not os.path.lexists(to):
            shutil.copyfile(os.path.join(settings.NOTEBOOKS, name), to)


class StudentSpawner(LocalProcessSpawner):
    """As root it gives each student a uid without an account, so that none sees another's files or processes' memory. As any
    other user, all servers are that user's: enough to try it out, no protection of one student from another."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.group = None  # control group, while there is one

    @property
    def home(self):
        return os.path.join(settings.HOMES, self.user.name)

    @property
    def uid(self):
        return students.read()[self.user.name][0] if os.getuid() == 0 else None

    def user_env(self, env):
        env.update(USER=self.user.name, LOGNAME=self.user.name, HOME=self.home, SHELL="/bin/sh")
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
            copy_lessons(home)  # as the student, who may have made a link of the folder

        return preexec

    async def start(self):
        if self.user.name not in students.read():
            raise RuntimeError(f"{self.user.name} is not on the class list any more")
        self.make_home()
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
            subprocess.run([sys.executable, "-c", "import os; os.kill(-1, 9)"], user=self.uid, group=self.uid, extra_groups=[], check=False)
        if self.group:
            for _ in range(50):  # the kernel takes a moment to bury them
                self.group.remove()
                if not any(os.path.isdir(f) for f in self.group.folders.values()):
                    break
                time.sleep(0.02)
            self.group = None
