// Numbers and tables as the command prints them.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "evaluate/accuracy.h"

namespace inoculate {

/// `value` with `digits` places after the point.
std::string fixed(double value, int digits);

/// `value` with up to six places after the point, as many as it needs: "0.1".
std::string number(double value);

/// The shortest decimals that are read back as the same number: "0.1", "1e-04".
std::string exact(float value);
std::string exact(double value);

/// A share in 0..1 as "98.92 %".
std::string percent(double share);

/// "88.50 % [86.37, 90.33]": a share of n > 0 with its 95 % Wilson interval.
std::string share_text(int part, int n);

/// Accuracy, its 95 % interval and n: "98.92 % [98.70, 99.10], n = 10000".
std::string accuracy_text(const Evaluation& evaluation);

/// Words in a row: "a, b, c".
std::string joined(std::span<const char* const> words);

/// Rows of cells in aligned columns, two spaces apart; the first `words` columns to the left, the
/// others, which are numbers, to the right. The first row is a heading, underlined.
void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows,
                 std::size_t words = 1);

}  // namespace inoculate
