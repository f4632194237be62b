# SPDX-License-Identifier: MIT
"""What iam_proxy.py and aws_weather.py share: a server in front of one that stands for
AWS, which can answer by itself, refuse, hand on, or hang up."""
import http.client
import http.server
import urllib.parse

ERROR = ("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message>"
         "</Error><RequestId>0</RequestId></ErrorResponse>")


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def read_body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, body, kind="text/xml"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, code, message):
        self.answer(status, (ERROR % (code, message)).encode())

    def forwarded_headers(self):
        """With the host that is signed."""
        return {name: value for name, value in self.headers.items()
                if name.lower() not in ("connection", "content-length")}

    def forward(self, upstream, path, body, headers):
        """The answer of the server at that URL: status, bytes, type."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(upstream).netloc, timeout=60)
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        result = response.status, response.read(), response.getheader("Content-Type", "text/xml")
        connection.close()
        return result

    def vanish(self):
        """Nobody hears what became of the call."""
        self.close_connection = True
        self.connection.close()


def parameters_of(body):
    return dict(urllib.parse.parse_qsl(body.decode()))


def serve(handler):
    """On a port of its own, whose URL is printed; does not return."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    print("http://127.0.0.1:%d" % server.server_port, flush=True)
    server.serve_forever()
