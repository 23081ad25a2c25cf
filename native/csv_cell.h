// Cells of CSV files.
#pragma once

#include <string>

namespace inoculate {

/// `text` as a cell: in quotes, its own doubled, where it holds a comma, a quote or a line's end
/// (RFC 4180).
inline std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

}  // namespace inoculate
