"""What is too slow in Python: build/support/gcs_double.so, which `make support` makes
of tests/support/gcs_double.c. Without it the double does the same, slowly."""
import ctypes

_library = None


def use(path):
    """From here on; says whether there is one."""
    global _library
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError:
        return False
    loaded.double_crc32c.argtypes = [ctypes.c_uint32, ctypes.c_void_p, ctypes.c_size_t]
    loaded.double_crc32c.restype = ctypes.c_uint32
    loaded.double_receive.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64,
                                      ctypes.POINTER(ctypes.c_uint32)]
    loaded.double_receive.restype = ctypes.c_int64
    _library = loaded
    return True


def available():
    return _library is not None


def crc32c(crc, data):
    if isinstance(data, bytes):
        return _library.double_crc32c(crc, data, len(data))
    address = ctypes.addressof(ctypes.c_char.from_buffer(data))
    return _library.double_crc32c(crc, address, len(data))


def receive(sock, descriptor, offset, count, crc):
    """(how many bytes came to the file, the checksum continued over them)"""
    value = ctypes.c_uint32(crc)
    done = _library.double_receive(sock.fileno(), descriptor, offset, count, ctypes.byref(value))
    if done < 0:
        raise OSError("what was received cannot be written")
    return done, value.value
