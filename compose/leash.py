"""A launcher that ties a program's life to its supervisor's.

Run as `python -I -S leash.py SUPERVISOR_PID NICENESS PROGRAM ARGUMENT…`. It asks the kernel to kill this
process when its supervisor dies, however it dies (prctl PR_SET_PDEATHSIG), becomes as nice as it is to be,
and then becomes PROGRAM: the request survives exec, only fork and set-user-id programs drop it. Asking here,
between fork and exec but in a Python of its own, keeps threads and locks of the supervisor out of it (what
`preexec_fn` cannot promise).

The kernel watches the supervisor's *thread* that started us, so start programs from a thread that lasts:
the supervisor's event loop in the main thread.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie the knot, make sure the supervisor did not die just before, and become the program."""
    supervisor, niceness, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        sys.exit("the supervisor is gone")
    os.nice(niceness)
    os.execvp(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main()
