"""What one student may take, kept by Linux: control groups where there are any that can be written, else limits of each process."""

import os
import resource

import settings

ROOT = "/sys/fs/cgroup"
PERIOD = 100_000  # microseconds in which a share of the processors is counted


def write(path, value):
    with open(path, "w") as f:
        f.write(str(value))


class Group:
    """The control groups of one student: one of version 2, or one of version 1 a controller."""

    def __init__(self, name, root=ROOT):
        self.root = root
        if os.path.exists(os.path.join(root, "cgroup.controllers")):
            self.folders = {"": os.path.join(root, settings.GROUP, name)}
        else:
            self.folders = {c: os.path.join(root, c, settings.GROUP, name) for c in ("memory", "cpu", "pids")}

    def create(self, memory, cpus, processes):
        """Makes the groups, with limits; returns why it cannot, or None. memory is in bytes."""
        try:
            for folder in self.folders.values():
                if "" in self.folders:
                    for above in (self.root, os.path.join(self.root, settings.GROUP)):
                        os.makedirs(above, exist_ok=True)
                        write(os.path.join(above, "cgroup.subtree_control"), "+memory +cpu +pids")
                os.makedirs(folder, exist_ok=True)
            for controller, file, value in (
                ("memory", "memory.max" if "" in self.folders else "memory.limit_in_bytes", memory),
                ("cpu", "cpu.max" if "" in self.folders else "cpu.cfs_quota_us", self.quota(cpus)),
                ("pids", "pids.max", processes),
            ):
                write(os.path.join(self.folders.get(controller) or self.folders[""], file), value)
        except OSError as e:
            self.remove()
            return e
        return None

    def quota(self, cpus):
        quota = int(cpus * PERIOD)
        return f"{quota} {PERIOD}" if "" in self.folders else quota

    def enter(self):
        """Puts the calling process, and all that it starts, into the groups."""
        for folder in self.folders.values():
            write(os.path.join(folder, "cgroup.procs"), os.getpid())

    def remove(self):
        for folder in self.folders.values():
            try:
                os.rmdir(folder)
                os.rmdir(os.path.dirname(folder))
            except OSError:
                pass  # was never made; a process is just ending in it; or other students are there


def limit_process(memory, processes, own_uid):
    """Limits the calling process and each that it starts, alone: the second best. A count of processes is one of the uid's."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    if own_uid:
        resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    os.nice(5)  # the Hub and the proxy come first
