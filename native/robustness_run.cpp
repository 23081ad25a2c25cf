#include "native/robustness_run.h"

#include <iostream>

#include "native/commands.h"
#include "native/interrupt.h"
#include "native/progress.h"
#include "native/results.h"

namespace inoculate {
namespace {

Verdict judge(const Network& network, const LabelledImages& test, const RobustnessRun& run,
              const std::string& name, Progress& progress) {
  const InterruptGuard guard;
  std::string running;
  Verdict verdict = judge_robustness(network, test.images, test.labels, run.suite, run.judging,
                                     [&](const std::string& attack, const AttackProgress& p) {
                                       if (attack != running) progress.begin(name + " " + attack);
                                       running = attack;
                                       progress.step(p.done, p.total);
                                       return !InterruptGuard::interrupted();
                                     });
  progress.pause();
  if (verdict.cancelled) throw Interrupted("interrupted; nothing was written");
  return verdict;
}

}  // namespace

std::vector<float> curve_epsilons(Norm norm) {
  std::vector<float> epsilons;
  for (int i = 0; i <= 20; ++i) {
    epsilons.push_back(static_cast<float>(i) * (norm == Norm::kLinf ? 0.025F : 0.25F));
  }
  return epsilons;
}

JudgedModel judge_model(const Network& network, const std::string& path, const LabelledImages& test,
                        const RobustnessRun& run) {
  JudgedModel model{std::filesystem::path(path).stem().string(), path, {}, {}, {}, {}};
  Progress progress(std::cerr, stderr_style());
  const auto& [images, labels] = test;
  model.verdict = judge(network, test, run, model.name, progress);
  model.alarms = find_alarms(network, images, labels, run.suite, model.verdict, run.judging);
  if (!run.epsilons.empty()) {
    model.curve = robustness_curve(network, images, labels, run.judging.threat.norm, run.epsilons,
                                   run.judging.seed);
  }
  for (const AttackScore& score : model.verdict.attacks) {
    model.sheets.push_back(sheet_entries(network, rows_of(images, score.examples),
                                         score.adversaries, labels_of(labels, score.examples)));
  }
  return model;
}

}  // namespace inoculate
