#include "native/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ostream>

namespace inoculate {
namespace {

template <class Real>
std::string shortest(Real value) {
  std::array<char, 64> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string number(double value) {
  std::string text = fixed(value, 6);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string exact(float value) { return shortest(value); }

std::string exact(double value) { return shortest(value); }

std::string percent(double share) { return fixed(100 * share, 2) + " %"; }

std::string share_text(int part, int n) {
  const Interval interval = wilson_interval(part, n);
  return percent(static_cast<double>(part) / n) + " [" + fixed(100 * interval.low, 2) + ", " +
         fixed(100 * interval.high, 2) + "]";
}

std::string accuracy_text(const Evaluation& evaluation) {
  return share_text(evaluation.correct, evaluation.n) + ", n = " + std::to_string(evaluation.n);
}

std::string joined(std::span<const char* const> words) {
  std::string text;
  for (const char* word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows,
                 std::size_t words) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      if (i > 0) line += "  ";
      line += i < words ? row[i] + padding : padding + row[i];
    }
    out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  };
  print(rows.front());
  std::vector<std::string> rule;
  for (const std::size_t width : widths) rule.emplace_back(width, '-');
  print(rule);
  std::for_each(rows.begin() + 1, rows.end(), print);
}

}  // namespace inoculate
