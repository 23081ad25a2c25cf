"""Runs the tests of one file: `run.py test_models`. Ends with 77 where all of them were skipped."""

import sys
import unittest

suite = unittest.defaultTestLoader.loadTestsFromName(sys.argv[1])
result = unittest.TextTestRunner(verbosity=2).run(suite)
for test, why in result.skipped:
    print(f"SKIP {test}: {why}")
if not result.wasSuccessful() or result.testsRun == 0:
    sys.exit(1)
sys.exit(77 if len(result.skipped) == result.testsRun else 0)
