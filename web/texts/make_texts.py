"""Makes of a table of texts what the page is built from: a C++ header, two tables of JavaScript, and its HTML.

    python3 make_texts.py LANGUAGE.json OUT

writes into the folder OUT web/texts/digits.h for the module, and under site/ what stands beside it on the server. A
table must have the texts of en.json, each with the same values in braces, in any order:

    {name}        a string, and in the scripts anything
    {count:d}     a whole number           {count:,}  the same with its thousands told apart; in the scripts alone
    {share:.1f}   a number as printf has it by "%.1f"
    {{ and }}     a brace

What is named "_" is a note for who translates.
"""

import html
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SITE = HERE.parent / "site"
RECORDS = {("label", "full"): "ControlText", ("title", "lesson"): "MethodText"}  # see printed.h
SLOT = re.compile(r"\{\{|\}\}|\{(\w+)(?::([^{}]*))?\}|[{}]")
CPP_TYPES = {"": "const std::string&", "d": "long long", "f": "double", "g": "double"}


class Refused(Exception):
    pass


def pieces(text, where):
    """The literal parts and the values, (name, format), of a text, in their order."""
    found, at = [], 0
    for slot in SLOT.finditer(text):
        found.append(text[at : slot.start()])
        at = slot.end()
        name, form = slot.group(1), slot.group(2) or ""
        if slot.group() in ("{{", "}}"):
            found.append(slot.group()[0])
        elif name is None or not re.fullmatch(r"|d|,|g|\.\df", form):
            raise Refused(f"{where}: {slot.group()} is no value; a brace is written twice")
        else:
            found.append((name, form))
    return [piece for piece in [*found, text[at:]] if piece]


def values(text, where):
    """Each value of a text once, in the order in which they come first."""
    return list(dict.fromkeys(piece for piece in pieces(text, where) if isinstance(piece, tuple)))


def check(table, english, where=""):
    """Refuses a table that does not have what the English one has."""
    if not isinstance(table, type(english)):
        raise Refused(f"{where or 'the table'}: is not what it is in en.json")
    if isinstance(english, str):
        if set(values(table, where)) != set(values(english, where)):
            raise Refused(f"{where}: its values in braces are not those of en.json: \"{english}\"")
        return
    for key in table.keys() ^ english.keys():
        if key != "_":
            raise Refused(f"{where}{key}: is {'not in en.json' if key in table else 'missing'}")
    for key, of_english in english.items():
        if key != "_":
            check(table[key], of_english, f"{where}{key}" + ("." if isinstance(of_english, dict) else ""))


def texts_of(table):
    return ((key, value) for key, value in table.items() if key != "_")


def cpp_string(text):
    return json.dumps(text, ensure_ascii=False)


def cpp_text(key, text, english, where):
    slots = values(english, where)  # the order of a function's parameters is the same in all languages
    if not slots:
        return f"inline constexpr const char* {key} = {cpp_string(''.join(pieces(text, where)))};"
    format, arguments = "", ""
    for piece in pieces(text, where):
        if isinstance(piece, str):
            format += piece.replace("%", "%%")
        else:
            name, form = piece
            format += "%" + {"": "s", "d": "lld"}.get(form, form)
            arguments += f", {name}" if form else f", {name}.c_str()"
    parameters = ", ".join(f"{CPP_TYPES[form[-1:]]} {name}" for name, form in slots)
    return f"inline std::string {key}({parameters}) {{ return printed({cpp_string(format)}{arguments}); }}"


def cpp_lines(table, english, where):
    for key, text in texts_of(table):
        inside = f"{where}.{key}"
        if isinstance(text, str):
            yield cpp_text(key, text, english[key], inside)
        elif record := RECORDS.get(tuple(text)):
            yield f"inline constexpr {record} {key}{{{', '.join(map(cpp_string, text.values()))}}};"
        else:
            yield f"namespace {key} {{"
            yield from cpp_lines(text, english[key], inside)
            yield "}"


def header(table, english):
    ranges = "".join(f"{ord(letter):#x}, {ord(letter):#x}, " for letter in sorted(table["letters"]))
    texts = {key: text for key, text in table.items() if key != "letters"}
    return "\n".join([
        "// Made by web/texts/make_texts.py.",
        "#pragma once",
        '#include "web/texts/printed.h"',
        "namespace inoculate::texts {",
        "// From one character to another, ended by 0.",
        f"inline constexpr unsigned short letters[] = {{0x20, 0x7e, {ranges}0}};",
        *cpp_lines(texts, english, "digits"),
        "}  // namespace inoculate::texts",
        "",
    ])


def js_text(text, english, where, language):
    slots = values(english, where)
    if not slots:
        return json.dumps("".join(pieces(text, where)), ensure_ascii=False)
    written = ""
    for piece in pieces(text, where):
        if isinstance(piece, str):
            written += piece.replace("\\", "\\\\").replace("`", "\\`").replace("$", "\\$")
        elif piece[1] == ",":
            written += f"${{{piece[0]}.toLocaleString('{language}')}}"
        elif piece[1].endswith("f"):
            written += f"${{{piece[0]}.toFixed({piece[1][1:-1]})}}"
        else:
            written += f"${{{piece[0]}}}"
    return f"({', '.join(name for name, _ in slots)}) => `{written}`"


def js_lines(table, english, where, language, indent="  "):
    for key, text in texts_of(table):
        if isinstance(text, str):
            yield f"{indent}{key}: {js_text(text, english[key], f'{where}.{key}', language)},"
        elif key != "html":
            yield f"{indent}{key}: {{"
            yield from js_lines(text, english[key], f"{where}.{key}", language, indent + "  ")
            yield f"{indent}}},"


def fill(template, table, language, where):
    """A page of HTML whose {{key}} and {{group.key}} are texts of that part of the table."""
    def text_of(slot):
        text = {**table, "language": language}
        for key in slot.group(1).split("."):
            text = text.get(key) if isinstance(text, dict) else None
        if not isinstance(text, str):
            raise Refused(f"{where}: there is no text {slot.group(1)}")
        return html.escape("".join(pieces(text, where)))
    return re.sub(r"\{\{([\w.]+)\}\}", text_of, template)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def make(table, english, out):
    check(table, english)
    language = table["language"]
    if not re.fullmatch(r"[A-Za-z]+(-[A-Za-z0-9]+)*", language):
        raise Refused(f"language: '{language}' is no name of a language, as en or pt-BR")
    write(out / "web/texts/digits.h", header(table["digits"], english["digits"]))
    for part, folder, opening, page in [("page", ".", "'use strict';\n\nconst", "index.html"),
                                        ("photographs", "photographs", "export const", "room.html")]:
        lines = js_lines(table[part], english[part], part, language)
        script = [f"{opening} texts = {{", *lines, "};", ""]
        write(out / "site" / folder / "texts.js", "\n".join(script))
        template = (SITE / folder / page).read_text(encoding="utf-8")
        write(out / "site" / folder / page, fill(template, table[part], language, page))


def read(path):
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(error) from error


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: make_texts.py LANGUAGE.json OUT")
    try:
        make(read(sys.argv[1]), read(HERE / "en.json"), pathlib.Path(sys.argv[2]))
    except Refused as refused:
        sys.exit(f"{sys.argv[1]}: {refused}")


if __name__ == "__main__":
    main()
