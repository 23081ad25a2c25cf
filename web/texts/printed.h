// Texts with numbers and names in them.
#pragma once

#include <string>

namespace inoculate::texts {

/// What printf would print. A language that needs another order of the values numbers them:
/// "%2$s, %1$d".
[[gnu::format(printf, 1, 2)]] std::string printed(const char* format, ...);

}  // namespace inoculate::texts
