"""Prints the mount that serves a published description; fails where the server has none.

A released file names its version; what is between releases (`vwip`) is served by the newest mount of its API."""

import json
import re
import sys
import urllib.request

import yaml


def main(path, url):
    with open(path, encoding="utf-8") as file:
        server = yaml.safe_load(file)["servers"][0]["url"]
    wanted = "/" + server.split("/", 1)[1]
    with urllib.request.urlopen(url + "/openapi.json", timeout=10) as response:
        mounts = [tag["name"] for tag in json.load(response)["tags"]]
    api, version = wanted.rsplit("/", 1)
    if not re.fullmatch(r"v[0-9.]+", version):
        newest = max((mount for mount in mounts if mount.startswith(api + "/")), default=None, key=numbers)
        wanted = newest or wanted
    print(wanted)
    return 0 if wanted in mounts else 1


def numbers(mount):
    return [int(number) for number in re.findall(r"\d+", mount)]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
