#include "native/findings.h"

#include <algorithm>
#include <iostream>

#include "base/append.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "native/interrupt.h"
#include "native/progress.h"
#include "native/results.h"

namespace inoculate {
namespace {

[[noreturn]] void stop() { throw Interrupted("interrupted; nothing was written"); }

// Keeps what a sheet shows of entries that stand in the order of their classes.
void shorten(std::vector<SheetEntry>& entries) {
  if (entries.size() > kMostSheetEntries) entries.resize(kMostSheetEntries);
}

// Classes that have an entry already keep it: its image comes first.
void append_entries(std::vector<SheetEntry>& entries, const std::vector<SheetEntry>& next) {
  const auto old = static_cast<std::ptrdiff_t>(entries.size());
  for (const SheetEntry& entry : next) {
    const auto is_same = [&](const SheetEntry& e) { return e.label == entry.label; };
    if (std::none_of(entries.begin(), entries.begin() + old, is_same)) entries.push_back(entry);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const SheetEntry& a, const SheetEntry& b) { return a.label < b.label; });
  shorten(entries);
}

Certificates certify(const BoundGraph& graph, const ModelSpec& model, const LabelledImages& images,
                     const RobustnessRun& run, const OnFinding& on_progress) {
  const ThreatModel& threat = run.judging.threat;
  const CertificateOptions options{run.certificate, threat.norm,
                                   static_cast<double>(threat.epsilon), model.range};
  const double furthest = run.epsilons.empty() ? 0 : static_cast<double>(run.epsilons.back());
  Certificates found = certify_images(
      graph, images.images, images.labels, options, furthest,
      [&](int done, int total) { return on_progress(run.certificate->name, done, total); });
  if (found.cancelled) stop();
  return found;
}

Proven proven_of(const Certificates& found, const RobustnessRun& run) {
  Proven proven{found.count(), {}};
  for (const float epsilon : run.epsilons) {
    const auto holds = std::count_if(found.radii.begin(), found.radii.end(), [&](double radius) {
      return radius > 0 && radius >= static_cast<double>(epsilon);
    });
    proven.curve.push_back(static_cast<double>(holds) / static_cast<double>(found.radii.size()));
  }
  return proven;
}

}  // namespace

Findings find_outcomes(const Classifier& model, const LabelledImages& images, int first,
                       const RobustnessRun& run, const BoundGraph* bounded,
                       const OnFinding& on_progress) {
  const JudgedImages judged =
      judge_images(model, images.images, images.labels, run.suite, run.judging, first,
                   [&](const std::string& attack, const AttackProgress& p) {
                     return on_progress(attack, p.done, p.total);
                   });
  if (judged.cancelled) stop();
  Findings findings{model.spec(), judged.outcomes, {}, {}, {}};
  if (bounded != nullptr) {
    findings.certificates = certify(*bounded, model.spec(), images, run, on_progress);
  }
  if (!run.epsilons.empty()) {
    findings.withstood =
        epsilons_withstood(model, images.images, images.labels, run.judging.threat.norm,
                           run.epsilons, run.judging.seed, first);
  }
  for (std::size_t k = 0; k < judged.examples.size(); ++k) {
    findings.sheets.push_back(sheet_entries(model, rows_of(images.images, judged.examples[k]),
                                            judged.adversaries[k],
                                            labels_of(images.labels, judged.examples[k])));
    shorten(findings.sheets.back());
  }
  return findings;
}

void append(Findings& findings, const Findings& next) {
  append(findings.outcomes, next.outcomes);
  append_to(findings.withstood, next.withstood);
  append_to(findings.certificates.certified, next.certificates.certified);
  append_to(findings.certificates.radii, next.certificates.radii);
  findings.certificates.seconds += next.certificates.seconds;
  for (std::size_t k = 0; k < findings.sheets.size(); ++k) {
    append_entries(findings.sheets[k], next.sheets[k]);
  }
}

JudgedModel judged_of(const std::string& name, const Findings& findings, const RobustnessRun& run,
                      const std::optional<Looks>& looks,
                      const std::function<std::optional<BetterReading>()>& better) {
  JudgedModel judged{name, findings.spec, {}, {}, {}, findings.sheets};
  judged.verdict = verdict_of(findings.outcomes, run.judging.cascade);
  const int n = judged.verdict.n, clean = judged.verdict.clean;
  const auto doubt = [&] { return doubt_reading(findings.spec, clean, n, better); };
  judged.alarms = find_alarms(findings.spec, run.suite, judged.verdict, run.judging, looks, doubt);
  warn_of_reading(findings.spec, clean, n, doubt);
  if (run.certificate != nullptr) judged.proven = proven_of(findings.certificates, run);
  if (!run.epsilons.empty()) judged.curve = curve_of(findings.withstood, run.epsilons.size());
  return judged;
}

JudgedModel judge_model(const Classifier& model, const std::string& name,
                        const LabelledImages& test, const RobustnessRun& run,
                        const BoundGraph* bounded) {
  Progress progress(std::cerr, stderr_style());
  const InterruptGuard guard;
  std::string running;
  const Findings findings =
      find_outcomes(model, test, 0, run, bounded,
                    [&](const std::string& work, std::int64_t done, std::int64_t total) {
                      if (work != running) progress.begin(name + " " + work);
                      running = work;
                      progress.step(done, total);
                      return !InterruptGuard::interrupted();
                    });
  progress.pause();
  const std::optional<Looks> looks = look_at(model, test.images, test.labels, run.judging);
  return judged_of(name, findings, run, looks, [&] {
    return find_better_reading(model, examples_of(test.images, test.labels));
  });
}

}  // namespace inoculate
