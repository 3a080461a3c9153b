#!/usr/bin/env python3
"""The package as it was installed, whichever wheel it came from."""
import importlib.metadata
import sys
import unittest

import tally


class WheelTest(unittest.TestCase):
    def test_it_counts(self):
        self.assertEqual(tally.count(b"one two\nthree\n"), (2, 3, 14))

    def test_a_text_may_be_empty(self):
        self.assertEqual(tally.count(b""), (0, 0, 0))

    def test_it_was_installed(self):
        self.assertIn("site-packages", tally.__file__)
        self.assertTrue(importlib.metadata.version("tally"))


# To standard output, which the job keeps.
unittest.main(verbosity=2, testRunner=unittest.TextTestRunner(sys.stdout, verbosity=2))
