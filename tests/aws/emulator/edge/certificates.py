"""Certificates of one authority made at the start: for every name that is asked for, when it is first asked for."""
import datetime
import functools
import pathlib
import ssl
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 90


def _name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _builder(subject, issuer, key):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=DAYS)))


class Authority:
    """A certificate authority in a directory that goes with the process. ca_file: what clients have to trust."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="golive-emulator-")
        self.folder, self.key, self.subject = pathlib.Path(self._folder.name), ec.generate_private_key(ec.SECP256R1()), _name("golive emulator")
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self.identifier = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        self.certificate = (_builder(self.subject, self.subject, self.key).add_extension(x509.BasicConstraints(True, 0), True)
                            .add_extension(usage, True).add_extension(self.identifier, False).sign(self.key, hashes.SHA256()))
        self.ca_file = self.folder / "ca.pem"
        self.ca_file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def close(self):
        self._folder.cleanup()

    @functools.lru_cache(maxsize=1000)
    def context(self, host):
        """A TLS context that shows a certificate for that name."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self.identifier)
        made = (_builder(_name(host), self.subject, key).add_extension(names, False).add_extension(x509.BasicConstraints(False, None), True)
                .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False).add_extension(authority, False)
                .sign(self.key, hashes.SHA256()))
        path = self.folder / (hashes.Hash(hashes.SHA256()).algorithm.name + "-" + "".join(letter if letter.isalnum() else "_" for letter in host) + ".pem")
        path.write_bytes(_pem(key) + made.public_bytes(serialization.Encoding.PEM))
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found.minimum_version = ssl.TLSVersion.TLSv1_2
        found.load_cert_chain(path)
        return found

    def listener(self):
        """A context that takes the certificate by the name in the handshake (SNI)."""
        found = self.context("localhost")
        found.sni_callback = lambda connection, name, _context: setattr(connection, "context", self.context(name)) if name else None
        return found
