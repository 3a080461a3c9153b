"""Zip files whose bytes depend on their content alone: what jobs publish can be compared."""
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # zip knows no time before


def write_zip(path, files):
    """`files`: (name, mode, bytes) in the order that they get."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, mode, data in files:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, which keeps modes
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
