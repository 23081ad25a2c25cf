// Pieces of HTML. Whatever comes from outside goes through escape().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/bytes.h"

namespace inoculate {

/// `text` as it may stand between tags and in a quoted attribute: the five characters of markup as
/// references, control characters and bytes that are no UTF-8 as U+FFFD.
std::string escape(std::string_view text);

/// "<tag attributes>content</tag>"; attributes and content are HTML already.
std::string element(std::string_view tag, std::string_view content,
                    std::string_view attributes = {});

/// A table of cells that are HTML already, with a class of the page's style if one is given, in a
/// box that scrolls sideways where it must. The first row is its heading, the first cell of each
/// other row that row's.
std::string html_table(const std::string& caption,
                       const std::vector<std::vector<std::string>>& rows,
                       const std::string& kind = "");

/// "data:image/png;base64,..." (RFC 2397, RFC 4648 section 4).
std::string png_uri(ByteView png);

}  // namespace inoculate
