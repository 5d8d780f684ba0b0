"""A request and an answer, as all parts of the edge see them."""
from dataclasses import dataclass, field


@dataclass
class Request:
    """What a viewer sent. target: path and query as sent; headers: names in lower case."""
    method: str
    host: str
    target: str
    headers: dict
    body: bytes = b""

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]


@dataclass
class Answer:
    """What it gets. headers: list of (name, value), without Content-Length."""
    status: int
    headers: list = field(default_factory=list)
    body: bytes = b""

    def header(self, name):
        """The first value of a header, or None."""
        return next((value for one, value in self.headers if one.lower() == name.lower()), None)

    def set(self, name, value):
        """Replaces a header."""
        self.headers = [pair for pair in self.headers if pair[0].lower() != name.lower()] + [(name, value)]


def text(status, words, content_type="text/plain; charset=utf-8"):
    return Answer(status, [("Content-Type", content_type)], words.encode())
