"""What --dry-run says of a run that would not happen, or not publish."""
import pytest

pytestmark = pytest.mark.store

CI = {"CI": "1"}


def test_an_input_that_may_be_absent_is_not_missing_and_no_heading_is_empty(pair):
    pair.manifest("may", """\
        inputs:
          app: {from: build, output: bin, to: in/app, optional: true}
        command: [echo]
        """)
    result = pair.run("may", "--dry-run").ok()
    assert "  app: absent, and optional: " in result.out
    assert "MISSING" not in result.out and "made by" not in result.out and "refused" not in result.out
    lines = result.out.splitlines()
    for line, after in zip(lines, lines[1:] + [""]):
        if line.endswith(":"):
            assert len(after) - len(after.lstrip()) > len(line) - len(line.lstrip()), (line, after)


def test_what_a_run_would_refuse_is_said_and_is_no_error(pair):
    pair.write("source.txt", "changed\n")
    result = pair.run("build", "--dry-run", env=CI).ok()
    assert "a run would be refused here:\n  job 'build' must not publish" in result.out
    assert "source.txt" in result.out and "would run:" in result.out
    assert "refused" not in pair.run("build", "--dry-run").ok().out
    assert "refused" not in pair.run("build", "--dry-run", "--no-publish", env=CI).ok().out


def test_a_missing_input_is_a_reason_to_refuse(pair):
    assert "a run would be refused here:\n  input 'app' is missing\n" in pair.run("use", "--dry-run").ok().out


def test_a_job_that_is_published_would_skip(pair):
    pair.run("build").ok()
    result = pair.run("build", "--dry-run").ok()
    assert "is published already: a run would skip" in result.out
    assert "published already" not in pair.run("build", "--dry-run", "--force").ok().out


def test_no_publish_is_said(pair):
    result = pair.run("build", "--dry-run", "--no-publish").ok()
    assert "would publish nothing, because of --no-publish" in result.out
    assert "would publish at" not in result.out


def test_the_plan_has_every_file_and_the_whole_command_and_touches_nothing(pair):
    pair.run("build").ok()
    pair.manifest("make", """\
        params: {flags: {type: list, of: {type: string}, default: [a b, "c'd"], help: F}}
        inputs:
          app: {from: build, output: bin, to: in/}
          other: {from: build, output: bin, with: {platform: linux-arm64}, to: in/arm/}
        clean: [used]
        env: {SET: to all, GONE: null}
        stdout: used/log
        command: [run, "${inputs.app.path}", {each: "${params.flags}", args: [--flag, "${each}"]}, {files: other}]
        outputs: {a: used/*.whl, b: {path: [used/x, used/y/]}}
        """)
    for name in ("used/a.whl", "used/deep/b"):
        pair.write(name, "old")
    before = pair.snapshot()
    result = pair.run("make", "--dry-run", env={"GONE": "x"}).ok()
    assert pair.snapshot() == before
    for text in ("would remove:\n  used/a.whl\n  used/deep/b\n", "would fetch:\n  in/app (",
                 "  other: MISSING: dev/", "made by: pixi run build --platform linux-arm64",
                 f"    run\n    {pair.root}/in/app\n    --flag\n    'a b'\n    --flag\n    'c'\\''d'\n",
                 "<files of input ", "    GONE is unset\n", "    SET='to all'\n",
                 "  standard output also to used/log\n",
                 "  a: used/*.whl\n  b: used/x\n  b: used/y/\n", "  input 'other' is missing\n"):
        assert text in result.out, (text, result)
    assert f"would publish at {pair.url}/dev/{pair.head}/make/flags=" in result.out


def test_a_script_is_shown_line_by_line(pair):
    out = pair.run("build", "--dry-run").ok().out
    assert "    bash\n    --noprofile\n    --norc\n    -euo\n    pipefail\n    <script>\n    | mkdir -p out\n" in out
