#include "native/shell.h"

#include <array>
#include <cstdio>

#include "base/quote.h"

namespace inoculate {
namespace {

std::string& program() {
  static std::string name = "inoculate";
  return name;
}

std::string printf_word(std::string_view word) {
  std::string text = "\"$(printf '";
  for (const char c : word) {
    std::array<char, 8> octal{};
    std::snprintf(octal.data(), octal.size(), "\\%03o",
                  static_cast<unsigned>(static_cast<unsigned char>(c)));
    text += octal.data();
  }
  return text + "')\"";
}

}  // namespace

std::string shell_quoted(std::string_view word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(word);
  }
  if (printable(word) != word) return printf_word(word);
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += c;
    }
  }
  return text + "'";
}

CommandLine::CommandLine(std::string_view program, std::string_view sub_command)
    : text_(shell_quoted(program) + " " + shell_quoted(sub_command)) {}

CommandLine& CommandLine::option(std::string_view name, std::string_view value) {
  if (value.empty()) return *this;
  // What begins with a dash would be taken for an option of its own.
  text_ += " " + std::string(name) + (value.front() == '-' ? "=" : " ") + shell_quoted(value);
  return *this;
}

CommandLine& CommandLine::flag(std::string_view name, bool given) {
  if (given) text_ += " " + std::string(name);
  return *this;
}

const std::string& called_as() { return program(); }

void set_called_as(std::string_view name) { program() = name; }

}  // namespace inoculate
