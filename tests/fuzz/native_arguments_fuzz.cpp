// Numbers, ranges, levels, classes and lists of the command line.
#include <cmath>

#include "attack/registry.h"
#include "base/numbers.h"
#include "fuzz/target.h"
#include "native/class_options.h"
#include "native/commands.h"
#include "native/noise_options.h"

namespace inoculate::fuzz {
namespace {

/// As accepts(), of what is refused as a wrong argument.
template <typename Read>
void use(std::string_view option, const Read& read) {
  try {
    read();
  } catch (const UsageError& error) {
    demand_refusal(error.what(), option);
  }
}

void read_number(const std::string& text, double low, double high) {
  std::string read = text;
  const std::string refusal = read_number_within(read, low, high);
  if (!refusal.empty()) return demand_refusal(refusal, "");
  const auto value = parse_number(read);
  demand(value && *value >= low && *value <= high, "a number outside of its bounds is taken");
}

void read(ByteView bytes) {
  const std::string text(text_of(bytes));
  read_number(text, 0, 1);
  read_number(text, 1e-9, 1000);
  use("--mean", [&] {
    const auto values = parse_range("--mean", text, 0, kLargestMean);
    demand(!values.empty() && values.size() <= 10000, "a range of none or too many");
    for (const double value : values) demand(value >= 0 && value <= kLargestMean, "out of range");
  });
  use("--noise", [&] { parse_noise_level("--noise", text); });
  for (const AttackMethod& method : attack_methods()) {
    use("--target", [&] { parse_target(text, method); });
  }
  use("--label", [&] {
    const Labels labels = picture_labels({text}, 3, 10);
    demand(labels.size() == 3, "labels of another number");
    for (const auto label : labels) demand(label >= 0 && label < 10, "a label that is no class");
  });
}

const Target target("native_arguments", read);

}  // namespace
}  // namespace inoculate::fuzz
