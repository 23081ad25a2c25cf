// The texts of the digits' room are in web/texts/en.json, and another language beside it.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "catch.h"
#include "golden_files.h"

using namespace inoculate;

namespace {

struct Literal {
  int line;
  std::string text;
};

/// The strings of a C++ source as they are written there, without those of #include.
std::vector<Literal> literals_of(const std::string& source) {
  std::vector<Literal> found;
  int line = 1;
  std::size_t line_begin = 0;
  const auto skip_to = [&](const char* end, std::size_t from) {
    return std::min(source.find(end, from), source.size());
  };
  for (std::size_t at = 0; at < source.size(); ++at) {
    const char c = source[at];
    if (c == '\n') {
      ++line;
      line_begin = at + 1;
    } else if (source.compare(at, 2, "//") == 0) {
      at = skip_to("\n", at) - 1;
    } else if (c == '"' || (c == '\'' && at > 0 && std::isalnum(source[at - 1]) == 0)) {
      const std::size_t begin = ++at;  // 1'000 is no character
      for (; at < source.size() && source[at] != c; ++at) at += source[at] == '\\';
      const bool include = source.compare(line_begin, 8, "#include") == 0;
      if (c == '"' && !include) found.push_back({line, source.substr(begin, at - begin)});
    }
  }
  return found;
}

/// Whether it looks like words for people: two of them, or one with a capital letter. What printf
/// and the compiler replace is no word; names of functions (setImage) are none either.
bool is_text(const std::string& literal) {
  static const std::regex replaced(R"(%[-+ #0-9.*$lz]*[a-zA-Z%]|\\x[0-9A-Fa-f]{2}|\\.)");
  static const std::regex words("(^|[^A-Za-z])[A-Z][a-z]|[A-Za-z] | [A-Za-z]");
  return std::regex_search(std::regex_replace(literal, replaced, ""), words);
}

/// What looks like a text and is none.
bool is_exception(const std::string& literal) {
  static const std::vector<std::string> exceptions = {
      "measuring before", "measuring after",  // phases, as messages and scripts have them
      "-Wunused-function",                    // a warning of the compiler
      "#version 100",                         // for OpenGL's compiler
  };
  return std::find(exceptions.begin(), exceptions.end(), literal) != exceptions.end();
}

/// The C++ sources of a folder of the project. Not the window's, which is for developers.
std::vector<std::string> sources_of(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(in_source(folder))) {
    const std::string name = entry.path().string();
    const bool is_source = name.ends_with(".cpp") || name.ends_with(".h");
    if (is_source && !name.ends_with("/window_main.cpp")) names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("what is a text for people, and what is none") {
  for (const char* text : {"Stop", "Draw a digit", "not known", "%d queries", " (%.1f to %.1f)",
                           "link: it is damaged", ", towards ", "saved as %s."}) {
    INFO(text);
    CHECK(is_text(text));
  }
  for (const char* name : {"epsilon", "save_weights", "setImage", "%.1f \\xE2\\x80\\x93 %.1f", " ",
                           ", ", "##target", "###stop", "0.1", "%.0f %%", "FGSM", "v=1"}) {
    INFO(name);
    CHECK_FALSE(is_text(name));
  }
  const std::vector<Literal> found = literals_of(
      "#include \"Not This\"\n// \"Nor this\" it's\nf('\"', 1'000, \"a \\\"b\\\"\");\ng(\"c\" "
      "\"d\");");
  REQUIRE(found.size() == 3);
  CHECK(found[0].text == "a \\\"b\\\"");
  CHECK(found[0].line == 3);
  CHECK(found[1].text == "c");
  CHECK(found[2].line == 4);
}

TEST_CASE("no text of the digits' room stands outside of web/texts") {
  int sources = 0;
  for (const char* folder : {"/web", "/web/app", "/web/attack", "/web/json", "/web/lab",
                             "/web/panels", "/web/picture"}) {
    for (const std::string& source : sources_of(folder)) {
      ++sources;
      const Bytes bytes = read_whole_file(source);
      for (const auto& [line, literal] : literals_of({bytes.begin(), bytes.end()})) {
        INFO(source << ":" << line << ": \"" << literal << '"');
        CHECK((!is_text(literal) || is_exception(literal)));
      }
    }
  }
  CHECK(sources > 80);
}
