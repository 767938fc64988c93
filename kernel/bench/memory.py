"""What a process and all below it hold in memory."""

import os


def tree(pid):
    """The process and all below it."""
    below = {}
    for d in os.listdir("/proc"):
        if d.isdigit():
            try:
                with open(f"/proc/{d}/stat") as f:
                    below.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(d))
            except OSError:
                pass  # it has ended
    found = [pid]
    for p in found:
        found += below.get(p, [])
    return found


def memory(pid, own=True):
    """Resident bytes of the processes: summed (rss), and with each shared page counted once (pss). own: with pid itself."""
    r = {"rss": 0, "pss": 0, "processes": 0}
    for p in tree(pid)[0 if own else 1 :]:
        try:
            with open(f"/proc/{p}/smaps_rollup") as f:
                for line in f:
                    key = line.split(":")[0].lower()
                    if key in r:
                        r[key] += int(line.split()[1]) << 10
            r["processes"] += 1
        except OSError:
            pass  # it has ended
    return r
