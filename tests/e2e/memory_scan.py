#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Looks for copies of secrets in processes' memory and in files.

usage: memory_scan.py NEEDLES [--file-tree DIRECTORY]... [--alive PID]... [PID]...

NEEDLES is a credential_process document; its SecretAccessKey and SessionToken
are looked for, whole and in any run of 16 bytes at every eighth place, so that
half a copy is found too.  Every mapping is read through /proc/PID/mem, which
shows even pages that the process itself may not touch; root only.  A process
that has ended holds nothing, so that is no error, but for an --alive one.
Prints a line for each find, then "scanned N bytes".  Status 1 if anything was
found, 2 if an --alive process was not there.
"""
import argparse
import json
import os
import pathlib
import sys

PIECE, STEP = 16, 8
BLOCK = 1 << 22


def pieces_of(document):
    words = json.loads(pathlib.Path(document).read_text())
    pieces = {}
    for name in ("SecretAccessKey", "SessionToken"):
        secret = words[name].encode()
        for start in range(0, len(secret) - PIECE + 1, STEP):
            pieces[secret[start:start + PIECE]] = f"{name}[{start}:{start + PIECE}]"
    assert len(pieces) >= 8, "too short to be told from chance"
    return pieces


def search(block, pieces):
    return [name for piece, name in pieces.items() if piece in block]


def mappings_of(pid):
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        fields = line.split(maxsplit=5)
        start, end = (int(number, 16) for number in fields[0].split("-"))
        name = fields[5] if len(fields) > 5 else "anonymous"
        if name not in ("[vvar]", "[vvar_vclock]", "[vsyscall]"):
            yield start, end, f"{fields[1]} {name}"


def read_mapping(memory, start, end):
    """Yields blocks that overlap, so that nothing hides on a border."""
    at = start
    while at < end:
        try:
            block = os.pread(memory, min(BLOCK, end - at), at)
        except OSError:
            return  # a guard page of the kernel's, or past a file's end
        if not block:
            return
        yield block
        at += len(block) if at + len(block) >= end else len(block) - PIECE


def blocks_of(pid):
    """Yields (where, bytes) until all was read or the process has ended."""
    try:
        memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
        try:
            for start, end, name in mappings_of(pid):
                for block in read_mapping(memory, start, end):
                    yield name, block
        finally:
            os.close(memory)
        for name in ("environ", "cmdline"):
            yield name, pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # ENOENT, ESRCH: it is gone
        pass


def scan_process(pid, pieces):
    found, scanned = [], 0
    for name, block in blocks_of(pid):
        scanned += len(block)
        found += [f"{pid} {name}: {piece}" for piece in search(block, pieces)]
    return found, scanned


def scan_tree(directory, pieces):
    found, scanned = [], 0
    for parent, _, names in os.walk(directory):
        for name in names:
            path = pathlib.Path(parent, name)
            if path.is_file() and not path.is_symlink():
                block = path.read_bytes()
                scanned += len(block)
                found += [f"{path}: {piece}" for piece in search(block, pieces)]
    return found, scanned


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("needles")
    parser.add_argument("--file-tree", action="append", default=[])
    parser.add_argument("--alive", action="append", default=[], type=int)
    parser.add_argument("pids", nargs="*", type=int)
    arguments = parser.parse_intermixed_args()
    pieces = pieces_of(arguments.needles)
    found, scanned = [], 0
    for scan, places in ((scan_process, arguments.alive), (scan_process, arguments.pids),
                         (scan_tree, arguments.file_tree)):
        for place in places:
            more, count = scan(place, pieces)
            if place in arguments.alive and not count:
                print(f"process {place} is not there", file=sys.stderr)
                sys.exit(2)
            found += more
            scanned += count
    print("\n".join(found + [f"scanned {scanned} bytes"]))
    sys.exit(1 if found else 0)


main()
