"""Makes empty stand-ins for the CUDA libraries that PyPI's torch is linked to, so that it can be imported where there are none.

    cuda_stubs.py TORCH_LIB_FOLDER

Every library that is needed and not there gets one with its name, its symbols' versions, and functions that return 0, or 100 (no
device) where their names are CUDA's. Needs readelf and gcc.
"""
import collections
import os
import re
import subprocess
import sys

SYSTEM = ("libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libgcc_s.so", "libstdc++.so", "ld-linux", "libgomp")
CUDA = re.compile(r"^_?_?(cu|nv|nccl|CU)|nvshmem|nvtx")
FAILS = re.compile(r"cuda[A-Z]|cu[A-Z]")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needs(folder, libraries):
    needed = set()
    for lib in libraries:
        needed |= set(re.findall(r"NEEDED.*\[(.*?)\]", run("readelf", "-dW", f"{folder}/{lib}")))
    return sorted(n for n in needed if n not in libraries and not n.startswith(SYSTEM))


def symbols(folder, libraries, missing):
    """What each missing library has to offer: {library: {version: names}}; names without a version go into the first."""
    versions, undefined, defined = collections.defaultdict(set), set(), set()
    for lib in libraries:
        current = None
        for line in run("readelf", "-VW", f"{folder}/{lib}").splitlines():
            file, name = re.search(r"File: (\S+)\s+Cnt", line), re.search(r"Name: (\S+)\s+Flags", line)
            if file:
                current = file[1]
            elif name and current in missing:
                versions[current].add(name[1])
        for line in run("readelf", "--dyn-syms", "-W", f"{folder}/{lib}").splitlines():
            columns = line.split()
            if len(columns) < 8 or not columns[0].endswith(":"):
                continue
            name, _, version = columns[7].partition("@")
            if columns[6] == "UND":
                undefined.add((name, version.lstrip("@")))
            else:
                defined.add(name)
    owner = {v: lib for lib, vs in versions.items() for v in vs}
    offer = {lib: {v: set() for v in sorted(versions[lib])} | {"": set()} for lib in missing}
    for name, version in undefined:
        if version in owner:
            offer[owner[version]][version].add(name)
        elif not version and name not in defined and CUDA.match(name):
            offer[missing[0]][""].add(name)
    return offer


def build(folder, lib, offer, scratch):
    names = sorted(set().union(*offer.values()))
    lines = [".text"]
    for n in names:
        fails = FAILS.match(n) and "String" not in n and "Name" not in n
        lines += [f".globl {n}", f".type {n},@function", f"{n}:", "movl $100,%eax" if fails else "xorl %eax,%eax", "ret"]
    with open(f"{scratch}/stub.s", "w") as f:
        f.write("\n".join(lines) + '\n.section .note.GNU-stack,"",@progbits\n')
    command = ["gcc", "-shared", "-nostdlib", "-o", f"{folder}/{lib}", f"-Wl,-soname,{lib}", f"{scratch}/stub.s"]
    versions = [v for v in offer if v]
    if versions:
        with open(f"{scratch}/stub.map", "w") as f:
            for i, v in enumerate(versions):
                inside = sorted(offer[v] | (offer[""] if i == 0 else set()))
                f.write(f"{v} {{ {'global: ' if inside else ''}{' '.join(n + ';' for n in inside)} }};\n")
        command.append(f"-Wl,--version-script,{scratch}/stub.map")
    subprocess.run(command, check=True)
    print(lib, len(names))


def main():
    folder = sys.argv[1]
    libraries = [f for f in sorted(os.listdir(folder)) if re.search(r"\.so(\.\d+)*$", f)]
    missing = needs(folder, libraries)
    if not missing:
        return
    offer = symbols(folder, libraries, missing)
    scratch = os.path.join(folder, "stubs")
    os.makedirs(scratch, exist_ok=True)
    for lib in missing:
        build(folder, lib, offer[lib], scratch)


if __name__ == "__main__":
    main()
