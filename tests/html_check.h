// What a strict reader finds wrong with a page of ours: a parser of its own, knowing nothing of how
// pages are made.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace inoculate {

/// What is wrong with the HTML, in words; empty if it is well-formed: tags balanced, attributes in
/// double quotes, no stray markup in text. Elements without content are closed by "/>" or are meta,
/// img and br; style holds text.
inline std::string html_fault(const std::string& html) {
  std::vector<std::string> open;
  const auto near = [&](std::size_t at) { return " near: " + html.substr(at, 60); };
  std::size_t i = 0;
  while (i < html.size()) {
    if (html[i] == '>') return "a stray >" + near(i);
    if (html[i] == '&') {
      const std::size_t end = html.find(';', i);
      if (end == std::string::npos || end - i > 9 || end - i < 3) return "a bare &" + near(i);
      i = end + 1;
      continue;
    }
    if (html[i] != '<') {
      ++i;
      continue;
    }
    const std::size_t begin = i++;
    if (html[i] == '!') {
      i = html.find('>', i) + 1;
      continue;
    }
    const bool closing = html[i] == '/';
    if (closing) ++i;
    std::string tag;
    while (std::isalnum(static_cast<unsigned char>(html[i])) != 0) tag += html[i++];
    if (tag.empty()) return "a stray <" + near(begin);
    if (closing) {
      if (html[i++] != '>') return "a closing tag with more in it" + near(begin);
      if (open.empty() || open.back() != tag) return "a wrong closing tag" + near(begin);
      open.pop_back();
      continue;
    }
    while (html[i] == ' ') {
      while (html[++i] == '-' || std::isalpha(static_cast<unsigned char>(html[i])) != 0 ||
             std::isdigit(static_cast<unsigned char>(html[i])) != 0) {
      }
      if (html.compare(i, 2, "=\"") != 0) return "an attribute without quotes" + near(begin);
      const std::size_t end = html.find('"', i + 2);
      if (end == std::string::npos) return "an attribute without end" + near(begin);
      if (html.substr(i + 2, end - i - 2).find('<') != std::string::npos) {
        return "a < in an attribute" + near(begin);
      }
      i = end + 1;
    }
    const bool empty = html.compare(i, 2, "/>") == 0;
    if (empty) ++i;
    if (html[i++] != '>') return "a tag without end" + near(begin);
    if (empty || tag == "meta" || tag == "img" || tag == "br") continue;
    open.push_back(tag);
    if (tag == "style") {
      i = html.find('<', i);
      if (html.compare(i, 8, "</style>") != 0) return "markup in the style" + near(i);
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

}  // namespace inoculate
