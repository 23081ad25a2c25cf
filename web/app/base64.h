// Bytes as text that may stand in a link.
#pragma once

#include <string>
#include <string_view>

#include "data/bytes.h"

namespace inoculate::page {

/// RFC 4648, section 5 (the alphabet safe for URLs), without padding.
std::string to_base64url(ByteView bytes);

/// The inverse; throws Error when the text is none.
Bytes from_base64url(std::string_view text);

}  // namespace inoculate::page
