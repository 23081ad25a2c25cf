#include "evaluate/verdict.h"

#include <algorithm>

#include "base/append.h"

namespace inoculate {
namespace {

int count(const std::vector<std::uint8_t>& flags) {
  return static_cast<int>(std::count(flags.begin(), flags.end(), std::uint8_t{1}));
}

void remove(std::vector<std::uint8_t>& from, const std::vector<std::uint8_t>& flags) {
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] != 0) from[i] = 0;
  }
}

AttackScore score_of(const AttackOutcomes& attack, const std::vector<std::uint8_t>& counted) {
  AttackScore score;
  score.name = attack.name;
  score.seconds = attack.seconds;
  score.tried = count(counted);
  score.withstood = score.tried - count(attack.fooled);
  score.stored_withstood = score.tried - count(attack.stored_fooled);
  double distances = 0;
  for (std::size_t i = 0; i < counted.size(); ++i) {
    score.forward_calls += attack.calls[i].forward;
    score.gradient_calls += attack.calls[i].gradient;
    distances += static_cast<double>(attack.distances[i]);
  }
  const int successes = score.tried - score.withstood;
  if (successes > 0) score.mean_distance = distances / successes;
  return score;
}

}  // namespace

void append(Outcomes& outcomes, const Outcomes& next) {
  append_to(outcomes.read, next.read);
  for (std::size_t k = 0; k < outcomes.attacks.size(); ++k) {
    AttackOutcomes& attack = outcomes.attacks[k];
    const AttackOutcomes& more = next.attacks[k];
    append_to(attack.fooled, more.fooled);
    append_to(attack.stored_fooled, more.stored_fooled);
    append_to(attack.distances, more.distances);
    append_to(attack.calls, more.calls);
    attack.furthest = std::max(attack.furthest, more.furthest);
    attack.beyond_range = std::max(attack.beyond_range, more.beyond_range);
    attack.seconds += more.seconds;
  }
}

std::vector<std::vector<std::uint8_t>> counted_images(const Outcomes& outcomes, bool cascade) {
  std::vector<std::vector<std::uint8_t>> counted;
  std::vector<std::uint8_t> left = outcomes.read;
  for (const AttackOutcomes& attack : outcomes.attacks) {
    counted.push_back(left);
    if (cascade) remove(left, attack.fooled);
  }
  return counted;
}

double Verdict::accuracy_after(std::size_t i) const {
  const AttackScore& score = attacks[i];
  return static_cast<double>(score.withstood) / n;
}

Verdict verdict_of(const Outcomes& outcomes, bool cascade) {
  Verdict verdict;
  verdict.n = static_cast<int>(outcomes.read.size());
  verdict.clean = count(outcomes.read);
  verdict.robust = outcomes.read;
  std::vector<std::uint8_t> stored_robust = outcomes.read;
  const auto counted = counted_images(outcomes, cascade);
  for (std::size_t k = 0; k < outcomes.attacks.size(); ++k) {
    const AttackOutcomes& attack = outcomes.attacks[k];
    verdict.attacks.push_back(score_of(attack, counted[k]));
    verdict.fooled.push_back(attack.fooled);
    remove(verdict.robust, attack.fooled);
    remove(stored_robust, attack.stored_fooled);
    verdict.furthest = std::max(verdict.furthest, attack.furthest);
    verdict.beyond_range = std::max(verdict.beyond_range, attack.beyond_range);
  }
  verdict.worst_case = count(verdict.robust);
  verdict.stored_worst_case = count(stored_robust);
  return verdict;
}

}  // namespace inoculate
