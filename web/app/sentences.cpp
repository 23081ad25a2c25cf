#include "web/app/sentences.h"

#include <cstdio>

namespace inoculate::page {
namespace {

std::string three_decimals(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(value));
  return text;
}

std::string digit_with_confidence(const Reading& reading) {
  return std::to_string(reading.best()) + " (" + percent_text(reading.confidence()) + ")";
}

}  // namespace

std::string describe_attack(const AttackOutcome& outcome, const AttackSettings& settings) {
  const std::string read = digit_with_confidence(outcome.adversary.reading);
  const std::string size =
      settings.method == kLineAttack
          ? "with a line drawn through it"
          : "with no pixel changed by more than " + three_decimals(outcome.largest_change);
  if (settings.method == kLineAttack && settings.line.empty()) {
    return "Draw a line through the adversary to attack it by hand.";
  }
  if (outcome.original.reading.best() != outcome.label) {
    return "The network misreads this picture even without an attack; attacked, it reads " + read +
           ".";
  }
  if (outcome.success) {
    return "Fooled: it now reads " + read + " instead of " + std::to_string(outcome.label) + ", " +
           size + ".";
  }
  if (settings.target) {
    return "Not read as " + std::to_string(*settings.target) + ": it reads " + read + ", " + size +
           ".";
  }
  return "Not fooled: it still reads " + read + ", " + size + ".";
}

std::string describe_state(const App& app) {
  if (app.models().empty()) return "Loading the network.";
  if (!app.reading()) return "The pad is empty. Draw a digit, or take one.";
  std::string text = "The network reads " + top_three(*app.reading()) + ".";
  if (app.outcome()) text += " " + describe_attack(*app.outcome(), app.attack);
  return text;
}

std::string describe_smallest(float epsilon) {
  if (epsilon == 0) return "Epsilon 0: the network misreads this picture without any attack.";
  char text[160];
  std::snprintf(text, sizeof text,
                "Epsilon %.3f is enough: no pixel changes by more than %.0f of 255 grey levels.",
                static_cast<double>(epsilon), static_cast<double>(255 * epsilon));
  return text;
}

std::string describe_round(const Round& round) {
  const auto change = [](const char* what, const Score& before, const Score& after) {
    return std::string(what) + " " + percent_text(before.accuracy) + " before, " +
           percent_text(after.accuracy) + " after. ";
  };
  return "Inoculated. On " + std::to_string(round.after.clean.n) + " held-out digits: clean " +
         percent_text(round.before.clean.accuracy) + " before, " +
         percent_text(round.after.clean.accuracy) + " after; " +
         change("old adversaries replayed", round.before.replayed, round.after.replayed) +
         change("A fresh attack on the new weights:", round.before.fresh, round.after.fresh);
}

}  // namespace inoculate::page
