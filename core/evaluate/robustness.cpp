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

// Of each class the first label's place.
std::vector<int> first_of_each_class(const Labels& labels) {
  std::vector<int> places;
  Labels seen;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (std::find(seen.begin(), seen.end(), labels[i]) != seen.end()) continue;
    seen.push_back(labels[i]);
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

// What came of an attack on the images `rows`, of which those count that `counted` [N] names. Sets
// fooled [N].
AttackScore score_of(const AttackResult& result, const std::vector<int>& rows,
                     const Labels& true_classes, const std::vector<std::uint8_t>& counted,
                     std::vector<std::uint8_t>& fooled) {
  AttackScore score;
  fooled.assign(counted.size(), 0);
  std::vector<int> tried;  // places in `rows`
  int successes = 0;
  double distances = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto image = static_cast<std::size_t>(rows[i]);
    if (counted[image] == 0) continue;
    score.forward_calls += result.calls[i].forward;
    score.gradient_calls += result.calls[i].gradient;
    tried.push_back(static_cast<int>(i));
    if (result.success[i] == 0) continue;
    fooled[image] = 1;
    ++successes;
    distances += static_cast<double>(result.distances[i]);
  }
  score.tried = static_cast<int>(tried.size());
  score.withstood = score.tried - successes;
  if (successes > 0) score.mean_distance = distances / successes;
  std::vector<int> shown;
  for (const int place : first_of_each_class(labels_of(true_classes, tried))) {
    shown.push_back(tried[static_cast<std::size_t>(place)]);
    score.examples.push_back(rows[static_cast<std::size_t>(shown.back())]);
  }
  score.adversaries = rows_of(result.adversaries, shown);
  return score;
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

double Verdict::accuracy_after(std::size_t i) const {
  const AttackScore& score = attacks[i];
  return static_cast<double>(score.withstood) / n;
}

Verdict judge_robustness(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                         const std::vector<JudgedAttack>& suite, const JudgeOptions& options,
                         const OnJudgeProgress& on_progress) {
  assert(images.rows() > 0);
  using Clock = std::chrono::steady_clock;
  Verdict verdict;
  verdict.n = static_cast<int>(images.rows());
  verdict.robust = read_right(model, images, labels);
  const std::vector<std::uint8_t> read = verdict.robust;  // rightly
  std::vector<std::uint8_t> stored_robust = read;
  verdict.clean = static_cast<int>(rows_where(read).size());
  for (std::size_t k = 0; k < suite.size() && !verdict.cancelled; ++k) {
    const AttackMethod& method = *suite[k].method;
    const std::vector<std::uint8_t> counted = options.cascade ? verdict.robust : read;
    // Where adversaries depend on the other images, a cascade too must show the attack all of them.
    const std::vector<int> rows = rows_where(method.heeds(kTogetherBit) ? read : counted);
    const Matrix some = rows_of(images, rows);
    const Labels true_classes = labels_of(labels, rows);
    Rng rng(options.seed);
    const auto begin = Clock::now();
    const ThreatModel threat =
        options.quantise ? on_levels(options.threat, method.knowledge) : options.threat;
    const AttackTask task{model, some, true_classes, threat, {}, rows};
    AttackResult result = run_attack(
        method, task, suite[k].options, rng,
        [&](const AttackProgress& p) { return !on_progress || on_progress(method.name, p); });
    if (options.quantise) {
      Rng rounding(options.seed);
      result = quantise(task, result, method.knowledge, rounding);
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    std::vector<std::uint8_t> fooled;
    AttackScore score = score_of(result, rows, true_classes, counted, fooled);
    score.name = method.name;
    score.seconds = seconds;
    for (const int i : rows_where(fooled)) verdict.robust[static_cast<std::size_t>(i)] = 0;
    const std::vector<std::uint8_t> stored = stored_success(task, result.adversaries);
    score.stored_withstood = score.tried;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto image = static_cast<std::size_t>(rows[i]);
      if (stored[i] == 0 || counted[image] == 0) continue;
      --score.stored_withstood;
      stored_robust[image] = 0;
    }
    for (const float distance : result.distances) {
      verdict.furthest = std::max(verdict.furthest, distance);
    }
    verdict.beyond_range =
        std::max(verdict.beyond_range, beyond(result.adversaries, options.threat.range));
    verdict.attacks.push_back(std::move(score));
    verdict.fooled.push_back(std::move(fooled));
    verdict.cancelled = result.cancelled;
  }
  verdict.worst_case = static_cast<int>(rows_where(verdict.robust).size());
  verdict.stored_worst_case = static_cast<int>(rows_where(stored_robust).size());
  return verdict;
}

const char* curve_attack(Norm norm) { return norm == Norm::kL1 ? "APGD" : "PGD"; }

std::vector<double> robustness_curve(const Classifier& model, ConstMatrixRef images,
                                     const Labels& labels, Norm norm,
                                     const std::vector<float>& rising_epsilons,
                                     std::uint64_t seed) {
  PgdOptions steps = pgd_options(norm);
  steps.step_size = 0.1F;
  ApgdOptions l1_steps;
  steps.steps = l1_steps.steps = 20;
  std::vector<std::uint8_t> robust = read_right(model, images, labels);
  std::vector<double> curve;
  for (const float epsilon : rising_epsilons) {
    const std::vector<int> rows = rows_where(robust);
    if (epsilon > 0 && !rows.empty()) {
      const Matrix some = rows_of(images, rows);
      const Labels true_classes = labels_of(labels, rows);
      Rng rng(seed);
      const AttackTask task{model, some, true_classes, {norm, epsilon, ValueRange{}}, {}, rows};
      const AttackResult result =
          norm == Norm::kL1 ? apgd(task, l1_steps, rng) : pgd(task, steps, rng);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (result.success[i] != 0) robust[static_cast<std::size_t>(rows[i])] = 0;
      }
    }
    const auto left = std::count(robust.begin(), robust.end(), std::uint8_t{1});
    curve.push_back(static_cast<double>(left) / static_cast<double>(images.rows()));
  }
  return curve;
}

}  // namespace inoculate
