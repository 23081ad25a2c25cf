#include "web/app/sentences.h"

#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

// How large the change is, in the words of its norm, and what it took.
std::string how_attacked(const AttackOutcome& outcome, const AttackSettings& settings) {
  const auto size = [&]() -> std::string {
    if (settings.method == kLineAttack) return texts::outcome::line_drawn;
    if (settings.method == "line-search") return texts::outcome::stroke_drawn;
    if (settings.method == "spatial") return texts::outcome::turned;
    const Norm norm = page_method(settings.method).norm;
    if (norm == Norm::kL0) return texts::outcome::pixels_changed(outcome.pixels_changed);
    if (norm == Norm::kL2) return texts::outcome::l2(outcome.l2);
    return texts::outcome::linf(outcome.largest_change);
  };
  return outcome.calls.forward > 0 ? texts::outcome::after_queries(size(), outcome.calls.forward)
                                   : size();
}

}  // namespace

std::string describe_guess(const Reading& reading) {
  return texts::guess(reading.best(), percent_text(reading.confidence()));
}

std::string describe_attack(const AttackOutcome& outcome, const AttackSettings& settings) {
  if (settings.method == kLineAttack && settings.line.empty()) return texts::outcome::no_line_yet;
  const std::string read = describe_guess(outcome.adversary.reading);
  if (outcome.original.reading.best() != outcome.label) {
    return texts::outcome::misread_anyway(read);
  }
  const std::string how = how_attacked(outcome, settings);
  if (outcome.success) return texts::outcome::fooled(read, outcome.label, how);
  if (outcome.undone_by_rounding) return texts::outcome::undone(read, how);
  if (settings.target) return texts::outcome::not_target(*settings.target, read, how);
  return texts::outcome::not_fooled(read, how);
}

std::string describe_state(const App& app) {
  if (app.models().empty()) return texts::state::loading;
  if (!app.reading() && !app.refusal().empty()) return app.refusal();
  if (!app.reading()) return texts::state::empty_pad;
  std::string text = texts::state::reads(top_three(*app.reading()));
  if (!app.refusal().empty()) text += " " + app.refusal();
  if (app.attacked()) text += " " + describe_attack(*app.outcome(), app.attack);
  if (app.attacking() && !app.attacked()) {
    text += " " + texts::state::being_attacked(page_method(app.attack.method).title);
  }
  return text;
}

std::string describe_noise(const AttackOutcome& outcome) {
  const std::string noise = outcome.noise.reading.best() == outcome.label
                                ? texts::outcome::noise_disturbs_little
                                : texts::outcome::noise_misleads;
  return outcome.success ? std::string(texts::outcome::misread) + " " + noise : noise;
}

std::string describe_smallest(float epsilon) {
  if (epsilon == 0) return texts::outcome::no_epsilon_needed;
  constexpr float kTolerance = 1e-3F;  // of a level, for what single precision loses
  return texts::outcome::smallest_epsilon(epsilon, static_cast<int>(255 * epsilon + kTolerance));
}

std::string describe_phase(const RunningInoculation& running) {
  if (running.phase.empty()) return texts::inoculation::beginning;
  if (running.phase == kTraining) return texts::inoculation::epoch(running.epoch, running.epochs);
  return running.phase == kMeasuringBefore ? texts::inoculation::measuring_before
                                           : texts::inoculation::measuring_after;
}

std::string describe_round(const Round& round) {
  const Scores &before = round.before, &after = round.after;
  return texts::notices::inoculated(
      after.clean.n, percent_text(before.clean.accuracy), percent_text(after.clean.accuracy),
      percent_text(before.replayed.accuracy), percent_text(after.replayed.accuracy),
      percent_text(before.fresh.accuracy), percent_text(after.fresh.accuracy));
}

}  // namespace inoculate::page
