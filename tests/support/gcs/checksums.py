"""CRC32C and MD5 of what is stored, as Google writes them: base64, big-endian.

CRC32C comes from the program's own base/digest.c (native.py); without that, from a
table: right, and slow.
"""
import base64
import hashlib
import os

from . import native

POLYNOMIAL = 0x82F63B78  # Castagnoli, reflected
BLOCK = 1 << 20


def _make_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _make_table()
def _crc32c_by_table(crc, data):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def crc32c(crc, data):
    """The checksum of what came before continued over these bytes; start with 0."""
    if native.available() and data:
        return native.crc32c(crc, data)
    return _crc32c_by_table(crc, data)


def _multiply(a, b):
    """a·b modulo the polynomial, bits reflected (x^0 is the highest)."""
    product = 0
    while a:
        if a & 0x80000000:
            product ^= b
        a = (a << 1) & 0xFFFFFFFF
        b = (b >> 1) ^ (POLYNOMIAL if b & 1 else 0)
    return product


def combine(first, second, second_size):
    """The checksum of two pieces after each other."""
    power = 0x00800000  # x^8: one byte further
    shift = 0x80000000  # x^0
    while second_size:
        if second_size & 1:
            shift = _multiply(power, shift)
        power = _multiply(power, power)
        second_size >>= 1
    return _multiply(shift, first) ^ second


def crc32c_of_file(descriptor):
    crc = 0
    buffer = memoryview(bytearray(BLOCK))
    offset = 0
    while count := os.preadv(descriptor, [buffer], offset):
        crc = crc32c(crc, buffer[:count])
        offset += count
    return crc


def md5_of_file(descriptor):
    digest = hashlib.md5()
    offset = 0
    while block := os.pread(descriptor, BLOCK, offset):
        digest.update(block)
        offset += len(block)
    return digest.digest()


def of(data):
    """The CRC32C of these bytes, as Google writes it."""
    return crc32c_text(crc32c(0, data))


def md5_of(data):
    return md5_text(hashlib.md5(data).digest())


def crc32c_text(crc):
    return base64.b64encode(crc.to_bytes(4, "big")).decode()


def md5_text(digest):
    return base64.b64encode(digest).decode()
