#include "native/html.h"

#include <algorithm>
#include <cstdint>

#include "data/base64.h"

namespace inoculate {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

// Bytes of the UTF-8 sequence that `text` begins with; 0 if it begins with none (RFC 3629).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Longer than needed, a surrogate, or beyond Unicode.
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
      (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

std::string reference(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return std::string(1, c);
  }
}

}  // namespace

std::string escape(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const bool control =
        length == 1 && (static_cast<std::uint8_t>(text[0]) < ' ' || text[0] == 0x7F);
    if (length == 0 || control) {
      html += kReplacement;
    } else if (length == 1) {
      html += reference(text[0]);
    } else {
      html += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return html;
}

std::string element(std::string_view tag, std::string_view content, std::string_view attributes) {
  std::string html = "<";
  html.append(tag);
  if (!attributes.empty()) html.append(" ").append(attributes);
  html.append(">").append(content).append("</").append(tag).append(">");
  return html;
}

std::string html_table(const std::string& caption,
                       const std::vector<std::vector<std::string>>& rows, const std::string& kind) {
  std::string head, body;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string cells;
    for (std::size_t k = 0; k < rows[i].size(); ++k) {
      cells += i == 0   ? element("th", rows[i][k], "scope=\"col\"")
               : k == 0 ? element("th", rows[i][k], "scope=\"row\"")
                        : element("td", rows[i][k]);
    }
    (i == 0 ? head : body) += element("tr", cells) + "\n";
  }
  return element("div",
                 element("table",
                         "\n" + element("caption", caption) + "\n" + element("thead", head) + "\n" +
                             element("tbody", body),
                         kind.empty() ? "" : "class=\"" + kind + "\""),
                 "class=\"scroll\" tabindex=\"0\"") +
         "\n";
}

std::string png_uri(ByteView png) { return "data:image/png;base64," + to_base64(png); }

}  // namespace inoculate
