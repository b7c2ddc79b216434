"""Who is killed leaves no process behind that goes on in its database, or on its port."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

GONE = "Whoever started this process is gone already.\n"
PARENT = """
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())])
{then}
"""
KILLED = "import signal; sys.stdin.readline(); os.kill(os.getpid(), signal.SIGKILL)"
CHILD = """
import os, sys, time
from kommunalpro.config.running import end_with
parent = int(sys.argv[1])
{first}
end_with(parent)
print("lives", flush=True)
time.sleep(60)
"""
ORPHANED = "while os.getppid() == parent: time.sleep(0.01)"
DEMO = """
import django, os, signal
django.setup()
from kommunalpro.config.commands.demo import worker_beside
with worker_beside():
    os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def running(*arguments, **environment):
    """Run Python. What it starts writes where it does, and so is waited for as well; in the end none is left."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KOMMUNALPRO_")}
    process = subprocess.Popen(  # noqa: S603  (our own commands)
        [sys.executable, "-c", *arguments], text=True, start_new_session=True, env=inherited | environment, **pipes
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_a_process_whose_parent_is_gone_before_it_could_say_so_ends_at_once():
    with running(PARENT.format(then=""), CHILD.format(first=ORPHANED)) as parent:
        assert parent.communicate(timeout=10) == ("", GONE)


def test_a_process_whose_parent_is_killed_is_asked_to_stop():
    with running(PARENT.format(then=KILLED), CHILD.format(first="")) as parent:
        assert parent.stdout.readline() == "lives\n"
        assert parent.communicate("now\n", timeout=10) == ("", "")


def test_the_worker_beside_a_demo_that_is_killed_ends_with_it(tmp_path):
    with running(DEMO, TMPDIR=str(tmp_path)) as demo:
        assert demo.communicate(timeout=20) == ("", GONE), "before it looks for a database"
