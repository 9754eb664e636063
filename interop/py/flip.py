"""Makes a bad copy of a file for the judges.

    flip.py FILE COPY last              the last octet changed
    flip.py FILE COPY entry NAME        in a ZIP file: one octet in the middle of an entry changed, its CRC-32 left as it was
    flip.py FILE COPY forge NAME        the same with the CRC-32 made to fit
    flip.py FILE COPY drop NAME         in a ZIP file: the last line of an entry taken away, its CRC-32 made to fit
    flip.py FILE COPY add NAME          in a ZIP file: one more entry
"""
import shutil
import sys
import zipfile


def main():
    source, copy, kind, *name = sys.argv[1:]
    if kind == "add":
        shutil.copy(source, copy)
        with zipfile.ZipFile(copy, "a") as package:
            package.writestr(name[0], b"not listed\n")
        return
    if kind in ("forge", "drop"):
        with zipfile.ZipFile(source) as package, zipfile.ZipFile(copy, "w") as out:
            for info in package.infolist():
                content = bytearray(package.read(info))
                if info.filename == name[0] and kind == "forge":
                    content[len(content) // 2] ^= 1
                elif info.filename == name[0]:
                    content = b"".join(bytes(content).splitlines(keepends=True)[:-1])
                out.writestr(info, bytes(content))
        return
    with open(source, "rb") as file:
        content = bytearray(file.read())
    place = len(content) - 1
    if kind == "entry":
        with zipfile.ZipFile(source) as package:
            info = package.getinfo(name[0])
            data = package.read(info)
        place = content.index(data, info.header_offset) + len(data) // 2
    content[place] ^= 1
    with open(copy, "wb") as file:
        file.write(content)


if __name__ == "__main__":
    main()
