#include "base/quote.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace inoculate {
namespace {

/// The character that begins a text: how many bytes it has, and its code point. A byte that begins
/// no sound character stands alone, and has no code point.
struct Character {
  std::size_t size = 1;
  std::int32_t code = -1;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  std::int32_t code = lead & (0xFF >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3F);
  }
  // What a shorter form could say, surrogates, and beyond the last code point.
  constexpr std::array<std::int32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[size] || surrogate || code > 0x10FFFF) return {};
  return {size, code};
}

bool is_shown(std::int32_t code) {
  const auto within = [code](std::int32_t low, std::int32_t high) {
    return low <= code && code <= high;
  };
  return code >= ' ' && !within(0x7F, 0x9F) && code != 0x61C && !within(0x200B, 0x200F) &&
         !within(0x2028, 0x202E) && !within(0x2060, 0x206F) && code != 0xFEFF;
}

std::string escaped(const Character& character, std::string_view bytes) {
  if (character.code == '\n') return "\\n";
  if (character.code == '\t') return "\\t";
  if (character.code == '\r') return "\\r";
  std::array<char, 16> text{};
  const bool is_byte = character.code < 0x80;  // as it stands, or no character at all
  std::snprintf(text.data(), text.size(), is_byte ? "\\x%02x" : "\\u%04x",
                is_byte ? static_cast<unsigned>(static_cast<std::uint8_t>(bytes[0]))
                        : static_cast<unsigned>(character.code));
  return text.data();
}

std::string written(std::string_view text, bool in_quotes) {
  std::string out;
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::string_view bytes = text.substr(0, character.size);
    if (!is_shown(character.code)) {
      out += escaped(character, bytes);
    } else {
      if (in_quotes && (bytes == "'" || bytes == "\\")) out += '\\';
      out += bytes;
    }
    text.remove_prefix(character.size);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) { return written(text, false); }

std::string quote(std::string_view text, std::size_t longest) {
  std::size_t size = text.size();
  if (size > longest) {
    size = longest;
    // A character that is cut in two has up to three bytes before the cut.
    for (std::size_t back = 1; back <= 3 && back <= longest; ++back) {
      const Character last = first_character(text.substr(longest - back));
      if (last.code >= 0 && last.size > back) size = longest - back;
    }
  }
  std::string out = "'" + written(text.substr(0, size), true) + "'";
  if (size < text.size()) out += "... (" + std::to_string(text.size()) + " bytes)";
  return out;
}

}  // namespace inoculate
