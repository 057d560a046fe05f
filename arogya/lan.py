"""HTTPS inside the house: a certificate authority of the installation's own, and the server's certificate from it.

Browsers keep secure cookies and the camera from plain http, and no public authority signs for 192.168.1.20.
"""

import datetime as dt
import fcntl
import ipaddress
import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_LASTS = dt.timedelta(days=3650)
_CERTIFICATE_LASTS = dt.timedelta(days=397)  # the most that browsers take
_RENEWED_BEFORE = dt.timedelta(days=30)
_CLOCKS_BEHIND = dt.timedelta(days=1)
_SIOCGIFADDR = 0x8915
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
_NONE_OF_IPV6 = "::/0"


@dataclass(frozen=True)
class Certificate:
    """path: the server's certificate and its key; authority: what people trust; names: what the certificate is for."""

    path: Path
    authority: Path
    names: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """The authority's SHA-256, as browsers show it, for a look before trusting."""
        digest = x509.load_pem_x509_certificate(self.authority.read_bytes()).fingerprint(hashes.SHA256())
        return digest.hex(":").upper()


def certificate_for_lan(data_dir: Path) -> Certificate:
    """The certificate in `data_dir/tls`, made or renewed where the addresses changed or its time is nearly over."""
    folder = data_dir / "tls"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority_key = _keep_authority(folder)
    authority = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
    hosts, addresses = lan_hosts(), lan_addresses()
    names = (*hosts, *addresses)
    path = folder / "server.pem"
    if not _is_good_for(path, names):
        _issue(path, authority, authority_key, hosts, addresses)
    return Certificate(path, folder / "ca.crt", names)


def lan_hosts() -> tuple[str, ...]:
    """`.local` is what phones and other computers can resolve without a name server."""
    return (f"{socket.gethostname().split('.')[0].lower()}.local", "localhost")


def lan_addresses() -> tuple[str, ...]:
    """This computer's private IPv4 addresses, the loopback's last."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, interface in socket.if_nameindex():
            request = struct.pack("256s", interface.encode()[:15])
            try:
                answer = fcntl.ioctl(any_socket, _SIOCGIFADDR, request)
            except OSError:
                continue  # an interface without an address
            found.append(ipaddress.IPv4Address(answer[20:24]))
    private = [ipaddress.IPv4Network(network) for network in _PRIVATE]
    kept = {address for address in found if any(address in network for network in private)}
    return tuple(str(address) for address in sorted(kept, key=lambda a: (a.is_loopback, a)))


def _keep_authority(folder: Path) -> ec.EllipticCurvePrivateKey:
    """Made once: computers trust this very one. It may only sign for private addresses, so that a stolen one
    can't pose as a bank."""
    path = folder / "ca.key"
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Arogya on {socket.gethostname()}")])
    begins = dt.datetime.now(dt.UTC) - _CLOCKS_BEHIND
    serial = x509.random_serial_number()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), serial, begins, begins + _AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.NameConstraints(
                permitted_subtrees=[
                    x509.DNSName("local"),
                    x509.DNSName("localhost"),
                    *(x509.IPAddress(ipaddress.ip_network(network)) for network in _PRIVATE),
                ],
                excluded_subtrees=[x509.IPAddress(ipaddress.ip_network(_NONE_OF_IPV6))],
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca.crt", certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    _write(path, _pem(key), 0o600)
    return key


def _is_good_for(path: Path, names: tuple[str, ...]) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    says = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    signed = {*says.get_values_for_type(x509.DNSName), *map(str, says.get_values_for_type(x509.IPAddress))}
    return signed >= set(names) and certificate.not_valid_after_utc > dt.datetime.now(dt.UTC) + _RENEWED_BEFORE


def _issue(
    path: Path,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    hosts: tuple[str, ...],
    addresses: tuple[str, ...],
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    begins = dt.datetime.now(dt.UTC) - _CLOCKS_BEHIND
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    certificate = (
        x509.CertificateBuilder(
            authority.subject,
            subject,
            key.public_key(),
            x509.random_serial_number(),
            begins,
            begins + _CERTIFICATE_LASTS,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    chain = certificate.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(serialization.Encoding.PEM)
    _write(path, chain + _pem(key), 0o600)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others for a moment."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    fresh.replace(path)
