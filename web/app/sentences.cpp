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

// How large the change is, in the words of its norm.
std::string size_of(const AttackOutcome& outcome, const AttackSettings& settings) {
  const PageMethod& method = page_method(settings.method);
  if (settings.method == kLineAttack) return "with a line drawn through it";
  if (settings.method == "line-search") return "with one stroke drawn through it";
  if (settings.method == "spatial") return "turned and shifted a little";
  if (method.norm == Norm::kL0) {
    return "with " + std::to_string(outcome.pixels_changed) + " pixels changed";
  }
  if (method.norm == Norm::kL2) return "by a change of L2 size " + three_decimals(outcome.l2);
  return "with no pixel changed by more than " + three_decimals(outcome.largest_change);
}

}  // namespace

std::string describe_attack(const AttackOutcome& outcome, const AttackSettings& settings) {
  if (settings.method == kLineAttack && settings.line.empty()) {
    return "Draw a line through the adversary to attack it by hand.";
  }
  const std::string read = digit_with_confidence(outcome.adversary.reading);
  if (outcome.original.reading.best() != outcome.label) {
    return "The network misreads this picture even without an attack; attacked, it reads " + read +
           ".";
  }
  std::string how = ", " + size_of(outcome, settings);
  if (outcome.calls.forward > 0) {
    how += ", after " + std::to_string(outcome.calls.forward) + " queries";
  }
  if (outcome.success) {
    return "Fooled: it now reads " + read + " instead of " + std::to_string(outcome.label) + how +
           ".";
  }
  if (outcome.undone_by_rounding) {
    return "Fooled, but only before it is rounded to 256 grey levels: as a saved picture it "
           "reads " +
           read + how + ".";
  }
  if (settings.target) {
    return "Not read as " + std::to_string(*settings.target) + ": it reads " + read + how + ".";
  }
  return "Not fooled: it still reads " + read + how + ".";
}

std::string describe_state(const App& app) {
  if (app.models().empty()) return "Loading the network.";
  if (!app.reading() && !app.refusal().empty()) return app.refusal();
  if (!app.reading()) return "The pad is empty. Draw a digit, or take one.";
  std::string text = "The network reads " + top_three(*app.reading()) + ".";
  if (!app.refusal().empty()) text += " " + app.refusal();
  if (app.attacked()) text += " " + describe_attack(*app.outcome(), app.attack);
  if (app.attacking() && !app.attacked()) {
    text += std::string(" It is being attacked by ") + page_method(app.attack.method).title + ".";
  }
  return text;
}

std::string describe_noise(const AttackOutcome& outcome) {
  const std::string noise = "Beside it is random noise of the same size, ";
  return (outcome.success ? "The network misreads it. " : "") + noise +
         (outcome.noise.reading.best() == outcome.label
              ? "which hardly disturbs the network. The direction matters."
              : "which misleads the network too. At a smaller epsilon only the direction does.");
}

std::string describe_smallest(float epsilon) {
  if (epsilon == 0) return "Epsilon 0: the network misreads this picture without any attack.";
  constexpr float kTolerance = 1e-3F;  // of a level, for what single precision loses
  char text[160];
  std::snprintf(
      text, sizeof text,
      "Epsilon %.3f is enough, as a saved picture too: no pixel changes by more than %d of "
      "255 grey levels.",
      static_cast<double>(epsilon), static_cast<int>(255 * epsilon + kTolerance));
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
