# SPDX-License-Identifier: MIT
"""What PyPI's varlink sees of the agent: varlink_peer.py SOCKET INTERFACE-FILE ID PENDING-ID."""
import json
import socket
import sys

import varlink

path, interface_file, session_id, pending_id = sys.argv[1:]


def fails(name, call, *arguments, **parameters):
    try:
        call(*arguments, **parameters)
    except varlink.VarlinkError as error:
        assert error.error() == name, f"{error.error()}, not {name}"
        return error.parameters()
    raise AssertionError(f"no {name}")


def the_service_describes_itself(client):
    with client.open("org.varlink.service") as service:
        info = service.GetInfo()
        assert "io.jitctl.Agent" in info["interfaces"], info
        assert "org.varlink.service" in info["interfaces"], info
        assert all(info[key] for key in ("vendor", "product", "version", "url")), info
        text = service.GetInterfaceDescription("io.jitctl.Agent")["description"]
        with open(interface_file, encoding="utf-8") as file:
            assert text == file.read()
        varlink.Interface(text)  # parses it, or raises
        fails("org.varlink.service.InterfaceNotFound",
              service.GetInterfaceDescription, "no.such.interface")


def status_and_its_types(client):
    with client.open("io.jitctl.Agent") as agent:
        status = agent.Status()
        assert status["broker"]["user"] == "ann", status
        assert [s["id"] for s in status["sessions"]] == [session_id], status
        assert [r["id"] for r in status["requests"]] == [pending_id], status
        assert [p["name"] for p in agent.Profiles()["profiles"]], "no profile"


def watch_goes_on(client):
    seen = {}
    with client.open("io.jitctl.Agent") as agent, client.open("io.jitctl.Agent") as other:
        for change in agent.Watch(_more=True):
            item = change.get("session") or change["request"]
            seen.setdefault(item["id"], []).append(item["state"])
            if {session_id, pending_id} <= set(seen) and "withdrawn" not in seen[pending_id]:
                other.End(pending_id)
            if "withdrawn" in seen[pending_id] if pending_id in seen else False:
                break
    assert seen[session_id] == ["ready"], seen
    assert seen[pending_id][0] == "pending" and seen[pending_id][-1] == "withdrawn", seen


def errors_have_their_names(client):
    with client.open("io.jitctl.Agent") as agent:
        told = fails("io.jitctl.Agent.NotFound", agent.Request,
                     profile="no-such-profile", parameters={}, reason="x")
        assert told["text"] and "next" in told, told
        fails("io.jitctl.Agent.Usage", agent.Request,
              profile="orders-support", parameters={"tenant": "NO"}, reason="x")
        fails("io.jitctl.Agent.NotFound", agent.End, "r-0000000000")


def raw(call, upgraded=False):
    """What comes back: one reply, or once upgraded everything until the end."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        peer.sendall(json.dumps(call).encode() + b"\0")
        data = b""
        while chunk := peer.recv(65536):
            data += chunk
            if data.endswith(b"\0") and not upgraded:
                break
    return data


def error_of(call):
    return json.loads(raw(call)[:-1])["error"]


def standard_errors():
    method = "io.jitctl.Agent."
    for call, name in (
            ({"method": method + "Nonsense"}, "MethodNotFound"),
            ({"method": "no.such.Interface"}, "InterfaceNotFound"),
            ({"method": method + "Status", "parameters": {"x": 1}}, "InvalidParameter"),
            ({"method": method + "End", "parameters": {"id": 7}}, "InvalidParameter"),
            ({"method": method + "Watch"}, "ExpectedMore"),
            ({"method": method + "GetCredentials",
              "parameters": {"session": session_id}}, "ExpectedUpgrade")):
        assert error_of(call) == "org.varlink.service." + name, (call, error_of(call))


def credentials_come_behind_the_reply():
    data = raw({"method": "io.jitctl.Agent.GetCredentials", "upgrade": True,
                "parameters": {"profile": "orders-support"}}, upgraded=True)
    reply, document = data.split(b"\0", 1)
    assert json.loads(reply)["parameters"]["id"] == session_id, reply
    assert document.endswith(b"\n") and document.count(b"\n") == 1
    keys = set(json.loads(document))
    assert keys == {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken",
                    "Expiration", "AccountId"}, keys
    assert error_of({"method": "io.jitctl.Agent.GetCredentials", "upgrade": True,
                     "parameters": {"profile": "tables-describe"}}) in (
                         "io.jitctl.Agent.Pending", "io.jitctl.Agent.NoSession")


with varlink.Client.new_with_address("unix:" + path) as the_client:
    the_service_describes_itself(the_client)
    status_and_its_types(the_client)
    standard_errors()
    errors_have_their_names(the_client)
    watch_goes_on(the_client)
credentials_come_behind_the_reply()
