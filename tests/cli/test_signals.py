"""What ends a run early: signals, the deadline, and readers that do not read."""
import os
import pathlib
import resource
import shlex
import signal
import subprocess
import time

import pytest

from conftest import wait_until

pytestmark = pytest.mark.store

ALL = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1,
       signal.SIGUSR2, signal.SIGALRM]
FLOOD = "command: [seq, '1', '300000']\nkill-after: 1s\n"


def fresh():
    """For whoever runs the tests behind the `&` of a shell: that ignores these."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def spawn(workspace, *arguments, **options):
    return workspace.spawn(*arguments, preexec_fn=options.pop("before", fresh), **options)


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def job(workspace, text):
    workspace.ignore("/out/", "/ready", "/pid", "/tools/")
    workspace.manifest("j", text)
    workspace.commit()
    return workspace


def log_of(workspace):
    (log,) = (workspace.root / ".jobrun" / "logs").glob("j-*.log")
    return log


@pytest.mark.parametrize("number", ALL)
def test_a_signal_ends_the_job_and_all_that_it_started(workspace, number):
    # bash itself ignores QUIT.
    job(workspace, "script: |\n  sleep 60 & echo $! > pid\n  : > ready\n  exec sleep 60\n")
    process = spawn(workspace, "j")
    wait_until((workspace.root / "ready").exists, "the job does not start")
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number, err
    name = signal.Signals(number).name.removeprefix("SIG")
    assert f"was interrupted by {name}" in err
    assert not is_alive(int(workspace.read("pid")))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT])
@pytest.mark.parametrize("one_pipe", [False, True])
def test_a_signal_acts_while_nobody_reads_the_output(workspace, number, one_pipe):
    job(workspace, FLOOD)
    process = spawn(workspace, "j", stderr=subprocess.STDOUT if one_pipe else subprocess.PIPE)
    wait_until(lambda: any((workspace.root / ".jobrun" / "logs").glob("j-*.log"))
               and log_of(workspace).stat().st_size > 100000, "no output comes")
    process.send_signal(number)
    assert process.wait(timeout=60) == 128 + number
    if not one_pipe:
        assert "not all of the output was shown" in process.stderr.read()


@pytest.mark.parametrize("one_pipe", [False, True])
def test_the_deadline_comes_while_nobody_reads_the_output(workspace, one_pipe):
    job(workspace, FLOOD + "timeout: 1s\n")
    process = spawn(workspace, "j", stderr=subprocess.STDOUT if one_pipe else subprocess.PIPE)
    assert process.wait(timeout=20) == 124


def test_a_slow_reader_gets_everything(workspace):
    job(workspace, """\
        script: |
          mkdir -p out
          seq 1 300000 | tee out/f &
        outputs: {f: out/f}
        """)
    expected = "".join(f"{i}\n" for i in range(1, 300001))
    process = spawn(workspace, "j")
    time.sleep(2)
    assert process.poll() is None
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out == expected
    assert log_of(workspace).read_text() == expected
    assert workspace.read("out/f") == expected
    assert "left behind" not in err


def test_the_lines_of_both_streams_stay_whole_in_one_slow_pipe(workspace):
    job(workspace, """\
        script: |
          for i in $(seq 1 6000); do
            echo "out $i .........................................."
            echo "err $i .........................................." >&2
          done
        """)
    process = spawn(workspace, "j", stderr=subprocess.STDOUT)
    time.sleep(1)
    out, _ = process.communicate(timeout=60)
    dots = "." * 42
    lines = out.splitlines()
    assert [x for x in lines if x.startswith("out")] == [f"out {i} {dots}" for i in range(1, 6001)]
    assert [x for x in lines if x.startswith("err")] == [f"err {i} {dots}" for i in range(1, 6001)]


def test_an_inherited_pipe_stays_blocking(workspace):
    job(workspace, "command: [echo, hi]\n")
    reader, writer = os.pipe()
    workspace.spawn("j", stdout=writer).wait(timeout=30)
    assert os.get_blocking(writer)
    assert os.read(reader, 100) == b"hi\n"
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP])
def test_what_the_caller_ignores_jobrun_and_its_job_ignore(workspace, number):
    job(workspace, f"""\
        script: |
          kill -{int(number)} $$
          touch ready
          sleep 1
          echo end
        """)
    process = spawn(workspace, "j", before=lambda: signal.signal(number, signal.SIG_IGN))
    wait_until((workspace.root / "ready").exists, "the job does not start")
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert out == "end\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_status_of_a_signal_while_git_runs_is_its_own(workspace, number):
    job(workspace, "command: [echo, hi]\n")
    ready = workspace.root / "ready"
    workspace.write("tools/git", f"#!/bin/sh\ntouch {shlex.quote(str(ready))}\nexec sleep 60\n",
                    0o755)
    path = f"{workspace.root / 'tools'}:{workspace.environment['PATH']}"
    process = spawn(workspace, "j", env={"PATH": path})
    wait_until(ready.exists, "git does not run")
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number, err


def test_without_descriptors_it_fails_and_says_so(workspace):
    job(workspace, "command: [echo, hi]\n")

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))

    process = spawn(workspace, "j", before=limit)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 125
    assert "cannot prepare for signals" in err


def test_no_git_on_path_is_a_failure_that_says_what_to_do(workspace):
    job(workspace, "command: [echo, hi]\n")
    result = workspace.run("j", env={"PATH": "/nonexistent"}).fails(125)
    assert "git is not installed" in result.err
    assert "install git" in result.err


def test_a_command_that_cannot_be_executed_says_why(workspace):
    job(workspace, "command: [./tool]\n")
    tool = workspace.write("tool", "#!/no/such/interpreter\n", 0o755)
    assert "its interpreter is not there" in workspace.run("j").fails(126).err
    tool.write_text("echo a script without its first line\n")
    assert "nor a script whose first line" in workspace.run("j").fails(126).err
    tool.unlink()
    assert "there is no such file" in workspace.run("j").fails(127).err
    workspace.manifest("j", "command: [jobrun-no-such-command]\n")
    assert "no such program on the job's PATH" in workspace.run("j").fails(127).err


def test_a_killed_run_takes_its_job_along_and_the_next_one_does_not_meet_it(workspace):
    job(workspace, "script: |\n"
                   "  mkdir -p out\n"
                   "  if [ -e out/second ]; then exit; fi\n"
                   "  touch out/second\n"
                   "  (while :; do date +%N > out/a; done) &\n"
                   "  echo $! > pid\n"
                   "  touch ready\n"
                   "  wait\n"
                   "outputs: {o: out/}\n")
    process = spawn(workspace, "j")
    wait_until(lambda: (workspace.root / "ready").exists() and (workspace.root / "out/a").exists(),
               "the job does not start")
    grandchild = int(workspace.read("pid"))
    assert is_alive(grandchild)
    process.kill()
    process.communicate(timeout=60)
    workspace.run("j").ok()
    assert not is_alive(grandchild)
