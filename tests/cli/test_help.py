"""Help of jobs and commands."""
import platform

import pytest

HOST = {"x86_64": ("linux-64", "linux-x64"), "aarch64": ("linux-aarch64", "linux-arm64")}


@pytest.fixture
def helped(workspace):
    conda = HOST[platform.machine()][0]
    workspace.write("manifests/v.yaml", f"""\
job: v
help: |
  The first line.

  More of it.
  \tThe last line.
params:
  zeta: {{type: string, default: x, help: "Zeta's first line.\\nAnd its second."}}
  alpha: {{type: enum, values: [{conda}, windows-x64], default: host, help: A}}
  other: {{type: enum, values: [windows-x64], default: host, help: O}}
script: echo x > out
outputs:
  o: {{path: out, help: "What comes out.\\nMore on it."}}
""")
    workspace.commit()
    return workspace


def test_a_job_shows_the_first_line_of_each_help_and_its_own_in_full(helped):
    out = helped.run("v", "--help").ok().out
    assert out.startswith("v: The first line.\n\nMore of it.\n\\tThe last line.\n\nusage:\n")
    assert "Zeta's first line.\n" in out and "And its second" not in out
    assert "What comes out.\n" in out and "More on it" not in out
    assert "\\n" not in out


def test_the_address_has_its_params_in_order(helped):
    assert "/v/alpha=...,other=...,zeta=.../\n" in helped.run("v", "--help").ok().out


def test_the_platform_of_this_machine_is_shown_as_the_manifest_writes_it(helped):
    out = helped.run("v", "--help").ok().out
    conda, name = HOST[platform.machine()]
    assert f"default: this machine's ({conda})" in out
    assert f"default: this machine's, but this machine is none of them ({name})" in out


def test_a_required_param_shows_the_first_line_of_its_help(workspace):
    workspace.manifest("r", 'params: {x: {type: string, required: true, help: "One.\\nTwo."}}\ncommand: [echo]\n')
    result = workspace.run("r").fails(2)
    assert "'x': One.\n" in result.err and "Two" not in result.err


def test_help_shows_what_a_job_or_a_command_shows(helped):
    assert helped.run("help", "v").ok().out == helped.run("v", "--help").ok().out
    assert helped.run("help", "manifests/v.yaml").ok().out.startswith("v: ")
    for command in ("lint", "version", "help"):
        shown = helped.run("help", command).ok().out
        assert shown.startswith(f"jobrun {command}")
    assert helped.run("help", "lint").out == helped.run("lint", "--help").ok().out
    assert helped.run("help", "run").out == helped.run("run", "--help").ok().out
    assert helped.run("help", "version").out == helped.run("version", "--help").ok().out
    assert "3 cannot read" in helped.run("help", "lint").out
    assert "--force" in helped.run("help", "run").out and "--force" not in helped.run("help", "lint").out
    assert helped.run("help").ok().out == helped.run("help", "--help").ok().out == helped.run("--help").ok().out


def test_help_refuses_what_it_does_not_know(helped):
    assert "there is no job 'lnit'" in helped.run("help", "lnit").fails(2).err
    assert "command 'list' is not in this version" in helped.run("help", "list").fails(2).err
    assert "'--force'" in helped.run("help", "--force").fails(2).err
    assert "'extra'" in helped.run("help", "lint", "extra").fails(2).err
