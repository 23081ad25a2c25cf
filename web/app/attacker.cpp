#include "web/app/attacker.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "data/safetensors.h"
#include "train/model_file.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr int kCurvePoints = 26;  // two hundredths of epsilon apart

std::vector<float> curve_epsilons() {
  std::vector<float> epsilons;
  for (int i = 0; i < kCurvePoints; ++i) {
    epsilons.push_back(kLargestEpsilon * static_cast<float>(i) / (kCurvePoints - 1));
  }
  return epsilons;
}

std::vector<Reading> readings_in(const Json& logits, std::size_t count) {
  std::vector<Reading> readings;
  for (const Json& of_one : logits) {
    const auto values = of_one.get<std::vector<float>>();
    if (values.size() != kDigits) throw Error(texts::messages::attacker_damaged);
    readings.push_back(reading_of(values));
  }
  if (readings.size() != count) throw Error(texts::messages::attacker_damaged);
  return readings;
}

}  // namespace

Attacker::Attacker(const Models& models, Send send, std::function<void()> restart)
    : models_(models), send_(std::move(send)), restart_(std::move(restart)) {}

std::size_t Attacker::in_use() const {
  return models_.inoculated() ? models_.list().size() : models_.chosen();
}

const Network& Attacker::network(std::size_t number) const {
  return number < models_.list().size() ? models_.list()[number].network : models_.network();
}

void Attacker::ask(const Picture& picture, int label, const AttackSettings& settings,
                   bool same_curves) {
  const std::size_t count = models_.list().size() + (models_.inoculated() ? 1 : 0);
  networks_.resize(count);
  for (NetworkUnderAttack& known : networks_) {
    known.attacked.reset();
    if (!same_curves) known.sweep.reset();
  }
  adversary_.reset();
  attack_ = {settings, picture, label, {}};
  first_id_of_mind_ = last_id_ + 1;
  questions_.clear();
  for (const bool curve : {false, true}) {
    if (curve && !page_method(settings.method).has_curve()) break;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t number = (in_use() + i) % count;  // the one in use first
      if (!curve || !networks_[number].sweep) questions_.push_back({number, curve});
    }
  }
  if (!busy_) ask_next();
}

void Attacker::forget() {
  questions_.clear();
  networks_.clear();
  adversary_.reset();
  first_id_of_mind_ = last_id_ + 1;
}

void Attacker::cancel() {
  questions_.clear();
  busy_ = false;
  sent_.clear();
  restart_();
}

void Attacker::ask_next() {
  busy_ = !questions_.empty();
  progress_ = 0;
  if (!busy_) return;
  const Question& next = questions_.front();
  if (sent_revision_ != models_.revision()) sent_.clear();
  sent_revision_ = models_.revision();
  sent_.resize(networks_.size());
  Bytes weights;
  if (!sent_[next.network]) weights = write_safetensors(model_file(network(next.network), {}));
  sent_[next.network] = true;
  attack_.epsilons = next.curve ? curve_epsilons() : std::vector{attack_.settings.epsilon};
  send_({{{"kind", "attack"},
          {"id", ++last_id_},
          {"network", next.network},
          {"settings", to_json(attack_)}},
         std::move(weights)});
}

bool Attacker::receive(const Message& message) {
  if (message.head.at("id") != last_id_ || !busy_) return false;  // of a worker that was stopped
  const std::string kind = message.head.at("kind");
  if (kind == "attacking") {
    const auto total = std::max(1.0F, message.head.at("total").get<float>());
    progress_ = message.head.at("done").get<float>() / total;
    return false;
  }
  if (last_id_ < first_id_of_mind_) {
    ask_next();
    return false;
  }
  const Question answered = questions_.front();
  questions_.pop_front();
  busy_ = false;
  if (kind == "error") {
    forget();
    sent_.clear();
    throw Error(message.head.at("message").get<std::string>());
  }
  const std::vector<float> epsilons = attack_.epsilons;
  std::vector<Reading> readings = readings_in(message.head.at("logits"), epsilons.size());
  NetworkUnderAttack& known = networks_[answered.network];
  const bool is_adversary = !answered.curve && answered.network == in_use();
  if (answered.curve) {
    known.sweep = EpsilonSweep{epsilons, std::move(readings)};
  } else {
    known.attacked = readings.front();
  }
  if (is_adversary) {
    if (message.body.size() != kPictureSize * sizeof(float)) {
      throw Error(texts::messages::attacker_damaged);
    }
    adversary_ =
        Adversary{load_array_le<float>(message.body),
                  {message.head.at("queries").get<int>(), message.head.at("gradients").get<int>()}};
  }
  ask_next();
  return is_adversary;
}

}  // namespace inoculate::page
