"""What differs between classes, from the environment. classroom.sh help lists the variables from here."""

import os
import re


def size(text):
    """Bytes of a text such as 800M or 1.5G."""
    m = re.fullmatch(r"([0-9.]+)([KMGT]?)", text)
    if not m:
        raise SystemExit(f"CLASSROOM_MEMORY={text}: want a number and one of K, M, G, T, such as 800M")
    return int(float(m[1]) * 1024 ** " KMGT".index(m[2] or " "))


def variable(name, default, convert=str):
    text = os.environ.get("CLASSROOM_" + name, default)
    try:
        return convert(text)
    except ValueError:
        raise SystemExit(f"CLASSROOM_{name}={text}: want a number") from None


DIR = variable("DIR", "/srv/classroom", os.path.abspath)  # the class: list, homes, logs
PREFIX = variable("PREFIX", "/usr/local", os.path.abspath)  # where rt0 and its kernelspec are installed, read-only
NOTEBOOKS = variable("NOTEBOOKS", os.path.join(PREFIX, "share", "rt0", "notebooks"))  # what each student gets a copy of
ADDRESS = variable("ADDRESS", "127.0.0.1")  # 0.0.0.0 lets students in; give KEY and CERTIFICATE then
PORT = variable("PORT", "8000", int)  # the students' port
HUB_PORT = variable("HUB_PORT", "8081", int)  # inner ports, on loopback
PROXY_PORT = variable("PROXY_PORT", "8001", int)
CERTIFICATE = variable("CERTIFICATE", "")  # PEM files for https
KEY = variable("KEY", "")
MEMORY = variable("MEMORY", "1G", size)  # of one student: server, kernels, and the builds of programs
CPUS = variable("CPUS", "1", float)  # that one student may keep busy
PROCESSES = variable("PROCESSES", "300", int)  # and threads of one student
IDLE = variable("IDLE", "3600", int)  # seconds without work until kernels, and then the server, are stopped
FIRST_UID = variable("FIRST_UID", "200000", int)  # students have numbers from here on, and no accounts
SOCKETS = variable("SOCKETS", os.path.join(DIR, "sockets"), os.path.abspath)  # a folder with a short path, made if it is not there

RUN = os.path.join(DIR, "run")
HOMES = os.path.join(DIR, "home")
TEMPLATE = os.path.join(DIR, "template")  # a home whose caches every student begins with
GOPATH = os.path.join(DIR, "go")
STUDENTS = os.path.join(DIR, "students")
GROUP = f"rt0-classroom-{PORT}"  # the control group above the students'
URL = f"{'https' if CERTIFICATE else 'http'}://{ADDRESS}:{PORT}"


def runtime(number):
    """The folder of the sockets and connection files of a student's kernels. Names of students may be too long for it."""
    return os.path.join(SOCKETS, str(number))


# jupyter_client names a kernel's sockets after its connection file; Linux takes 107 bytes (unix(7)).
_longest = len(os.fsencode(runtime("4294967295"))) + len("/kernel-00000000-0000-0000-0000-000000000000-ipc-5")
if _longest > 107:
    raise SystemExit(f"{SOCKETS}: the path is {_longest - 107} bytes too long for sockets; set CLASSROOM_SOCKETS to a shorter one, such as /run/classroom")
