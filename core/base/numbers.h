// Numbers and lists as people type them, the same in the command and in the page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inoculate {

/// The number that `text` is: decimal ("0.1", "1e-3") or a fraction of two such ("8/255"), blanks
/// around either part left out. Nothing for anything else: infinities, NaN, hexadecimal numbers,
/// two numbers, a denominator of 0, or what a double does not hold.
std::optional<double> parse_number(std::string_view text);

/// The entries of a list with commas, without the blanks around them. An entry may be empty.
std::vector<std::string> split_list(std::string_view text);

/// What is wrong with `epsilon` as the size of a perturbation of pixels 0..1 in L-inf, and what was
/// probably meant ("8 of 255 is 0.0314 (write 8/255)"); nothing from 0 to 1.
std::optional<std::string> linf_mistake(double epsilon);

}  // namespace inoculate
