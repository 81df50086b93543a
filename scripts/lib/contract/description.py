"""Checks the description that a server gives: valid OpenAPI, the same in JSON and YAML, and every example what its schema
says."""

import json
import sys
import urllib.request

import yaml
from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker
from openapi_spec_validator import OpenAPIV30SpecValidator


def main(url):
    description = json.loads(read(url + "/openapi.json"))
    problems = [f"not OpenAPI 3.0: {error.message}" for error in OpenAPIV30SpecValidator(description).iter_errors()]
    if yaml.safe_load(read(url + "/openapi.yaml")) != description:
        problems.append("openapi.yaml says something else than openapi.json")
    count = 0
    for place, media in media_types(description, description, "#"):
        schema = {"allOf": [media["schema"]], "components": description["components"]}
        validator = OAS30ReadValidator(schema, format_checker=oas30_format_checker)
        for name, example in media.get("examples", {}).items():
            count += 1
            problems += [f"{place}, example {name}: {error.message}" for error in validator.iter_errors(example["value"])]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(description['paths'])} paths, {count} examples, {len(problems)} problems")
    return 1 if problems or count == 0 else 0


def read(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read().decode()


def media_types(description, value, place):
    """Every media type object below `value`."""
    if isinstance(value, dict):
        for media in value.get("content", {}).values() if isinstance(value.get("content"), dict) else []:
            yield place, media
        for key, inner in value.items():
            yield from media_types(description, inner, f"{place}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from media_types(description, inner, f"{place}/{index}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/")))
