#include "evaluate/alarms.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "attack/fgsm.h"
#include "attack/gradients.h"
#include "attack/pgd.h"
#include "evaluate/data_check.h"

namespace inoculate {
namespace {

constexpr AlarmKind kBlackBox{"black-box-beats-white-box",
                              "images fall to an attack without gradients only",
                              "the gradients mislead, and the white-box figures flatter"};
constexpr AlarmKind kOutOfBounds{"out-of-bounds",
                                 "some adversaries leave epsilon or the range of pixels",
                                 "their success says nothing"};
constexpr AlarmKind kProbabilities{"probabilities-for-logits",
                                   "the outputs are probabilities where logits are expected",
                                   "a second softmax flattens the gradients of every loss"};
constexpr AlarmKind kPoorReading{"poor-reading",
                                 "far fewer images are read correctly than expected",
                                 "the images are not like those that the network learnt from, so "
                                 "what it withstands on them says nothing"};
constexpr AlarmKind kVanishing{"vanishing-gradients", "images have no gradient at all",
                               "gradient attacks stand still there"};
constexpr AlarmKind kOneStep{"one-step-beats-many", "FGSM fools more images than PGD does",
                             "the loss is too rugged for small steps, as gradient masking makes "
                             "it"};
constexpr AlarmKind kLargerEpsilon{"larger-epsilon-helps",
                                   "at twice epsilon PGD fools fewer images",
                                   "a stronger attacker must not do worse"};
constexpr std::array kKinds{kPoorReading, kBlackBox, kOutOfBounds,  kProbabilities,
                            kVanishing,   kOneStep,  kLargerEpsilon};

// Shares of images below this are put down to chance.
constexpr double kChance = 0.01;
constexpr int kFewImages = 3;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

bool is_white_box(const JudgedAttack& attack) {
  return attack.method->knowledge == Knowledge::kGradients;
}

// Whether an image that black-box attack number `k` fools has had its turn with every white box. In
// a cascade it has not where one comes later.
bool all_white_boxes_had(const std::vector<JudgedAttack>& suite, std::size_t k, bool cascade) {
  return !cascade ||
         std::none_of(suite.begin() + static_cast<std::ptrdiff_t>(k), suite.end(), is_white_box);
}

// Images that are known to fall to black-box attacks only.
int black_box_alone(const std::vector<JudgedAttack>& suite, const Verdict& verdict, bool cascade) {
  int count = 0;
  for (std::size_t i = 0; i < verdict.robust.size(); ++i) {
    bool white = false, black = false;
    for (std::size_t k = 0; k < verdict.fooled.size(); ++k) {
      if (verdict.fooled[k][i] == 0) continue;
      white |= is_white_box(suite[k]) || !all_white_boxes_had(suite, k, cascade);
      black = true;
    }
    count += black && !white;
  }
  return count;
}

// Whether a black box can show up white boxes: in a cascade only if it comes after them.
bool can_compare_boxes(const std::vector<JudgedAttack>& suite, bool cascade) {
  return std::any_of(suite.begin(), suite.end(), is_white_box) &&
         (cascade ? !is_white_box(suite.back())
                  : !std::all_of(suite.begin(), suite.end(), is_white_box));
}

bool can_ask_pgd(const ThreatModel& threat) {
  const bool has_steps = threat.norm == Norm::kLinf || threat.norm == Norm::kL2;
  return std::isfinite(threat.epsilon) && threat.epsilon > 0 && has_steps;
}

// Gradients of the cross-entropy that are 0 in every pixel.
int dead_gradients(const Classifier& model, const Matrix& images, const Labels& labels) {
  Matrix gradients;
  objective_gradients(gradients, nullptr, model, images,
                      loss_objective(Loss::kCrossEntropy, labels, model.spec().classes));
  const auto largest = gradients.rowwise().lpNorm<Eigen::Infinity>().array();
  return static_cast<int>((largest == 0).count());
}

bool look_like_probabilities(const Matrix& logits) {
  return logits.minCoeff() >= 0 && logits.maxCoeff() <= 1 &&
         (logits.rowwise().sum().array() - 1).abs().maxCoeff() < 1e-3F;
}

int pgd_successes(const AttackTask& task, std::uint64_t seed) {
  PgdOptions attack = pgd_options(task.threat.norm);
  attack.steps = 20;
  attack.step_size = 0.1F;
  Rng rng(seed);
  return pgd(task, attack, rng).successes();
}

}  // namespace

std::span<const AlarmKind> alarm_kinds() { return kKinds; }

bool can_ring(const AlarmKind& kind, const ModelSpec& model, const std::vector<JudgedAttack>& suite,
              const JudgeOptions& options) {
  const std::string_view name = kind.name;
  const bool has_gradients = model.gives == Knowledge::kGradients;
  if (name == kBlackBox.name) return can_compare_boxes(suite, options.cascade);
  if (name == kProbabilities.name || name == kVanishing.name) return has_gradients;
  if (name == kOneStep.name || name == kLargerEpsilon.name) {
    return has_gradients && can_ask_pgd(options.threat);
  }
  return true;
}

std::optional<Looks> look_at(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                             const JudgeOptions& options, int probes) {
  if (model.spec().gives != Knowledge::kGradients) return {};
  Looks looks;
  looks.n = std::min(probes, static_cast<int>(images.rows()));
  const Matrix some = images.topRows(looks.n);
  const Labels true_classes(labels.begin(), labels.begin() + looks.n);
  looks.probabilities = look_like_probabilities(model.logits(some));
  looks.dead = dead_gradients(model, some, true_classes);
  if (!can_ask_pgd(options.threat)) return looks;
  AttackTask task{model, some, true_classes, options.threat, {}};
  Looks::Attacked attacked;
  attacked.fgsm = fgsm(task, Loss::kCrossEntropy).successes();
  attacked.pgd = pgd_successes(task, options.seed);
  task.threat.epsilon *= 2;
  attacked.pgd_further = pgd_successes(task, options.seed);
  looks.attacked = attacked;
  return looks;
}

std::vector<Alarm> find_alarms(const ModelSpec& model, const std::vector<JudgedAttack>& suite,
                               const Verdict& verdict, const JudgeOptions& options,
                               const std::optional<Looks>& looks,
                               const std::function<std::optional<std::string>()>& doubt) {
  std::vector<Alarm> alarms;
  const auto ring = [&](bool rings, const AlarmKind& kind, const std::string& seen) {
    if (rings) alarms.push_back({kind.name, seen + ": " + kind.meaning});
  };
  if (reads_poorly(verdict.clean, verdict.n, model.classes, model.promised_accuracy)) {
    ring(true, kPoorReading, doubt().value_or(kPoorReading.sign));
  }
  const bool cascade = options.cascade;
  const double black = static_cast<double>(black_box_alone(suite, verdict, cascade)) / verdict.n;
  ring(can_compare_boxes(suite, cascade) && black > kChance, kBlackBox,
       percent(black) + " of the images fell to an attack without gradients only");
  const float slack = 1e-5F;
  ring(verdict.furthest > options.threat.epsilon * (1 + slack) + slack ||
           verdict.beyond_range > slack,
       kOutOfBounds, kOutOfBounds.sign);

  if (!looks) return alarms;
  const auto share = [&](int count) {
    return static_cast<double>(count) / static_cast<double>(looks->n);
  };
  ring(looks->probabilities, kProbabilities, kProbabilities.sign);
  const double dead = share(looks->dead);
  ring(dead > kChance, kVanishing, percent(dead) + " of the images have no gradient at all");

  if (!looks->attacked) return alarms;
  // Of few images one or two more say nothing.
  const auto are_more = [&](int one, int other) {
    return one - other >= kFewImages && share(one) > share(other) + 2 * kChance;
  };
  const double one_step = share(looks->attacked->fgsm), many = share(looks->attacked->pgd);
  ring(are_more(looks->attacked->fgsm, looks->attacked->pgd), kOneStep,
       "FGSM fools " + percent(one_step) + " and PGD " + percent(many));
  const double further = share(looks->attacked->pgd_further);
  ring(are_more(looks->attacked->pgd, looks->attacked->pgd_further), kLargerEpsilon,
       "at twice epsilon PGD fools " + percent(further) + " instead of " + percent(many));
  return alarms;
}

std::vector<Alarm> find_alarms(const Classifier& model, ConstMatrixRef images, const Labels& labels,
                               const std::vector<JudgedAttack>& suite, const Verdict& verdict,
                               const JudgeOptions& options, int probes) {
  return find_alarms(model.spec(), suite, verdict, options,
                     look_at(model, images, labels, options, probes), [&] {
                       const Matrix all = images;
                       return doubt_data(model, examples_of(all, labels), verdict.clean);
                     });
}

}  // namespace inoculate
