"""The notebook of examples/: its cells run, one after the other, and find what their texts say."""

import contextlib
import io
import json
import os
import unittest

from common import ROOT, SAMPLE, Case

NOTEBOOK = ROOT / "examples/notebook.ipynb"


class Notebook(Case):
    def test_it_runs_from_top_to_bottom(self):
        if not (SAMPLE / "t10k-images-idx3-ubyte").exists():
            self.skipTest(f"there is no sample of MNIST in {SAMPLE}; ./run test fetches it")
        notebook = json.loads(NOTEBOOK.read_text())
        self.assertEqual(notebook["nbformat"], 4)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(NOTEBOOK.parent)
        os.environ["MPLBACKEND"] = "agg"
        os.environ["INOCULATE_DATA"] = str(SAMPLE)
        names, printed = {}, io.StringIO()
        for number, cell in enumerate(notebook["cells"]):
            if cell["cell_type"] != "code":
                continue
            self.assertEqual(cell["outputs"], [], "outputs are not kept")
            source = "".join(cell["source"])
            with contextlib.redirect_stdout(printed):
                exec(compile(source, f"cell {number} of {NOTEBOOK.name}", "exec"), names)
        self.assertGreater(names["clean"], 0.95)
        self.assertGreater(names["pgd"].success.mean(), 0.9)
        standard, robust = (verdict.worst_case.value for verdict in names["verdicts"])
        self.assertLess(standard, 0.1)
        self.assertGreater(robust, 0.8)
        self.assertLess(names["own"].worst_case.value, names["own"].clean.value)
        self.assertIn("worst case", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
