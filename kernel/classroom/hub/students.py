"""The class list: a file of names, numbers and hashed codes. `students.py NAME...` adds students, or gives them new codes."""

import fcntl
import os
import re
import secrets
import sys

import settings
from jupyterhub.auth import Authenticator
from jupyterhub.utils import compare_token, hash_token

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no two that look alike on paper
NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


def read():
    """Numbers and hashes by name."""
    try:
        with open(settings.STUDENTS) as f:
            return {name: (int(uid), hashed) for name, uid, hashed in (line.split() for line in f if line.strip())}
    except FileNotFoundError:
        return {}
    except ValueError:
        raise SystemExit(f"{settings.STUDENTS}: want lines of a name, a number and a hash; students.py writes them") from None


def add(names):
    """Adds students; returns their codes, which are kept nowhere. Who is there already keeps number and files."""
    for name in names:
        if not NAME.fullmatch(name):
            raise SystemExit(f"{name!r} is no name: want a lower-case letter, then letters, digits, - and _")
    with open(settings.STUDENTS + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known, codes = read(), {}
        for name in names:
            free = 1 + max([settings.FIRST_UID - 1] + [uid for uid, _ in known.values()])
            codes[name] = "".join(secrets.choice(LETTERS) for _ in range(12))
            known[name] = (known[name][0] if name in known else free, hash_token(codes[name]))
        new = settings.STUDENTS + ".new"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.writelines(f"{name} {uid} {hashed}\n" for name, (uid, hashed) in known.items())
        os.rename(new, settings.STUDENTS)
    return codes


class ClassList(Authenticator):
    """Lets in who is on the list, which is read anew each time: students can be added while the Hub runs."""

    async def authenticate(self, handler, data):
        name, code = data["username"].strip().lower(), data["password"].strip()
        _, hashed = read().get(name, (0, hash_token("")))  # an unknown name takes as long as a wrong code
        return name if compare_token(hashed, code) and code else None


if __name__ == "__main__":
    for name, code in add(sys.argv[1:]).items():
        print(f"{name:32} {code}")
