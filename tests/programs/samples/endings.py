"""Children that end in their own ways; it says who ended how, as `subprocess` has it, and looks late at one."""

import os
import subprocess
import sys

ENDINGS = ("import sys; sys.exit(5)", "import os; os._exit(6)", "raise ValueError", "import os; os.abort()")

if __name__ == "__main__":
    for ending in ENDINGS:
        child = subprocess.Popen([sys.executable, "-c", ending], stderr=subprocess.DEVNULL)
        print(child.pid, child.wait(), flush=True)
    late = subprocess.Popen([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
    os.waitid(os.P_PID, late.pid, os.WEXITED | os.WNOWAIT)
    print(late.pid, late.wait(), flush=True)
    if (pid := os.fork()) == 0:
        sys.exit(9)
    print(pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
