"""The container files are well formed and keep their promises; no container engine runs them here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyOptions

from tests.neo4j_server import LOAD_CSV_CLOSED

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
SECRET = {"NEO4J_PASSWORD": "correct horse"}


def interpolate(text: str, environment: dict[str, str]) -> str:
    """The text with ${NAME:-default} and ${NAME:?message} filled in as docker compose does."""

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        if environment.get(match["name"]):
            return environment[match["name"]]
        if match["how"] == ":?":
            raise LookupError(match["rest"])
        return match["rest"] or ""

    pattern = r"(?P<escaped>\$\$)|\$\{(?P<name>\w+)(?:(?P<how>:[-?])(?P<rest>[^}]*))?\}"
    return re.sub(pattern, value, text)


@pytest.fixture
def services() -> dict[str, Any]:
    parsed: dict[str, dict[str, Any]] = yaml.safe_load(interpolate(TEXT, SECRET))
    return parsed["services"]


def named_like_neo4j(setting: str) -> str:
    """A line of neo4j.conf as the image's environment spells it: _ is doubled, then . becomes _."""
    return "NEO4J_" + setting.replace("_", "__").replace(".", "_")


def test_the_compose_file_follows_the_compose_specification() -> None:
    compose = PyOptions(apply_merge=True).from_yaml(interpolate(TEXT, SECRET))
    compose.validate()
    assert set(compose.service_names()) == {"neo4j", "api", "load"}


def test_the_compose_file_refuses_to_start_without_a_password() -> None:
    with pytest.raises(LookupError, match="Set NEO4J_PASSWORD"):
        interpolate(TEXT, {})


def test_every_port_is_published_on_this_machine_alone(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_neo4j_is_closed_to_load_csv_and_reports_nothing(services: dict[str, Any]) -> None:
    quiet = {"dbms.usage_report.enabled": "false", "client.allow_telemetry": "false"}
    expected = {named_like_neo4j(name): value for name, value in (LOAD_CSV_CLOSED | quiet).items()}
    assert expected.items() <= services["neo4j"]["environment"].items()


def test_everything_waits_until_neo4j_answers(services: dict[str, Any]) -> None:
    assert "healthcheck" in services["neo4j"]
    for name in ("api", "load"):
        assert services[name]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
        assert services[name]["environment"] == {
            "NEO4J_URI": "bolt://neo4j:7687",
            "NEO4J_USER": "neo4j",
            **SECRET,
        }


def test_the_dockerfile_passes_hadolint() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint has no build for this system")
    said = subprocess.run(
        [hadolint, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.stdout + said.stderr == ""


def test_the_image_gets_no_root_and_every_folder_it_needs() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER 10001" in lines
    copied = {line.split()[1] for line in lines if line.startswith("COPY ")}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {"schema", "kb", "loaders", "api"} <= copied
    assert {f"!{name}" for name in ("schema", "kb", "loaders", "api", "requirements.lock")} <= set(ignored)
