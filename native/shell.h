// Words as a shell reads them.
#pragma once

#include <string>
#include <string_view>

namespace inoculate {

/// `word` as a POSIX shell reads it back to the same bytes: as it stands where nothing in it means
/// anything to a shell, else in single quotes.
std::string shell_quoted(std::string_view word);

}  // namespace inoculate
