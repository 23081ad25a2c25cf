#include "native/method_options.h"

#include <cmath>

#include "attack/stored.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/png_encoder.h"
#include "native/text.h"

namespace inoculate {
namespace {

constexpr double kFurthest = 1e6;  // of a row or column, long before an int is full

}  // namespace

void add_patch_options(Command command, AttackOptions& settings, PatchFlags& flags) {
  command
      .add_option("--patch-size", settings.patch_size,
                  "Share of the image's area that the square patch covers; if not given 0.1")
      .number_within(1e-6, 1);
  command.add_option("--patch-at", flags.at,
                     "Always put it at this ROW,COLUMN of its upper left corner; if not given "
                     "anywhere");
  command.add_option("--patch-out", flags.out, "Write the patch to this PNG");
}

void set_patch_place(AttackOptions& settings, const PatchFlags& flags) {
  if (flags.at.empty()) return;
  std::vector<int> numbers;
  for (const std::string& entry : split_list(flags.at)) {
    const double number = parse_number(entry).value_or(-1);
    if (number == std::floor(number) && number >= 0 && number <= kFurthest) {
      numbers.push_back(static_cast<int>(number));
    } else {
      numbers.clear();
      break;
    }
  }
  if (numbers.size() != 2) {
    throw UsageError("--patch-at " + quote(flags.at) +
                     " is no place; name a row and a column, such as 0,4");
  }
  settings.patch_at = Place{numbers[0], numbers[1]};
}

void write_patch(const std::string& path, const AttackResult& result) {
  const Shape shape = result.pattern_shape;
  const auto levels =
      to_levels(result.pattern.data(), static_cast<std::size_t>(result.pattern.size()));
  write_file_atomically(path, encode_png(levels.data(), shape.w, shape.h, shape.c));
}

void add_expectation_options(Command command, ExpectationFlags& flags) {
  Option eot =
      command
          .add_option("--eot", flags.draws,
                      "Expectation over transformations: each gradient is the mean over this many "
                      "small random changes of the image")
          .within(1, 10000);
  command.add_option("--eot-shift", flags.changes.shift, "Pixels that a change shifts by, at most")
      .within(0, 10000)
      .needs(eot)
      .show_default();
  command
      .add_option("--eot-brightness", flags.changes.brightness,
                  "Part by which a change brightens or darkens, at most")
      .number_within(0, 0.99)
      .needs(eot)
      .show_default();
  command
      .add_option("--eot-noise", flags.changes.noise,
                  "Standard deviation of the noise of a change, in pixels of 0..1")
      .number_within(0, 10)
      .needs(eot)
      .show_default();
}

std::unique_ptr<Expectation> expectation_of(const Classifier& model, const ExpectationFlags& flags,
                                            std::uint64_t seed) {
  if (flags.draws == 0) return nullptr;
  ExpectationOptions options = flags.changes;
  options.draws = flags.draws;
  return std::make_unique<Expectation>(model, options, seed);
}

void count_draws(AttackResult& result, const ExpectationFlags& flags) {
  if (flags.draws == 0) return;
  for (AttackCalls& calls : result.calls) calls.gradient *= flags.draws;
}

std::string expectation_text(const ExpectationFlags& flags) {
  if (flags.draws == 0) return "";
  const ExpectationOptions& c = flags.changes;
  return ", gradients the mean over " + std::to_string(flags.draws) + " changes (shift " +
         std::to_string(c.shift) + ", brightness " + number(static_cast<double>(c.brightness)) +
         ", noise " + number(static_cast<double>(c.noise)) + ")";
}

}  // namespace inoculate
