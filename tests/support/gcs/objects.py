"""Buckets: folders whose files are the objects, each at its own name.

A bucket is a folder of the root; the object prefix/dev/c/receipt.json of the
bucket `b` is the file ROOT/b/prefix/dev/c/receipt.json. What a file cannot say
(metadata, checksums) is kept in memory with the file's signature, so that a file
which somebody adds, changes or removes counts as an object that was: with a new
generation, new checksums and no metadata. What changes with neither size nor time
is rot: the object stays, with the checksums that it had. Empty folders are nothing.

A generation is the time of its file in microseconds, so that a folder which is
served again has the same generations. A name that can be no file here (`a` beside
`a/b`, `a//b`, a segment of 300 bytes) lies in the work folder.
"""
import hashlib
import os
import pathlib
import stat
import threading
import time

from . import answers, checksums, native

NAME_BYTES_MAX = 1024
SEGMENT_BYTES_MAX = 255


def check_name(name):
    size = len(name.encode())
    if not 1 <= size <= NAME_BYTES_MAX or "\r" in name or "\n" in name or name in (".", "..") \
            or name.startswith(".well-known/acme-challenge/"):
        raise answers.Refused(400, f"Invalid object name: {name!r}")
    return name


def signature(st):
    return st.st_ino, st.st_size, st.st_mtime_ns


class Stored:
    """One live object."""

    __slots__ = ("name", "path", "signature", "generation", "metageneration", "size", "crc32c",
                 "md5", "has_md5", "attributes", "created", "updated", "components", "written")

    def __init__(self, name, path, generation, size, crc32c):
        self.name = name
        self.path = path
        self.signature = None
        self.generation = generation
        self.metageneration = 1
        self.size = size
        self.crc32c = crc32c
        self.md5 = None         # computed when somebody asks
        self.has_md5 = True     # no composite object
        self.attributes = {"contentType": "application/octet-stream"}
        self.created = self.updated = generation
        self.components = 0
        self.written = 0.0      # when, by the clock that limits writes


class Staged:
    """Content that is on its way in: a file of the work folder, not yet an object."""

    def __init__(self, folder, number):
        self.path = f"{folder}/staged-{number}"
        self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        self.size = 0
        self.crc = 0
        self.components = 0

    def add(self, view):
        at = 0
        while at < len(view):
            at += os.pwrite(self.descriptor, view[at:], self.size + at)
        self.size += len(view)
        if self.crc is not None:
            self.crc = checksums.crc32c(self.crc, view)

    def receive(self, sock, count):
        """As many bytes of a socket; fewer where the connection has ended."""
        got, crc = native.receive(sock, self.descriptor, self.size, count, self.crc or 0)
        self.size += got
        if self.crc is not None:
            self.crc = crc
        return got

    def copy(self, descriptor, size, crc32c):
        """Another file's content after what is there."""
        at = 0
        while at < size:
            count = os.copy_file_range(descriptor, self.descriptor, size - at, at, self.size + at)
            if count == 0:
                raise OSError("a source became shorter")
            at += count
        self.crc = checksums.combine(self.crc32c, crc32c, size)
        self.size += size

    def cut(self, size):
        """Keeps the first bytes alone."""
        if size < self.size:
            os.ftruncate(self.descriptor, size)
            self.size = size
            self.crc = None

    @property
    def crc32c(self):
        if self.crc is None:
            self.crc = checksums.crc32c_of_file(self.descriptor)
        return self.crc

    def md5(self):
        return checksums.md5_of_file(self.descriptor)

    def discard(self):
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
            remove_file(self.path)


class Objects:
    def __init__(self, root, work):
        self.root = pathlib.Path(root)
        self.work = pathlib.Path(work)
        self.root.mkdir(parents=True, exist_ok=True)
        self.work.mkdir(parents=True, exist_ok=True)
        for left in self.work.glob("staged-*"):
            left.unlink()
        self.lock = threading.RLock()  # held while objects are found, put and removed
        self.buckets = {}              # bucket -> name -> Stored
        self.generations = {}          # (bucket, name) -> the last one, also of what is gone
        self.last = 0
        self.staged = 0

    def stage(self):
        with self.lock:
            self.staged += 1
            return Staged(self.work, self.staged)

    # Names and files

    def bucket(self, name):
        """Its objects in memory. A folder that is there is a bucket."""
        if not name[:1].isalnum() or "/" in name or not os.path.isdir(f"{self.root}/{name}"):
            self.buckets.pop(name, None)
            raise answers.no_bucket()
        return self.buckets.setdefault(name, {})

    def make_bucket(self, name):
        (self.root / name).mkdir(exist_ok=True)

    def bucket_names(self):
        return sorted(path.name for path in self.root.iterdir() if path.is_dir() and path.name[0].isalnum())

    def _natural(self, bucket, name):
        """The file at the object's own name; None where there can be none."""
        if any(s in ("", ".", "..") or len(s.encode()) > SEGMENT_BYTES_MAX
               for s in name.split("/")) or "\0" in name:
            return None
        return f"{self.root}/{bucket}/{name}"

    def _spare(self, bucket, name):
        return f"{self.work}/spare-{hashlib.sha256(f'{bucket}/{name}'.encode()).hexdigest()}"

    def _next_generation(self, bucket, name, at_least=0):
        self.last = max(self.last + 1, time.time_ns() // 1000)
        generation = max(self.generations.get((bucket, name), 0) + 1, at_least or self.last)
        self.generations[bucket, name] = generation
        return generation

    # What is there

    def find(self, bucket, name):
        """The live object, None where there is none."""
        with self.lock:
            return self._find(bucket, self.bucket(bucket), name)

    def _find(self, bucket, objects, name):
        stored = objects.get(name)
        path = stored.path if stored else self._natural(bucket, name)
        if path is None:
            return None
        try:
            st = os.stat(path)
        except OSError:
            st = None
        if st is None or not stat.S_ISREG(st.st_mode):
            objects.pop(name, None)
            return None
        if stored is None or stored.signature != signature(st):
            stored = self._adopt(bucket, objects, name, path)
        return stored

    def _adopt(self, bucket, objects, name, path):
        """A file that was put there or changed behind our back."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            st = os.fstat(descriptor)
            crc32c = checksums.crc32c_of_file(descriptor)
        finally:
            os.close(descriptor)
        generation = self._next_generation(bucket, name, st.st_mtime_ns // 1000)
        stored = objects[name] = Stored(name, path, generation, st.st_size, crc32c)
        stored.signature = signature(st)
        return stored

    def names(self, bucket, prefix):
        """The live objects whose names begin so, in the order of their bytes."""
        with self.lock:
            objects = self.bucket(bucket)
            found = set(self._walk(bucket, prefix))
            found.update(name for name in objects if name.startswith(prefix))
            entries = (self._find(bucket, objects, name) for name in sorted(found))
            return [stored for stored in entries if stored]

    def _walk(self, bucket, prefix):
        folder = prefix.rpartition("/")[0]
        top = self._natural(bucket, folder) if folder else f"{self.root}/{bucket}"
        pending = [(top, folder + "/" if folder else "")] if top else []
        while pending:
            path, before = pending.pop()
            try:
                with os.scandir(path) as entries:
                    for entry in entries:
                        name = before + entry.name
                        if not _is_utf8(name):
                            continue
                        if entry.is_dir(follow_symlinks=False):
                            below = name + "/"
                            if below.startswith(prefix) or prefix.startswith(below):
                                pending.append((entry.path, below))
                        elif name.startswith(prefix):
                            yield name
            except OSError:
                continue

    def open(self, bucket, stored):
        """A descriptor of the object's file; None where it has changed since."""
        try:
            descriptor = os.open(stored.path, os.O_RDONLY)
        except OSError:
            return None
        if signature(os.fstat(descriptor)) != stored.signature:
            os.close(descriptor)
            return None
        return descriptor

    def md5(self, bucket, stored):
        """Computed on first demand; None for composite objects."""
        if stored.md5 is None and stored.has_md5:
            descriptor = self.open(bucket, stored)
            if descriptor is None:
                return None
            try:
                stored.md5 = checksums.md5_of_file(descriptor)
            finally:
                os.close(descriptor)
        return stored.md5

    # Changes

    def put(self, bucket, name, staged, attributes):
        """Makes what is staged the live object; called with the lock held."""
        objects = self.bucket(bucket)
        old = objects.get(name)
        generation = self._next_generation(bucket, name)
        os.utime(staged.descriptor, ns=(generation * 1000, generation * 1000))
        path = self._place(bucket, name, staged.path)
        if old and old.path != path:
            remove_file(old.path)
        stored = Stored(name, path, generation, staged.size, staged.crc32c)
        stored.signature = signature(os.fstat(staged.descriptor))
        stored.attributes = attributes
        stored.components = staged.components
        stored.has_md5 = not staged.components
        stored.written = time.monotonic()
        os.close(staged.descriptor)
        staged.descriptor = -1
        objects[name] = stored
        return stored

    def _place(self, bucket, name, source):
        path = self._natural(bucket, name)
        for _ in range(3):
            if path is None:
                break
            try:
                os.rename(source, path)
                return path
            except FileNotFoundError:
                try:
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                except OSError:
                    break
            except IsADirectoryError:
                if not remove_empty(path):
                    break
            except OSError:
                break
        spare = self._spare(bucket, name)
        os.rename(source, spare)
        return spare

    def remove(self, bucket, stored):
        """Called with the lock held. Folders that became empty go too."""
        self.bucket(bucket).pop(stored.name, None)
        remove_file(stored.path)
        folder = os.path.dirname(stored.path)
        while folder not in (f"{self.root}/{bucket}", str(self.work)):
            try:
                os.rmdir(folder)
            except OSError:
                break
            folder = os.path.dirname(folder)


def remove_file(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _is_utf8(name):
    try:
        name.encode()
        return True
    except UnicodeEncodeError:
        return False


def remove_empty(top):
    """A tree of folders without any file; says whether it is gone."""
    try:
        for folder, _, _ in os.walk(top, topdown=False):
            os.rmdir(folder)
        return True
    except OSError:
        return False
