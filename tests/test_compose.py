"""The many-machine form: what docker-compose.yml promises, without an engine to run it."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings import Settings

ROOT = Path(__file__).parents[1]
SECRETS = dict.fromkeys(("POSTGRES_PASSWORD", "REDIS_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"), "abc123def456")
ONE_SHOT = {"migrate", "bucket", "store-volume"}

Service = dict[str, Any]


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def services(text: str) -> dict[str, Service]:
    found: dict[str, Service] = yaml.safe_load(text)["services"]
    return found


def compose_clients() -> list[list[str]]:
    """The compose clients of this machine: none where there is no Docker."""
    known = [["docker", "compose"], ["docker-compose"]]
    here = [client for client in known if shutil.which(client[0])]
    return [c for c in here if subprocess.run([*c, "version"], capture_output=True, check=False).returncode == 0]


def config(client: list[str], secrets: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [*client, "-f", str(ROOT / "docker-compose.yml"), "config"]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", **secrets}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd="/")


def users_of(stage: str, dockerfile: str) -> list[str]:
    """The users that a stage of the Dockerfile switches to, the last one first."""
    found = re.search(rf"^FROM .* AS {stage}\n(.*?)(?=^FROM |\Z)", dockerfile, re.DOTALL | re.MULTILINE)
    assert found, stage
    return re.findall(r"^USER (\S+)", found[1], re.MULTILINE)[::-1]


def test_every_part_of_the_many_machine_form_is_there(services: dict[str, Service]) -> None:
    assert set(services) == {"api", "rasterizer", "model", "database", "redis", "store"} | ONE_SHOT


def test_every_service_has_limits_and_says_what_happens_when_it_ends(services: dict[str, Service]) -> None:
    for name, service in services.items():
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}, name
        expected = {"no", "on-failure"} if name in ONE_SHOT else {"unless-stopped"}
        assert service["restart"] in expected, name


def test_every_service_that_stays_up_tells_its_health(services: dict[str, Service]) -> None:
    assert {name for name, service in services.items() if "healthcheck" in service} == set(services) - ONE_SHOT


def test_nothing_that_stays_up_runs_as_root(services: dict[str, Service]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    for name, service in services.items():
        if name == "store-volume":  # hands a new volume over, then ends: one capability, no network
            assert service["cap_add"] == ["CHOWN"]
            assert service["network_mode"] == "none"
        elif "build" in service:
            users = [user for name in (service["build"]["target"], "run") for user in users_of(name, dockerfile)]
            assert users[0] == "10001", name
        else:
            assert service["user"] not in {"root", "0", "0:0"}, name
        assert service["cap_drop"] == ["ALL"], name


def test_no_secret_has_a_default_and_each_is_named_in_the_example(text: str) -> None:
    example = (ROOT / ".env.example").read_text()
    for name in SECRETS:
        uses = re.findall(rf"\$\{{{name}[^}}]*\}}", text)
        assert uses, name
        assert all(use == f"${{{name}:?Set {name} in .env, see .env.example}}" for use in uses), uses
        assert re.search(rf"^{name}=$", example, re.MULTILINE), name


def test_services_wait_only_for_services_that_exist_and_can_become_so(services: dict[str, Service]) -> None:
    for name, service in services.items():
        for other, wish in service.get("depends_on", {}).items():
            assert other in services, f"{name} waits for {other}"
            healthy = wish["condition"] == "service_healthy"
            assert healthy == ("healthcheck" in services[other]), f"{name} waits for {other}"


def test_only_the_api_is_reachable_and_by_default_from_this_machine_alone(services: dict[str, Service]) -> None:
    assert {name for name, service in services.items() if "ports" in service} == {"api"}
    assert services["api"]["ports"] == ["${FOLIOSCOPE_BIND:-127.0.0.1}:${FOLIOSCOPE_PORT:-8470}:8470"]


def test_every_setting_that_compose_sets_exists(text: str) -> None:
    known = {f"FOLIOSCOPE_{name.upper()}" for name in Settings.model_fields}
    set_there = set(re.findall(r"^\s+(FOLIOSCOPE_[A-Z_]+):", text, re.MULTILINE))
    set_there |= set(re.findall(r"(FOLIOSCOPE_[A-Z_]+)=", (ROOT / "Dockerfile").read_text()))
    assert set_there <= known


def test_a_models_file_that_is_mounted_names_the_default_unless_the_operator_names_another(
    services: dict[str, Service],
) -> None:
    for name in ("api", "model"):
        environment = services[name]["environment"]
        assert environment["FOLIOSCOPE_MODEL"] is None, name  # as .env says, else not set at all
        assert environment["FOLIOSCOPE_MODELS_FILE"] is None, name


def test_the_compose_client_accepts_the_file_where_there_is_one() -> None:
    for client in compose_clients():
        done = config(client, SECRETS)
        assert done.returncode == 0, done.stderr
        assert "postgresql://folioscope:abc123def456@database:5432/folioscope" in done.stdout


def test_the_compose_client_names_a_missing_secret_and_says_what_to_do() -> None:
    for client in compose_clients():
        for name in SECRETS:
            done = config(client, {k: v for k, v in SECRETS.items() if k != name})
            assert done.returncode != 0
            assert f"Set {name} in .env, see .env.example" in done.stderr


def test_each_image_holds_its_part_alone() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    pattern = r"FROM build AS build-(\w+)\n(?:.*\n)*?RUN .*pip install -c constraints.txt '\.\[(.*)\]'"
    installs = dict(re.findall(pattern, dockerfile))
    assert installs == {"api": "api,postgres,s3", "rasterizer": "postgres,s3", "model": "worker,postgres,s3"}
