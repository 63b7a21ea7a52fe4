"""A tap on the wire: passes connections on to a server byte for byte, and keeps what went over each.

Nothing is changed, added or held back, so the client speaks with the real server, down to how long connections live.
"""

import http.client
import io
import json
import socket
import threading


class Exchange:
    """A request's body and its reply, as they went over the wire. `reply` is None where the body is no JSON."""

    def __init__(self, request, status, raw):
        self.request, self.status, self.raw = request, status, raw
        try:
            self.reply = json.loads(raw)
        except ValueError:
            self.reply = None

    def choice(self):
        """The first choice of a reply, or an empty object."""
        return (self.reply or {}).get("choices", [{}])[0]


class Tap:
    """Listens on a free port of its own. `port` is where the client goes."""

    def __init__(self, server_port):
        self.server_port = server_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.server_port))
            sent, received = bytearray(), bytearray()
            self.connections.append((sent, received))
            for ends in ((client, server, sent), (server, client, received)):
                threading.Thread(target=_pass_on, args=ends, daemon=True).start()

    def take(self):
        """Returns the exchanges since the last time, connection by connection, and how many connections there were."""
        connections, self.connections = self.connections, []
        exchanges = [exchange for sent, received in connections for exchange in _exchanges(sent, received)]
        return exchanges, len(connections)


def _pass_on(source, target, kept):
    try:
        while data := source.recv(65536):
            kept += data
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class _Bytes:
    """What `http.client` wants of a socket."""

    def __init__(self, stream):
        self.stream = stream

    def makefile(self, _mode):
        return self.stream


class _Stream(io.BytesIO):
    def close(self):
        """A reply that ends the connection must not close what further replies may be read from."""


def _exchanges(sent, received):
    requests, replies = io.BytesIO(bytes(sent)), _Stream(bytes(received))
    while requests.readline().strip():
        headers = http.client.parse_headers(requests)
        body = requests.read(int(headers.get("content-length", 0)))
        if replies.tell() == len(received):
            return
        response = http.client.HTTPResponse(_Bytes(replies))
        try:
            response.begin()
            raw = response.read()
        except (http.client.HTTPException, ValueError):
            return
        yield Exchange(json.loads(body), response.status, raw)
