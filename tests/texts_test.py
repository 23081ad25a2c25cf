"""web/texts: another language is one file, which must have what the English one has."""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAKER = ROOT / "web/texts/make_texts.py"
sys.path.insert(0, str(MAKER.parent))

import make_texts  # noqa: E402

ENGLISH = make_texts.read(MAKER.parent / "en.json")


class OfOneText(unittest.TestCase):
    def test_a_text_without_values_is_a_string(self):
        self.assertEqual(make_texts.cpp_text("stop", "95 % {{}}", "Stop", ""),
                         'inline constexpr const char* stop = "95 % {}";')
        self.assertEqual(make_texts.js_text("H\u00e4lt {{}}", "Stop", "", "de"), '"H\u00e4lt {}"')

    def test_values_come_in_the_order_of_english_and_stand_where_the_language_wants_them(self):
        english = "{file} has {count:d} of {share:.1f} %"
        other = "{share:.1f} % ({count:d}): {file}, {file}"
        self.assertEqual(
            make_texts.cpp_text("key", other, english, ""),
            "inline std::string key(const std::string& file, long long count, double share) { return printed("
            '"%.1f %% (%lld): %s, %s", share, count, file.c_str(), file.c_str()); }')
        self.assertEqual(make_texts.js_text(other, english, "", "de"),
                         "(file, count, share) => `${share.toFixed(1)} % (${count}): ${file}, ${file}`")

    def test_scripts_tell_thousands_apart_as_the_language_does_and_take_no_text_for_code(self):
        self.assertEqual(make_texts.js_text("{count:,} `${x}` \\".replace("{x}", "{{x}}"), "{count:,}", "", "de"),
                         "(count) => `${count.toLocaleString('de')} \\`\\${x}\\` \\\\`")

    def test_a_brace_alone_and_an_unknown_format_are_refused(self):
        for text in ["{", "a } b", "{count:x}", "{a b}", "{:d}"]:
            with self.assertRaisesRegex(make_texts.Refused, "^pad.key: .* is no value"):
                make_texts.cpp_text("key", text, text, "pad.key")


class OfAPage(unittest.TestCase):
    def test_html_has_its_texts_and_nothing_of_them_is_markup(self):
        page = make_texts.fill('<p id="a">{{html.a}} <b title="{{b}}">', {"html": {"a": "1 < 2"}, "b": '"'}, "en", "")
        self.assertEqual(page, '<p id="a">1 &lt; 2 <b title="&quot;">')
        for slot in ["{{c}}", "{{html}}", "{{html.a.b}}"]:
            with self.assertRaisesRegex(make_texts.Refused, "^x.html: there is no text"):
                make_texts.fill(slot, {"html": {"a": ""}}, "en", "x.html")


class OfATable(unittest.TestCase):
    def refusal(self, change):
        table = copy.deepcopy(ENGLISH)
        change(table)
        with tempfile.TemporaryDirectory() as folder:
            language, out = pathlib.Path(folder, "xx.json"), pathlib.Path(folder, "out")
            language.write_text(json.dumps(table), encoding="utf-8")
            done = subprocess.run([sys.executable, MAKER, language, out], capture_output=True, text=True)
            self.assertFalse(out.exists() and done.returncode)
            return done.stderr.replace(folder, "").strip()

    def test_a_whole_table_is_taken(self):
        self.assertEqual(self.refusal(lambda table: table["digits"].pop("_")), "")

    def test_a_table_that_lacks_something_is_refused(self):
        self.assertEqual(self.refusal(lambda table: table["digits"]["pad"].pop("example")),
                         "/xx.json: digits.pad.example: is missing")
        self.assertEqual(self.refusal(lambda table: table["photographs"].update(more="")),
                         "/xx.json: photographs.more: is not in en.json")
        self.assertEqual(self.refusal(lambda table: table["page"]["rooms"].update(digits={})),
                         "/xx.json: page.rooms.digits: is not what it is in en.json")

    def test_a_text_with_other_values_is_refused(self):
        self.assertEqual(self.refusal(lambda table: table["digits"]["pad"].update(wrong="{digit}")),
                         "/xx.json: digits.pad.wrong: its values in braces are not those of en.json: "
                         '"It is wrong: the digit is {digit:d}."')

    def test_the_name_of_the_language_is_one(self):
        self.assertEqual(self.refusal(lambda table: table.update(language="d'")),
                         "/xx.json: language: 'd'' is no name of a language, as en or pt-BR")

    def test_what_is_no_json_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            language = pathlib.Path(folder, "xx.json")
            language.write_text("{", encoding="utf-8")
            done = subprocess.run([sys.executable, MAKER, language, folder], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
