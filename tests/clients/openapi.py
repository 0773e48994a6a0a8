"""Holds the program's answers against docs/openapi.yaml: schemathesis sends whatever fits the description, and what does not."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
]

description = Path(__file__).parents[2] / "docs" / "openapi.yaml"
with tempfile.TemporaryDirectory() as scratch:
    run = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            sys.argv[1] if len(sys.argv) > 1 else description,
            "--url",
            os.environ["ISSUER"],
            "--auth",
            os.environ["CLIENT"],
            "--checks",
            ",".join(CHECKS),
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "8",
            "--seed",
            "1",
            "--continue-on-failure",
            "--warnings",
            "off",
            "--no-color",
        ],
        cwd=scratch,
        capture_output=True,
        text=True,
        timeout=100,
    )
print(run.stdout)
if run.returncode != 0:
    sys.exit(f"schemathesis ended with {run.returncode}: {run.stderr}")
selected, described = re.search(r"Selected: (\d+)/(\d+)", run.stdout).groups()
tested = re.search(r"Tested: (\d+)", run.stdout)[1]
passed = int(re.search(r"(\d+) generated, (\d+) passed", run.stdout)[2])
if not (selected == described == tested and passed >= 500):
    sys.exit("not everything was tested")
print("ok - every answer is as the description has it")
