// Bytes as text (RFC 4648).
#pragma once

#include <string>
#include <string_view>

#include "data/bytes.h"

namespace inoculate {

/// Section 4: with `+` and `/`, padded.
std::string to_base64(ByteView bytes);

/// Section 5: with the alphabet safe for URLs, without padding.
std::string to_base64url(ByteView bytes);

/// The inverse; throws Error when the text is none.
Bytes from_base64url(std::string_view text);

}  // namespace inoculate
