#include "evaluate/robustness.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include "attack/apgd.h"
#include "attack/pgd.h"
#include "attack/quantise.h"
#include "attack/run.h"
#include "attack/square.h"
#include "attack/stored.h"
#include "base/error.h"
#include "base/numbers.h"

namespace inoculate {
namespace {

constexpr std::string_view kAutoAttack = "autoattack";

JudgedAttack with_steps(const char* name, std::optional<int> steps) {
  JudgedAttack attack{find_attack(name), {}};
  attack.options.steps = steps;
  return attack;
}

JudgedAttack with_queries(const char* name, int queries) {
  JudgedAttack attack{find_attack(name), {}};
  attack.options.queries = queries;
  return attack;
}

bool has_norm(const AttackMethod& method, Norm norm) {
  return method.norms.empty() ||
         std::find(method.norms.begin(), method.norms.end(), norm) != method.norms.end();
}

// AutoAttack runs Square in a way of its own.
const AttackMethod& published_square() {
  static const AttackMethod method = autoattack_square_method();
  return method;
}

// All attacks of a suite that has a name of its own; none of others.
std::vector<JudgedAttack> named_suite(std::string_view name, Norm norm) {
  if (name == kAutoAttack) {
    std::vector<JudgedAttack> suite{with_steps("apgd-ce", 100),
                                    with_steps("apgd-t", 100),
                                    with_steps("fab-t", 100),
                                    {&published_square(), {}}};
    if (norm == Norm::kL1) suite[0].options.restarts = 5;
    suite[3].options.queries = 5000;
    return suite;
  }
  if (name == "standard") {
    return {with_steps("apgd-ce", 100), with_steps("apgd-t", 100),
            with_steps("pgd-smooth", std::nullopt), with_steps("deepfool", std::nullopt),
            with_queries("square", 5000)};
  }
  if (name == "quick") {
    return {with_steps("fgsm", std::nullopt), with_steps("apgd-ce", 20), with_steps("apgd-t", 10),
            with_queries("square", 200)};
  }
  return {};
}

JudgedAttack by_name(std::string_view name, Norm norm) {
  const AttackMethod* method = find_attack(name);
  const std::string quoted = "'" + std::string(name) + "'";
  if (method == nullptr) {
    throw Error(
        "there is no attack " + quoted +
        "; name some that inoculate attack --list prints, or standard, quick or autoattack");
  }
  if (method->heeds(kSourceBit)) {
    throw Error("the attack " + quoted + " needs a second model; leave it out");
  }
  if (method->heeds(kGeneratorBit)) {
    throw Error("the attack " + quoted + " needs a generator; leave it out");
  }
  if (!has_norm(*method, norm)) {
    throw Error("the attack " + quoted + " does not support this norm; leave it out");
  }
  return {method, {}};
}

std::vector<int> rows_where(const std::vector<std::uint8_t>& flags) {
  std::vector<int> rows;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] != 0) rows.push_back(static_cast<int>(i));
  }
  return rows;
}

// Of each class the first image that counts: its place in `rows`, the images of these classes.
std::vector<int> first_of_each_class(const Labels& classes, const std::vector<int>& rows,
                                     const std::vector<std::uint8_t>& counted) {
  std::vector<int> places;
  Labels seen;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (counted[static_cast<std::size_t>(rows[i])] == 0) continue;
    if (std::find(seen.begin(), seen.end(), classes[i]) != seen.end()) continue;
    seen.push_back(classes[i]);
    places.push_back(static_cast<int>(i));
  }
  return places;
}

std::vector<std::uint8_t> read_right(const Classifier& model, ConstMatrixRef images,
                                     const Labels& labels) {
  const Labels read = most_likely(model.logits(images));
  std::vector<std::uint8_t> right(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) right[i] = read[i] == labels[i];
  return right;
}

// The numbers of the images `rows`, of which the first is number `first`.
std::vector<int> numbers_of(const std::vector<int>& rows, int first) {
  std::vector<int> numbers = rows;
  for (int& number : numbers) number += first;
  return numbers;
}

// What came of an attack on the images `rows`, of which those count that `counted` [N] names.
// `stored` [as many] says which adversaries still fool once they are stored.
AttackOutcomes outcomes_of(const AttackResult& result, const std::vector<std::uint8_t>& stored,
                           const std::vector<int>& rows, const std::vector<std::uint8_t>& counted) {
  AttackOutcomes outcomes;
  outcomes.fooled.resize(counted.size());
  outcomes.stored_fooled.resize(counted.size());
  outcomes.distances.resize(counted.size());
  outcomes.calls.resize(counted.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    outcomes.furthest = std::max(outcomes.furthest, result.distances[i]);
    const auto image = static_cast<std::size_t>(rows[i]);
    if (counted[image] == 0) continue;
    outcomes.calls[image] = result.calls[i];
    outcomes.stored_fooled[image] = stored[i];
    if (result.success[i] == 0) continue;
    outcomes.fooled[image] = 1;
    outcomes.distances[image] = result.distances[i];
  }
  return outcomes;
}

float beyond(const Matrix& x, const std::optional<ValueRange>& range) {
  if (!range || x.size() == 0) return 0;
  return std::max({0.0F, x.maxCoeff() - range->high, range->low - x.minCoeff()});
}

}  // namespace

std::vector<JudgedAttack> attack_suite(std::string_view name, Norm norm) {
  std::vector<JudgedAttack> suite = named_suite(name, norm);
  if (suite.empty()) {
    for (const std::string& one : split_list(name)) suite.push_back(by_name(one, norm));
  }
  std::erase_if(suite, [&](const JudgedAttack& a) { return !has_norm(*a.method, norm); });
  return suite;
}

bool is_cascade(std::string_view name) { return name == kAutoAttack; }

std::vector<const AttackMethod*> left_out_of_suite(std::string_view name, Norm norm) {
  std::vector<const AttackMethod*> left_out;
  for (const JudgedAttack& attack : named_suite(name, norm)) {
    if (!has_norm(*attack.method, norm)) left_out.push_back(attack.method);
  }
  return left_out;
}

JudgedImages judge_images(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                          const std::vector<JudgedAttack>& suite, const JudgeOptions& options,
                          int first, const OnJudgeProgress& on_progress) {
  assert(images.rows() > 0);
  using Clock = std::chrono::steady_clock;
  JudgedImages judged;
  judged.outcomes.read = read_right(model, images, labels);
  const std::vector<std::uint8_t>& read = judged.outcomes.read;
  std::vector<std::uint8_t> counted = read;
  for (std::size_t k = 0; k < suite.size() && !judged.cancelled; ++k) {
    const AttackMethod& method = *suite[k].method;
    // Where adversaries depend on the other images, a cascade too must show the attack all of them.
    const std::vector<int> rows = rows_where(method.heeds(kTogetherBit) ? read : counted);
    const std::vector<int> numbers = numbers_of(rows, first);
    const Matrix some = rows_of(images, rows);
    const Labels true_classes = labels_of(labels, rows);
    Rng rng(options.seed);
    const auto begin = Clock::now();
    const ThreatModel threat =
        options.quantise ? on_levels(options.threat, method.knowledge) : options.threat;
    const AttackTask task{model, some, true_classes, threat, {}, numbers};
    AttackResult result = run_attack(
        method, task, suite[k].options, rng,
        [&](const AttackProgress& p) { return !on_progress || on_progress(method.name, p); });
    if (options.quantise) {
      Rng rounding(options.seed);
      result = quantise(task, result, method.knowledge, rounding);
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    AttackOutcomes outcomes =
        outcomes_of(result, stored_success(task, result.adversaries), rows, counted);
    outcomes.name = method.name;
    outcomes.seconds = seconds;
    outcomes.beyond_range = beyond(result.adversaries, options.threat.range);
    const std::vector<int> shown = first_of_each_class(true_classes, rows, counted);
    judged.examples.emplace_back();
    for (const int place : shown) {
      judged.examples.back().push_back(rows[static_cast<std::size_t>(place)]);
    }
    judged.adversaries.push_back(rows_of(result.adversaries, shown));
    if (options.cascade) {
      for (const int image : rows_where(outcomes.fooled)) {
        counted[static_cast<std::size_t>(image)] = 0;
      }
    }
    judged.outcomes.attacks.push_back(std::move(outcomes));
    judged.cancelled = result.cancelled;
  }
  return judged;
}

Verdict judge_robustness(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                         const std::vector<JudgedAttack>& suite, const JudgeOptions& options,
                         const OnJudgeProgress& on_progress) {
  JudgedImages judged = judge_images(model, images, labels, suite, options, 0, on_progress);
  Verdict verdict = verdict_of(judged.outcomes, options.cascade);
  for (std::size_t k = 0; k < verdict.attacks.size(); ++k) {
    verdict.attacks[k].examples = std::move(judged.examples[k]);
    verdict.attacks[k].adversaries = std::move(judged.adversaries[k]);
  }
  verdict.cancelled = judged.cancelled;
  return verdict;
}

const char* curve_attack(Norm norm) { return norm == Norm::kL1 ? "APGD" : "PGD"; }

std::vector<int> epsilons_withstood(const Classifier& model, ConstMatrixRef images,
                                    const Labels& labels, Norm norm,
                                    const std::vector<float>& rising_epsilons, std::uint64_t seed,
                                    int first) {
  PgdOptions steps = pgd_options(norm);
  steps.step_size = 0.1F;
  ApgdOptions l1_steps;
  steps.steps = l1_steps.steps = 20;
  std::vector<std::uint8_t> robust = read_right(model, images, labels);
  std::vector<int> withstood(robust.size());
  for (const float epsilon : rising_epsilons) {
    const std::vector<int> rows = rows_where(robust);
    if (epsilon > 0 && !rows.empty()) {
      const std::vector<int> numbers = numbers_of(rows, first);
      const Matrix some = rows_of(images, rows);
      const Labels true_classes = labels_of(labels, rows);
      Rng rng(seed);
      const AttackTask task{model, some, true_classes, {norm, epsilon, ValueRange{}}, {}, numbers};
      const AttackResult result =
          norm == Norm::kL1 ? apgd(task, l1_steps, rng) : pgd(task, steps, rng);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (result.success[i] != 0) robust[static_cast<std::size_t>(rows[i])] = 0;
      }
    }
    for (std::size_t i = 0; i < robust.size(); ++i) withstood[i] += robust[i];
  }
  return withstood;
}

std::vector<double> curve_of(const std::vector<int>& epsilons_withstood, std::size_t epsilons) {
  std::vector<double> curve;
  for (std::size_t i = 0; i < epsilons; ++i) {
    const auto left = std::count_if(epsilons_withstood.begin(), epsilons_withstood.end(),
                                    [i](int count) { return static_cast<std::size_t>(count) > i; });
    curve.push_back(static_cast<double>(left) / static_cast<double>(epsilons_withstood.size()));
  }
  return curve;
}

}  // namespace inoculate
