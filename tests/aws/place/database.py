"""A private PostgreSQL that looks like RDS to who connects: TLS with a certificate for the endpoint's name, passwords, one owner."""
import glob
import os
import pwd
import shutil
import socket
import subprocess

from place_stage import temporary

OWNER = "golive_admin"  # stacks/data.yaml: MasterUsername
PASSWORD = "geheim ' \" %40 & 秘密"


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    return found[-1] if found else os.path.dirname(shutil.which("postgres"))


def openssl(*words, cwd):
    subprocess.run(["openssl", *words], cwd=cwd, check=True, capture_output=True, timeout=240)


class Database:
    """One cluster; port, authority (a PEM file)."""

    def __init__(self, host):
        self.user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses root
        self.dir = temporary("golive-db-")
        self.dir.chmod(0o755)
        self.bin = programs()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.certify(host)
        if self.user:
            for path in [self.dir, *self.dir.iterdir()]:
                os.chown(path, pwd.getpwnam(self.user).pw_uid, pwd.getpwnam(self.user).pw_gid)
        self.program("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        (self.dir / "data" / "postgresql.auto.conf").write_text(
            f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = '{self.dir}'\nfsync = off\nautovacuum = off\nssl = on\n"
            f"ssl_cert_file = '{self.dir}/server.pem'\nssl_key_file = '{self.dir}/server.key'\n")
        (self.dir / "data" / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
        self.program("pg_ctl", "-D", "data", "-l", "log", "-w", "-t", "60", "start")
        quoted = PASSWORD.replace("'", "''")
        self.sql(f"create role {OWNER} login password '{quoted}'", "postgres")
        self.sql(f"create database app owner {OWNER}", "postgres")

    def certify(self, host):
        self.authority = self.dir / "authority.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "authority.key", "-out", "authority.pem", "-days", "2", "-subj",
                "/CN=test authority", cwd=self.dir)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=database", cwd=self.dir)
        (self.dir / "names").write_text(f"subjectAltName=DNS:{host}\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-out", "server.pem",
                "-days", "2", "-extfile", "names", cwd=self.dir)
        (self.dir / "server.key").chmod(0o600)

    def program(self, name, *words):
        done = subprocess.run([f"{self.bin}/{name}", *words], cwd=self.dir, user=self.user, group=self.user, extra_groups=[] if self.user else None,
                              stdin=subprocess.DEVNULL, stdout=open(self.dir / "said", "a"), stderr=subprocess.STDOUT, timeout=120)
        assert done.returncode == 0, (self.dir / "said").read_text()

    def sql(self, statement, database="app"):
        """Rows of a statement as a superuser, each a list of texts."""
        done = subprocess.run([f"{self.bin}/psql", "-h", str(self.dir), "-p", str(self.port), "-U", "postgres", "-d", database, "-XAtq", "-F", "\t",
                               "-v", "ON_ERROR_STOP=1", "-c", statement], capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    def session(self, *statements):
        """A psql that keeps its connection; each statement on its standard input."""
        process = subprocess.Popen([f"{self.bin}/psql", "-h", str(self.dir), "-p", str(self.port), "-U", "postgres", "-d", "app", "-XAtq"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for statement in statements:
            process.stdin.write(statement + ";\n")
        process.stdin.write("select 'ready';\n")
        process.stdin.flush()
        while process.stdout.readline().strip() != "ready":
            assert process.poll() is None
        return process

    def empty(self):
        self.sql(f"drop schema public cascade; create schema public authorization {OWNER}")

    def close(self):
        self.program("pg_ctl", "-D", "data", "-m", "immediate", "stop")
        shutil.rmtree(self.dir)
