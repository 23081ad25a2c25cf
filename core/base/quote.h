// Text from outside (names in files, words of a user) as part of a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace inoculate {

/// `text` in one line that a terminal shows as it stands: control characters (U+0000 to U+001F,
/// U+007F to U+009F), marks that reorder or hide what follows (U+061C, U+200B to U+200F, U+2028 to
/// U+202E, U+2060 to U+206F, U+FEFF) and bytes that are no UTF-8 are written as \n, \x9b, \u202e.
std::string printable(std::string_view text);

/// `text` in single quotes, printable, a quote or backslash in it behind a backslash. Of a longer
/// text only the first `longest` bytes (whole characters), and how many bytes there are.
std::string quote(std::string_view text, std::size_t longest = 60);

}  // namespace inoculate
