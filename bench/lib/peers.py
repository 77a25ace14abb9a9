"""What the scripts under bench/ share: the cache, downloads, builds of llama.cpp and ik_llama.cpp, models."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("BURHAN_CACHE") or pathlib.Path.home() / ".cache/burhan") / "bench"

LLAMA = "llama_cpp_python==0.3.36"
LLAMA_SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"

IK_LLAMA = "https://github.com/ikawrakow/ik_llama.cpp"
IK_LLAMA_COMMIT = "8337e4cd3861406fc04e0854b1409cd1b027fbc9"  # 2026-08-15
# What llama-bench is built of. The rest (the server's pages, tests, models) is large and not needed.
IK_LLAMA_FOLDERS = ["CMakeLists.txt", "LICENSE", "cmake", "common", "ggml", "include", "pocs", "src", "vendor"]
IK_LLAMA_LEFT_OUT = "examples/server"

CMAKE_FLAGS = [
    "-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=ON", "-DBUILD_SHARED_LIBS=OFF",
    "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_SERVER=OFF",
]
LLAMA_FLAGS = ["-DLLAMA_OPENSSL=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF"]
# llama-bench is an example there. Attention over caches of 4 and 5 bits is not measured and compiles for minutes.
IK_LLAMA_FLAGS = ["-DLLAMA_CURL=OFF", "-DLLAMA_BUILD_EXAMPLES=ON", "-DGGML_IQK_FA_ALL_QUANTS=OFF"]


def say(text):
    print(pathlib.Path(sys.argv[0]).name + ": " + text, file=sys.stderr, flush=True)


def die(text):
    say(text)
    sys.exit(1)


def fetched(name, sha256, command):
    """The file that `command` downloads into a folder, kept in the cache under `name` and checked."""
    kept = CACHE / name
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            say("downloading " + name)
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            os.replace(next(pathlib.Path(folder).iterdir()), kept)
    found = hashlib.sha256(kept.read_bytes()).hexdigest()
    if found != sha256:
        die(f"{kept}: SHA-256 should be {sha256}, found {found}")
    return kept


def built(source, build, tool, flags):
    """A tool of a CMake project, built if it is not there: in the background's priority, with as many jobs as processors.
    `source` is called for the folder of sources only if they are needed."""
    program = CACHE / build / "bin" / tool
    if program.exists():
        return program
    folder = source()
    say(f"building {tool} in {CACHE / build}, takes some minutes")
    started = time.time()
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    subprocess.run(["cmake", "-S", folder, "-B", CACHE / build, *generator, *CMAKE_FLAGS, *flags],
                   check=True, stdout=sys.stderr)
    nice = ["nice", "-n", "10"] if shutil.which("nice") else []
    subprocess.run([*nice, "cmake", "--build", CACHE / build, "--target", tool, "-j", str(os.cpu_count())],
                   check=True, stdout=sys.stderr)
    say(f"built in {(time.time() - started) / 60:.0f} min")
    return program


def llama(tool):
    """A tool of llama.cpp, built from the source archive that PyPI has under llama_cpp_python."""
    def source():
        archive = fetched("llama_cpp_python-0.3.36.tar.gz", LLAMA_SHA256,
                          ["python3", "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", LLAMA])
        folder = CACHE / "llama_cpp_python-0.3.36"
        if not folder.exists():
            with tarfile.open(archive) as tar:
                tar.extractall(CACHE, filter="data")
        return folder / "vendor/llama.cpp"
    return built(source, "build", tool, LLAMA_FLAGS)


def ik_llama(tool, repository=None):
    """A tool of ik_llama.cpp at the pinned commit, from a local repository (with or without a work tree) or GitHub."""
    def source():
        folder = CACHE / f"ik_llama.cpp-{IK_LLAMA_COMMIT[:12]}"
        if not folder.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=CACHE) as made:
                extract(repository or cloned(made), pathlib.Path(made) / "source")
                os.replace(pathlib.Path(made) / "source", folder)
        return folder
    return built(source, f"build-ik_llama.cpp-{IK_LLAMA_COMMIT[:12]}", tool, IK_LLAMA_FLAGS)


def cloned(folder):
    say("fetching " + IK_LLAMA)
    repository = str(pathlib.Path(folder) / "repository")
    subprocess.run(["git", "init", "-q", "--bare", repository], check=True)
    done = subprocess.run(["git", "-C", repository, "fetch", "-q", "--depth", "1", IK_LLAMA, IK_LLAMA_COMMIT])
    if done.returncode:
        die(f"can't fetch {IK_LLAMA}; --ik-llama or IK_LLAMA_CPP names a local repository that has {IK_LLAMA_COMMIT}")
    return repository


def extract(repository, to):
    git = ["git", "-C", str(repository)]
    if subprocess.run([*git, "cat-file", "-e", IK_LLAMA_COMMIT + "^{commit}"], stderr=subprocess.DEVNULL).returncode:
        die(f"{repository} should be a git repository that has the commit {IK_LLAMA_COMMIT} of ik_llama.cpp")
    examples = subprocess.run([*git, "ls-tree", "--name-only", IK_LLAMA_COMMIT, "examples/"],
                              check=True, capture_output=True, text=True).stdout.split()
    wanted = IK_LLAMA_FOLDERS + [path for path in examples if path != IK_LLAMA_LEFT_OUT]
    archive = subprocess.Popen([*git, "archive", IK_LLAMA_COMMIT, "--", *wanted],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with tarfile.open(fileobj=archive.stdout, mode="r|") as tar:
        tar.extractall(to, filter="data")
    if archive.wait():
        die(f"{repository} does not have all of the commit {IK_LLAMA_COMMIT}")


def inspected(burhan, model):
    """What `burhan inspect` tells of a model."""
    answer = subprocess.run([burhan, "inspect", model, "--json"], capture_output=True, text=True)
    if answer.returncode:
        die(f"burhan inspect {model} failed:\n" + answer.stderr)
    return json.loads(answer.stdout)


def model_file(burhan, model):
    """Where Burhan keeps a model of its catalogue; a path stays what it is."""
    return model if pathlib.Path(model).exists() else inspected(burhan, model)["files"][0]
