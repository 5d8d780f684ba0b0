"""Requests to the emulator's edge under any name: TLS with the name in the handshake, trusting only the emulator's authority."""
import http.client
import socket
import ssl


class Connection(http.client.HTTPSConnection):
    """A keep-alive connection to a host that is really the edge."""

    def __init__(self, aws, host):
        place = aws.control("edge", method="GET")
        self.place = place["host"], place["port"]
        super().__init__(host, 443, context=ssl.create_default_context(cafile=place["ca_file"]), timeout=60)

    def connect(self):
        self.sock = self._context.wrap_socket(socket.create_connection(self.place, 20), server_hostname=self.host)

    def ask(self, path="/", method="GET", body=None, **headers):
        """(status, headers, body) of a request; names of headers with _ for -."""
        self.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        found = self.getresponse()
        return found.status, found.headers, found.read()
