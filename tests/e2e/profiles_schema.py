# SPDX-License-Identifier: MIT
"""The JSON Schema of the profiles file against the files that jit-broker takes
and refuses, and against the keys in the source.  Arguments: the tree, further
files that it has to accept."""
import json
import pathlib
import re
import sys

import jsonschema
import yaml

root = pathlib.Path(sys.argv[1])
schema = json.loads((root / "docs/profiles.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
bad = 0


def complain(text):
    global bad
    bad = 1
    print(text)


def first_error(path):
    error = jsonschema.exceptions.best_match(validator.iter_errors(yaml.safe_load(path.read_text())))
    return error and f"{'/'.join(map(str, error.absolute_path))}: {error.message}"


# --- what jit-broker loads, the schema takes
accepted = [root / "docs/profiles.example.yaml", root / "tests/e2e/profiles.yaml"]
accepted += sorted((root / "tests/vectors/profiles/warned").glob("*.yaml"))
accepted += map(pathlib.Path, sys.argv[2:])
if len(accepted) < 20:
    complain("few files to accept")
for path in accepted:
    if error := first_error(path):
        complain(f"{path}: refused: {error}")

# --- mistakes of structure, which an editor can underline
structural = (root / "tests/vectors/profiles/structural").read_text().split()
for name in structural:
    if not first_error(root / f"tests/vectors/profiles/bad/{name}.yaml"):
        complain(f"{name}.yaml is accepted")

# --- the same keys, and the same of them required
keys, required = set(), set()
for path in sorted((root / "broker").glob("profiles*.c")):
    for name, needed in re.findall(r'\{ "([a-z_]+)", (true|false),', path.read_text()):
        keys.add(name)
        required |= {name} if needed == "true" else set()
rules = (root / "broker/profiles-rules.c").read_text()
keys |= set(re.findall(r'\{ "([a-z]+)", RULE_', rules))
dynamodb = (root / "policy/dynamodb.c").read_text()
table = re.search(r"static const struct key keys\[\] = \{(.*?)\};", dynamodb, re.S)[1]
switches = re.search(r"switches\[\] = \{(.*?)\};", dynamodb, re.S)[1]
keys |= set(re.findall(r'"([a-z_]+)"', table)) | set(re.findall(r'"([a-z_]+)"', switches))
services = re.findall(r'\.name = "([a-z0-9]+)"', dynamodb + (root / "policy/document.c").read_text())
keys |= set(services) | {"deny"}
required |= {"table", "actions"}  # dynamodb.c tells of these in words of its own

found, needed = set(), set()


def collect(node):
    if isinstance(node, list):
        for item in node:
            collect(item)
    elif isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            found.update(node["properties"])
            needed.update(node.get("required", []))
        for item in node.values():
            collect(item)


collect(schema)
needed -= {"deny", "dynamodb"}  # what an entry is, not a key that it needs
if len(keys) < 40:
    complain(f"only {len(keys)} keys were found in the source")
for name in sorted(keys ^ found):
    complain(f"the key {name} is only in {'the source' if name in keys else 'docs/profiles.schema.json'}")
for name in sorted(required ^ needed):
    complain(f"the key {name} is required only by {'the source' if name in required else 'docs/profiles.schema.json'}")
sys.exit(bad)
