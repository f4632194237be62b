#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keeps half of a secret on a page that it may not touch itself.

usage: memory_plant.py NEEDLES

What sodium_malloc() does between uses; the scan has to find it all the same.
Prints "planted" and waits for its end.
"""
import ctypes
import json
import mmap
import pathlib
import signal
import sys

secret = json.loads(pathlib.Path(sys.argv[1]).read_text())["SecretAccessKey"]
page = mmap.mmap(-1, mmap.PAGESIZE)
page[100:100 + len(secret) // 2 + 8] = secret[:len(secret) // 2 + 8].encode()
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
del secret
mprotect = ctypes.CDLL(None, use_errno=True).mprotect
mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
assert mprotect(address, mmap.PAGESIZE, 0) == 0
print("planted", flush=True)
signal.pause()
