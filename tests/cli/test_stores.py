"""Environments with stores of their own: what is read from where, and what is left alone."""
import re

import pytest
from conftest import REPOSITORY

CI = {"CI": "true", "GITHUB_RUN_ID": "42"}


@pytest.fixture
def apart(pair):
    """`pair`, where dev and CI have stores of their own."""
    del pair.environment["JOBRUN_STORE"]
    pair.write("jobrun.yaml", f"""\
environments:
  dev: {{store: {pair.top}/dev-store}}
  CI: {{store: {pair.top}/ci-store}}
""")
    pair.commit("stores")
    pair.dev = pair.top / "dev-store"
    pair.ci = pair.top / "ci-store"
    return pair


def test_inputs_from_reads_the_other_environments_store_and_never_writes_there(apart):
    apart.run("build", env=CI).ok()
    before = sorted(apart.ci.rglob("*"))
    apart.ci.chmod(0o555)
    result = apart.run("use", "--inputs-from", "CI").ok()
    apart.ci.chmod(0o755)
    assert "input 'app' comes from environment 'CI'" in result.err
    assert apart.read("in/app") == "built for linux-x64\n"
    assert (apart.dev / "dev" / apart.head / "use").is_dir()
    assert sorted(apart.ci.rglob("*")) == before
    assert not (apart.dev / "CI").exists()


def test_a_fallback_is_read_from_its_own_store_after_the_own_one(apart):
    apart.write("jobrun.yaml", apart.read("jobrun.yaml").replace("dev-store}", "dev-store, fallback: [CI]}"))
    apart.commit("fallback")
    missing = apart.run("use").fails(122).err
    assert missing.index(f"{apart.dev}/dev/") < missing.index(f"{apart.ci}/CI/")
    assert not apart.ci.exists() and not apart.dev.exists()

    apart.run("build", env=CI).ok()
    assert "comes from environment 'CI'" in apart.run("use").ok().err
    apart.run("build").ok()
    again = apart.run("use", "--dry-run").ok()
    assert f"app: there: dev/{apart.head}" in again.out


def test_inputs_of_several_stores_land_together(apart):
    apart.write("jobrun.yaml", apart.read("jobrun.yaml").replace("dev-store}", "dev-store, fallback: [CI]}"))
    apart.manifest("both", """\
        inputs:
          libs: {from: build, with: {platform: [linux-x64, linux-arm64]}, to: "in/${with.platform}/"}
        command: [cat, {files: libs}]
        """)
    apart.commit()
    apart.run("build", "--platform", "linux-x64").ok()
    apart.run("build", "--platform", "linux-arm64", env=CI).ok()
    assert apart.run("both").ok().out == "built for linux-x64\nbuilt for linux-arm64\n"


@pytest.mark.parametrize("how", ["--store", "JOBRUN_STORE"])
def test_a_store_that_is_given_serves_all_environments(apart, how):
    given = str(apart.top / "given")
    arguments = ["--store", given] if how == "--store" else []
    env = {"JOBRUN_STORE": given} if how == "JOBRUN_STORE" else {}
    apart.run("build", env=CI).ok()
    result = apart.run("use", "--inputs-from", "CI", *arguments, env=env).fails(122)
    assert f"{given}/CI/" in result.err and str(apart.ci) not in result.err
    apart.run("build", *arguments, env={**env, **CI}).ok()
    apart.run("use", "--inputs-from", "CI", *arguments, env=env).ok()


def test_a_near_miss_in_the_other_store_is_named(apart):
    apart.run("build", env=CI).ok()
    result = apart.run("use").fails(122)
    assert "it is there for environment 'CI'" in result.err
    assert "--inputs-from CI" in result.err


def test_damage_in_the_other_store_is_damage(apart):
    apart.run("build", env=CI).ok()
    next(apart.ci.rglob("app")).unlink()
    result = apart.run("use", "--inputs-from", "CI").fails(123)
    assert "damaged" in result.err and str(apart.ci) in result.err


def test_a_store_that_may_not_be_read_is_another_message_than_absence(apart):
    apart.run("build", env=CI).ok()
    receipt = next(apart.ci.rglob("receipt.json"))
    receipt.unlink()
    receipt.symlink_to("/nowhere")
    refused = apart.run("use", "--inputs-from", "CI").fails(123)
    assert "has not published" not in refused.err


def test_a_store_that_this_version_has_not_is_named_with_the_input(apart):
    apart.write("jobrun.yaml", "environments: {CI: {store: az://bucket/x}}\n")
    apart.commit()
    result = apart.run("use", "--inputs-from", "CI").fails(2)
    assert "input 'app'" in result.err and "environment 'CI'" in result.err
    assert "az://bucket/x" in result.err


def test_nothing_of_a_job_touches_the_store_of_another_environment(apart):
    apart.write("jobrun.yaml", "environments: {dev: {store: stores/a}, CI: {store: stores/b}}\n")
    apart.ignore("/out/", "/in/", "/used/", "/stores/", "/seen/")
    apart.commit()
    apart.run("build", env=CI).ok()
    stored = apart.root / "stores" / "b" / "CI"
    assert stored.is_dir()

    apart.manifest("sweep", "clean: [stores]\ncommand: ['true']\n")
    assert "stores/b" in apart.run("sweep").fails(121).err
    apart.manifest("sweep", "clean: ['stores/**']\ncommand: ['true']\n")
    apart.run("sweep")
    assert stored.is_dir()

    apart.manifest("place", "inputs: {app: {from: build, to: stores/b/}}\ncommand: ['true']\n")
    assert "leads into the store" in apart.run("place", "--inputs-from", "CI").fails(120).err

    apart.manifest("take", "script: mkdir -p stores/c; echo 1 > stores/c/x\noutputs: {o: 'stores/**/*'}\n")
    apart.commit()
    apart.run("take").ok()
    taken = sorted(p.name for p in (apart.root / "stores/a").rglob("take/*/o/*"))
    assert taken == ["c"]


def test_the_command_that_makes_it_publishes_where_it_is_looked_for(apart):
    apart.write("jobrun.yaml", apart.read("jobrun.yaml") + f"  nightly: {{store: {apart.top}/nightly}}\n")
    apart.commit()
    missing = apart.run("use", "--inputs-from", "nightly").fails(122).err
    assert "help: pixi run build --platform linux-x64 --env nightly\n" in missing
    apart.run("build", "--platform", "linux-x64", "--env", "nightly").ok()
    apart.run("use", "--inputs-from", "nightly").ok()
    protected = apart.run("use", "--inputs-from", "CI").fails(122).err
    assert "help: pixi run build --platform linux-x64\n" in protected


def test_an_unignored_store_of_another_environment_does_not_make_the_tree_dirty(apart):
    apart.write("jobrun.yaml", "environments: {dev: {store: stores/a}, CI: {store: stores/b}}\n")
    apart.commit()
    apart.run("build").ok()
    apart.run("build", env=CI).ok()
    assert "nothing to do" in apart.run("build").ok().err


def test_the_credentials_of_every_store_in_use_are_kept_from_the_job(apart):
    secrets = {"AWS_ACCESS_KEY_ID": "key", "CLOUDSDK_AUTH_ACCESS_TOKEN": "token"}
    apart.manifest("say", "script: echo \"[${AWS_ACCESS_KEY_ID-}${CLOUDSDK_AUTH_ACCESS_TOKEN-}]\"\n")
    apart.write("jobrun.yaml", "environments: {CI: {store: s3://bucket}, nightly: {store: gs://bucket}}\n")
    apart.commit()
    assert apart.run("say", env=secrets).ok().out == "[keytoken]\n"
    assert apart.run("say", "--inputs-from", "CI", env=secrets).ok().out == "[token]\n"
    apart.write("jobrun.yaml", apart.read("jobrun.yaml").replace(
        "{CI:", "{dev: {fallback: [CI, nightly]}, CI:"))
    assert apart.run("say", env=secrets).ok().out == "[]\n"


# What says who is asked, and nothing of how: the job may see it.
NO_CREDENTIALS = {"HOME", "NO_GCE_CHECK", "GOOGLE_CLOUD_QUOTA_PROJECT", "JOBRUN_GCS_ANONYMOUS"}
# What others set beside them, for the same files.
OTHERS = {"GOOGLE_GHA_CREDS_PATH", "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
          "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"}


def test_every_variable_that_google_credentials_come_from_is_kept_from_the_job(apart):
    read = set()
    for source in (REPOSITORY / "src" / "store").glob("google_*.c"):
        read.update(re.findall(r'\b(?:variable|getenv)\("([A-Z_]+)"\)', source.read_text()))
    assert {"GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "GCE_METADATA_HOST"} <= read
    hidden = (read | OTHERS) - NO_CREDENTIALS
    apart.manifest("say", "command: [env]\n")
    apart.write("jobrun.yaml", "environments: {CI: {store: gs://bucket}}\n")
    apart.commit()
    env = {name: "of-the-store" for name in hidden}
    assert apart.run("say", env=env).ok().out.count("=of-the-store\n") == len(hidden)
    assert "of-the-store" not in apart.run("say", "--inputs-from", "CI", env=env).ok().out


def test_a_bad_name_to_read_from_is_refused_once(apart):
    result = apart.run("use", "--inputs-from", "../x").fails(2)
    assert result.err.count("--inputs-from: '../x'") == 1
