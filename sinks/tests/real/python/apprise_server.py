"""The HTTP side of an Apprise API server, with the real `apprise` library behind it.

The server itself is only to be had as a container's image. What is ours here is how a request is read
and answered; what happens to the message is the library's doing. Each argument is one of the
configuration's services: KEY TAG URL, three words, where the tag `-` is none. It prints its port.
"""

import http.server
import json
import sys

import apprise

FAILED = {"error": "One or more notification could not be sent."}
configurations = {}
words = iter(sys.argv[1:])
for key, tag, url in zip(words, words, words):
    services = configurations.setdefault(key, apprise.Apprise())
    assert services.add(url, tag=None if tag == "-" else tag), url


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status, answer = self.notify(body)
        out = b"" if status == 204 else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    def notify(self, body):
        where, _, key = self.path.strip("/").partition("/")
        if where != "notify":
            return 404, {"error": "not found"}
        try:
            said = json.loads(body)
        except ValueError:
            return 400, {"error": "Invalid JSON provided."}
        if not said.get("body"):
            return 400, {"error": "Payload lacks minimum requirements."}
        if said.get("type", "info") not in ("info", "success", "warning", "failure"):
            return 400, {"error": "type"}
        if said.get("format", "text") not in ("text", "markdown", "html"):
            return 400, {"error": "format"}
        if len(said.get("title", "")) > 250 or len(said["body"]) > 32768:
            return 400, {"error": "too long"}
        if key not in configurations:
            return 204, None
        taken = configurations[key].notify(
            body=said["body"],
            title=said.get("title", ""),
            notify_type=said.get("type", "info"),
            body_format=said.get("format", "text"),
            tag=said.get("tag"),
        )
        return (200, {"error": None}) if taken else (424, FAILED)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("listening", server.server_port, flush=True)
server.serve_forever()
