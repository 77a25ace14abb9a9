"""A copy of the installation whose backends lie in a deploy folder, served under control: its shell, its log, what it holds."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time

MOVED = re.compile(r"LiveBackend - (\S+) runs on (\S+) now, on (\S+) before: Moved\[copied=(\d+), recomputed=(\d+), nanos=(\d+)\]")


PROVIDERS = ("backendvector.VectorKernelsProvider", "backendblas.BlasKernelsProvider")  # one class of each bundle that comes and goes


def tiny(folder, weights):
    """A chat model of random weights: a checkpoint of 384 tokens or more, with a tokenizer of bytes."""
    folder.mkdir()
    for file in ("config.json", "model.safetensors"):
        shutil.copy(weights / file, folder)
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    letters = {b: chr(b) for b in printable} | {b: chr(256 + i) for i, b in enumerate(others)}
    special = [{"id": i, "content": text, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
               for i, text in enumerate(("<s>", "</s>"))]
    vocabulary = {"<s>": 0, "</s>": 1} | {letters[b]: b + 2 for b in range(256)}
    size = json.loads((folder / "config.json").read_text())["vocab_size"]
    vocabulary |= {f"x{i}": i for i in range(len(vocabulary), size)}  # never of a prompt, as nothing merges, but generated
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    (folder / "tokenizer.json").write_text(json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special, "normalizer": None, "pre_tokenizer": byte_level,
        "post_processor": None, "decoder": byte_level,
        "model": {"type": "BPE", "vocab": vocabulary, "merges": []}}))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "bos_token": "<s>", "eos_token": "</s>", "chat_template": "{% for message in messages %}{{ message['content'] }}{% endfor %}"}))
    return folder


class Installation:
    def __init__(self, source, folder):
        self.home = folder / "home"
        self.deploy = folder / "deploy"
        self.kept = folder / "kept"
        shutil.copytree(source, self.home, symlinks=True)
        self.deploy.mkdir(mode=0o755)
        self.kept.mkdir()
        for name in ("backend-vector", "backend-blas"):
            jar, = (self.home / "bundle").glob(name + "-*.jar")
            jar.rename(self.kept / (name + ".jar"))
            self.drop(name)

    @property
    def burhan(self):
        return str(self.home / "bin/burhan")

    def drop(self, name):
        """Puts a bundle into the deploy folder, whole at once; one that is there is updated."""
        part = self.deploy / (name + ".part")
        shutil.copyfile(self.kept / (name + ".jar"), part)
        part.chmod(0o644)
        part.rename(self.deploy / (name + ".jar"))

    def take(self, name):
        (self.deploy / (name + ".jar")).unlink()

    def configure(self, backend):
        file = self.home / "conf/dev.burhan.engine.cfg"
        if backend:
            file.write_text(f"backend = {backend}\n")
        else:
            file.unlink()


class Server:
    """`burhan serve --shell` on a free port."""

    def __init__(self, installation, model, sequences, context, options=()):
        self.moves = []  # (time, from, to, copied, recomputed, pause in s)
        self.errors = []
        self.changed = threading.Condition()
        self.answers = []
        self.marks = 0
        self.process = subprocess.Popen(
            [installation.burhan, "serve", "--model", str(model), "--name", "m", "--port", "0", "--sequences", str(sequences),
             "--queue", str(2 * sequences), "--context", str(context), "--shell", "--deploy", str(installation.deploy), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
            env=os.environ | {"BURHAN_SPECULATE": "off"})
        self.url = None
        self.threads = [threading.Thread(target=f, daemon=True) for f in (self._output, self._log)]
        for thread in self.threads:
            thread.start()
        self._await(lambda: self.url or self.process.poll() is not None, 300)
        if not self.url:
            raise RuntimeError("the server did not start:\n" + "\n".join(self.errors))

    def _output(self):
        for line in self.process.stdout:
            with self.changed:
                found = re.search(r"at (http://127\.0\.0\.1:\d+)/v1", line)
                if found:
                    self.url = found.group(1)
                self.answers.append(line)
                self.changed.notify_all()

    def _log(self):
        for line in self.process.stderr:
            with self.changed:
                found = MOVED.search(line)
                if found:
                    _, to, before, copied, recomputed, nanos = found.groups()
                    self.moves.append((time.monotonic(), before, to, int(copied), int(recomputed), int(nanos) / 1e9))
                elif " ERROR " in line or "Exception" in line:
                    self.errors.append(line.strip())
                self.changed.notify_all()

    def _await(self, condition, seconds):
        end = time.monotonic() + seconds
        with self.changed:
            while not condition():
                if time.monotonic() > end:
                    raise RuntimeError("waited too long; the log says:\n" + "\n".join(self.errors[-20:]))
                self.changed.wait(0.2)

    def shell(self, line):
        """What the shell answers."""
        with self.changed:
            self.marks += 1
            mark, first = f"mark-{self.marks}-", len(self.answers)
        self.process.stdin.write(f"{line}\necho {mark}end\n")
        self.process.stdin.flush()
        self._await(lambda: any(mark + "end" in a for a in self.answers[first:]), 120)
        return "".join(self.answers[first:])

    def bundle(self, name):
        """The number of an installed bundle."""
        for line in self.shell("lb -s").splitlines():
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) > 3 and cells[3].startswith(f"dev.burhan.{name} "):
                return cells[0].removeprefix("g! ").strip()
        raise RuntimeError("there is no bundle " + name)

    def await_move(self, known, seconds=120):
        """Waits for a move after the first `known`."""
        self._await(lambda: len(self.moves) > known, seconds)

    def _jcmd(self, *command):
        java = pathlib.Path(os.readlink(f"/proc/{self.process.pid}/exe"))
        return subprocess.run([java.parent / "jcmd", str(self.process.pid), *command], capture_output=True, text=True, check=True).stdout

    def holds(self):
        """What may leak: copies of code, threads of Java by name, mappings, resident MiB; after a collection."""
        for _ in range(2):
            self._jcmd("GC.run")
        classes = self._jcmd("VM.classloaders", "show-classes=true", "fold=false")
        # the class itself, not its lambdas: those have its name, and $$ behind it
        copies = {name: len(re.findall(rf"\bdev\.burhan\.{name}(?![\w$])", classes)) for name in PROVIDERS}
        names = {}
        for name in re.findall(r'^"([^"]*)"', self._jcmd("Thread.print"), re.M):
            if not re.match(r"C[12] |G1 |VM |GC |Attach|Sweeper|Signal|Common-Cleaner|qtp|ForkJoinPool|VirtualThread|HttpClient|session-", name):
                name = re.sub(r"\d+", "N", name)
                names[name] = names.get(name, 0) + 1
        maps = pathlib.Path(f"/proc/{self.process.pid}/maps").read_text().splitlines()
        files = [m.split()[-1] for m in maps if len(m.split()) == 6 and m.split()[-1].startswith("/")]
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return {"copies of code": copies, "loaders": classes.count("BundleClassLoader"), "threads": names, "mapped files": len(files), "mappings": len(maps),
                "resident MiB": int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024}

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "killed"
