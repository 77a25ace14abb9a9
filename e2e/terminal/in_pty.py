"""Runs a command on a terminal of its own, as a person would.

    in_pty.py ROWS COLUMNS COMMAND [ARGUMENT]...

What comes on standard input is typed, what the command writes goes to standard output. After its end one line of JSON
on standard error: {"exit": code, "restored": whether the terminal's settings are those from before}.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios


def main():
    rows, columns = int(sys.argv[1]), int(sys.argv[2])
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    before = termios.tcgetattr(slave)
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for descriptor in (0, 1, 2):
            os.dup2(slave, descriptor)
        os.closerange(3, 256)
        os.execvp(sys.argv[3], sys.argv[3:])
    code = copy(child, master)
    # The slave stays open here: without it the settings would be gone with the child.
    restored = termios.tcgetattr(slave) == before
    print(json.dumps({"exit": code, "restored": restored}), file=sys.stderr)


def copy(child, master):
    """Copies both ways until the child has ended and all that it wrote is passed on."""
    code = None
    watched = [master, 0]
    while True:
        ready, _, _ = select.select(watched, [], [], 0.05)
        if master in ready:
            os.write(1, os.read(master, 65536))
        if 0 in ready:
            typed = os.read(0, 65536)
            if typed:
                os.write(master, typed)
            else:
                watched.remove(0)
        if code is not None and master not in ready:
            return code
        if code is None:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)


main()
