"""python -m emulator [-p PORT]: prints the port it listens on, on 127.0.0.1 only; ends on SIGTERM."""
import argparse
import os
import pathlib
import signal
import warnings


def isolate():
    """Neither the user's credentials nor settings reach moto, parts of which use boto3 themselves."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS_DATA_PATH=str(pathlib.Path(__file__).resolve().parent.parent / "models"), AWS_ACCESS_KEY_ID="emulator", AWS_SECRET_ACCESS_KEY="emulator", AWS_EC2_METADATA_DISABLED="true",
                      AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)


def main():
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("-p", "--port", type=int, default=0, help="port to listen on; 0 (the default) lets the system choose")
    options = parser.parse_args()
    isolate()
    warnings.filterwarnings("ignore")
    import socketserver

    from werkzeug.serving import WSGIRequestHandler, make_server

    from .keeping import Connections, Keeper
    from .server import Application

    connections = Connections()

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self):
            keeper.local.connection = self.request
            super().handle()

        def log(self, *_arguments):
            """Says nothing: /golive-test/calls lists the calls."""

    application = Application(connections)
    server = make_server("127.0.0.1", options.port, application, threaded=True, request_handler=connections.mixin(Handler))
    server.serve_forever = lambda pause: socketserver.BaseServer.serve_forever(server, pause)  # werkzeug's closes the socket at its end
    keeper = Keeper(application, server, connections)
    signal.signal(signal.SIGTERM, lambda *_: keeper.end())
    print(server.server_port, flush=True)
    try:
        keeper.run()
    except KeyboardInterrupt:
        keeper.end()


if __name__ == "__main__":
    main()
