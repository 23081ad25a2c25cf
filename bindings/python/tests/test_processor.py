"""On a processor that is too old for a build the package says so, instead of dying in it."""

import os
import platform
import shutil
import subprocess
import sys
import unittest

from common import ROOT, Case

TOOLS = [shutil.which("qemu-x86_64"), shutil.which("cc")]


@unittest.skipIf(None in TOOLS, "qemu-x86_64 (Debian's qemu-user) or cc is not installed")
@unittest.skipIf(platform.machine() != "x86_64", "this is no x86-64")
class Processor(Case):
    def test_an_older_one_is_told(self):
        qemu, compiler = TOOLS
        package = self.folder / "inoculate"
        shutil.copytree(ROOT / "bindings/python/inoculate", package)
        source = self.folder / "engine.c"  # what matters is the mark that the linker sets
        source.write_text("int nothing(void) { return 0; }\n")
        library = ["-shared", "-fPIC", "-Wl,-z,x86-64-v3", "-o", package / "_engine.so"]
        done = subprocess.run([compiler, source, *library], capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f"this linker does not mark levels of x86-64: {done.stderr}")
        done = subprocess.run(
            [qemu, "-cpu", "Nehalem", sys.executable, "-c", "import inoculate"],
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        last = done.stderr.strip().splitlines()[-1]
        words = "ImportError: this build of inoculate is for processors with AVX2 and FMA"
        self.assertTrue(last.startswith(words), done.stderr)


if __name__ == "__main__":
    unittest.main()
