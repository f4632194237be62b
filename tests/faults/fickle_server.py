# SPDX-License-Identifier: MIT
"""A misbehaving server on the loopback that changes its mind: fickle_server.py FILE.

FILE names the behaviour for the next request, as in misbehaving_server.py, or
"wait", which lasts until FILE says something else.  Prints its URL, then a line
for each request: what it did, and the RoleSessionName that was asked for.
"""
import pathlib
import sys
import time
import urllib.parse

import misbehaving_server as bad

# Half a minute of it is the margin before an end, so these last a few seconds.
bad.BEHAVIOURS["sts-short"] = bad.say(lambda: bad.credentials(expires_in=38))
bad.BEHAVIOURS["sts-shortest"] = bad.say(lambda: bad.credentials(expires_in=32))


class Fickle(bad.Server):
    def __init__(self, path):
        self.path = path
        super().__init__()

    def _behaviour(self, name):
        while (behaviour := self.path.read_text().strip()) == "wait":
            time.sleep(0.02)
        return self._announced(behaviour, urllib.parse.parse_qs(self.bodies[name].decode()))

    @staticmethod
    def _announced(behaviour, form):
        print(behaviour, form.get("RoleSessionName", ["-"])[0], flush=True)
        return bad.BEHAVIOURS[behaviour]


server = Fickle(pathlib.Path(sys.argv[1]))
print(server.url, flush=True)
server.over.wait()
