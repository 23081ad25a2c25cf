#include "native/robustness_run.h"

#include <algorithm>

#include "native/threat_options.h"

namespace inoculate {

std::string certified_words(const RobustnessRun& run) {
  return std::string("certified (") + run.certificate->name + ")";
}

std::vector<std::string> distinct_names(const std::vector<std::string>& paths) {
  // The parts of each path from its end: "model", "a", "runs".
  std::vector<std::vector<std::string>> parts;
  for (const std::string& path : paths) {
    const auto whole = std::filesystem::path(path).lexically_normal();
    parts.push_back({whole.stem().string()});
    const auto folder = whole.parent_path();
    for (auto part = folder.end(); part != folder.begin();) {
      parts.back().push_back((--part)->string());
    }
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::size_t shared = 0;  // parts that another path has too, counted from the end
    int before = 0;          // how often the same path was given before
    for (std::size_t j = 0; j < parts.size(); ++j) {
      if (parts[j] == parts[i]) {
        before += j < i;
        continue;
      }
      const auto [mine, other] =
          std::mismatch(parts[i].begin(), parts[i].end(), parts[j].begin(), parts[j].end());
      shared = std::max(shared, static_cast<std::size_t>(mine - parts[i].begin()));
    }
    std::string name = parts[i][0];
    for (std::size_t k = 1; k <= shared && k < parts[i].size(); ++k) {
      name = (std::filesystem::path(parts[i][k]) / name).string();
    }
    if (before > 0) name += " (" + std::to_string(before + 1) + ")";
    names.push_back(std::move(name));
  }
  return names;
}

std::string image_words(const RobustnessRun& run) {
  return run.images.empty() ? "test images" : "images";
}

std::vector<float> curve_epsilons(Norm norm) {
  const float step = norm == Norm::kLinf ? 0.025F : norm == Norm::kL2 ? 0.25F : 2.0F;
  std::vector<float> epsilons;
  for (int i = 0; i <= 20; ++i) epsilons.push_back(static_cast<float>(i) * step);
  return epsilons;
}

bool flatters_when_stored(const RobustnessRun& run) {
  return run.judging.cascade && !run.judging.quantise && run.suite.size() > 1;
}

bool can_ring(const AlarmKind& kind, const RobustnessRun& run) {
  return std::any_of(run.models.begin(), run.models.end(), [&](const JudgedModel& model) {
    return can_ring(kind, model.spec, run.suite, run.judging);
  });
}

std::vector<std::string> judgement_gaps(const RobustnessRun& run) {
  const ThreatModel& threat = run.judging.threat;
  std::vector<std::string> gaps;
  for (const AttackMethod* method : left_out_of_suite(run.suite_name, threat.norm)) {
    gaps.push_back("left out of " + run.suite_name + ": " + method->name +
                   ", which does not support " + norm_words(threat.norm));
  }
  for (const JudgedModel& model : run.models) {
    const int wrong = model.spec.classes - 1;
    if (run.suite_name != "autoattack" || wrong >= 9) continue;
    gaps.push_back("autoattack goes for 9 wrong classes in turn; " + model.name + " has only " +
                   std::to_string(wrong) + ", and it goes for each of them");
  }
  for (const AlarmKind& kind : alarm_kinds()) {
    if (can_ring(kind, run)) continue;
    gaps.push_back(std::string("not looked for, since these attacks cannot show it: ") + kind.name +
                   " (" + kind.sign + ")");
  }
  if (run.judging.quantise && !run.epsilons.empty()) {
    gaps.emplace_back(
        "the curve over epsilon is of adversaries with pixels between the levels too");
  }
  if (flatters_when_stored(run)) gaps.emplace_back(kStoredInCascade);
  return gaps;
}

}  // namespace inoculate
