#include "web/lab/laboratory.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "attack/fgsm.h"
#include "attack/pgd.h"
#include "base/error.h"
#include "base/quote.h"
#include "data/json_number.h"
#include "data/safetensors.h"
#include "evaluate/defence.h"
#include "model/network_classifier.h"
#include "train/model_file.h"
#include "web/lab/picture_attack.h"
#include "web/lab/settings_json.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPixels = kPictureSize;

Dataset unpack_digits(const Bytes& body) {
  const std::size_t n = body.size() / (kPixels + 1);
  if (n == 0 || body.size() % (kPixels + 1) != 0) throw Error(texts::messages::no_digits);
  Dataset digits;
  const auto pixels = body.begin() + static_cast<std::ptrdiff_t>(n);
  digits.labels.assign(body.begin(), pixels);
  if (std::any_of(digits.labels.begin(), digits.labels.end(), [](int l) { return l >= kDigits; })) {
    throw Error(texts::messages::label_above_9);
  }
  digits.pixels.assign(pixels, body.end());
  return digits;
}

FgsmOptions fgsm_of(float epsilon) {
  FgsmOptions options;
  options.threat.epsilon = epsilon;
  return options;
}

Network network_in(const Message& message) {
  Network network = network_of(parse_safetensors(message.body, "weights"), "weights");
  if (network.input_size() != kPictureSize || network.classes() != kDigits) {
    throw Error(texts::refusals::not_for_digits("weights"));
  }
  return network;
}

Json score(const Evaluation& evaluation) {
  const Interval interval = evaluation.accuracy_interval();
  return {{"n", evaluation.n},
          {"correct", evaluation.correct},
          {"accuracy", evaluation.accuracy()},
          {"interval", {interval.low, interval.high}}};
}

Json scores(const DefenceReport& report) {
  return {{"clean", score(report.clean)},
          {"replayed", score(report.replayed)},
          {"fresh", score(report.fresh)}};
}

struct Images {
  Matrix pixels;
  Labels labels;
};

Images first_images(const Dataset& digits, int count) {
  std::vector<std::int32_t> all(static_cast<std::size_t>(std::min(count, digits.size())));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i);
  Images images;
  gather(digits, all, images.pixels, images.labels);
  return images;
}

// Leaves the digits that PGD within epsilon does not fool.
void remove_fooled(const Classifier& model, Images& standing, float epsilon, int steps) {
  ThreatModel threat;
  threat.epsilon = epsilon;
  PgdOptions options = pgd_options(threat.norm);
  options.steps = steps;
  options.step_size = 2.5F / static_cast<float>(steps);  // Madry et al.: across the ball and back
  Rng rng(1);
  const AttackResult result =
      pgd({model, standing.pixels, standing.labels, threat, {}}, options, rng);
  std::vector<int> left;
  for (int i = 0; i < static_cast<int>(result.success.size()); ++i) {
    if (result.success[static_cast<std::size_t>(i)] == 0) left.push_back(i);
  }
  standing = {rows_of(standing.pixels, left), labels_of(standing.labels, left)};
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

Bytes pack_digits(const Dataset& digits) {
  Bytes body(digits.labels.begin(), digits.labels.end());
  body.insert(body.end(), digits.pixels.begin(), digits.pixels.end());
  return body;
}

void Laboratory::require_digits() const {
  if (held_out_.size() == 0) throw Error(texts::notices::no_digits);
}

Laboratory::Slice Laboratory::begin(const Message& message) {
  const std::string kind = kind_of(message);
  if (kind == "inoculate") return inoculation(message);
  if (kind == "evaluate") return evaluation(message);
  if (kind == "sweep") return sweep(message);
  if (kind == "attack") return attack(message);
  if (kind != "digits") throw Error(texts::messages::unknown_kind(quote(kind)));
  const Dataset digits = unpack_digits(message.body);
  const int split = std::max(1, digits.size() - kHeldOut);
  pool_ = slice(digits, 0, split);
  held_out_ = slice(digits, split, digits.size());
  return {};
}

Laboratory::Slice Laboratory::inoculation(const Message& message) {
  require_digits();
  struct Run {
    Network network;
    Inoculation inoculation;
    FgsmOptions attack;
    Images held_out{};
    Matrix old_adversaries{};
    DefenceReport before{};
    int steps_done = 0;
    double training_seconds = 0;

    Run(Network initial, const Dataset& pool, const InoculationSettings& settings)
        : network(std::move(initial)),
          inoculation(network, pool, settings),
          attack(fgsm_of(settings.epsilon)) {}
  };
  const auto settings = inoculation_settings(message.head.at("settings"));
  const Json id = message.head.at("id");
  auto run = std::make_shared<Run>(network_in(message), pool_, settings);
  const auto say = [this, id](const char* phase) {
    send_({{{"kind", "progress"}, {"id", id}, {"phase", phase}}, {}});
  };
  const auto measure_before = [this, run] {
    run->held_out = first_images(held_out_, kHeldOut);
    const NetworkClassifier model(run->network);
    const auto& [pixels, labels] = run->held_out;
    run->old_adversaries = fgsm(model, pixels, labels, run->attack);
    const Evaluation fooled = evaluate(model, examples_of(run->old_adversaries, labels));
    run->before = {evaluate(model, examples_of(pixels, labels)), fooled, fooled};
  };
  const auto train = [this, run, id] {
    const auto begin = Clock::now();
    const TrainingProgress p = run->inoculation.step();
    run->training_seconds += seconds_since(begin);
    ++run->steps_done;
    const int left = run->inoculation.steps() - run->steps_done;
    send_({{{"kind", "progress"},
            {"id", id},
            {"phase", kTraining},
            {"epoch", p.epoch},
            {"epochs", p.epochs},
            {"step", p.step},
            {"steps", p.steps},
            {"loss", p.loss},
            {"accuracy", p.accuracy},
            {"seconds_left", run->training_seconds / run->steps_done * left}},
           {}});
  };
  const auto finish = [this, run, id] {
    const DefenceReport after =
        judge_defence(NetworkClassifier(run->network), run->held_out.pixels, run->held_out.labels,
                      run->old_adversaries, run->attack);
    send_({{{"kind", "done"},
            {"id", id},
            {"before", scores(run->before)},
            {"after", scores(after)},
            {"training_seconds", run->training_seconds}},
           write_safetensors(model_file(run->network, {}))});
  };
  say(kMeasuringBefore);
  return [=] {
    if (run->held_out.labels.empty()) {
      measure_before();
    } else if (!run->inoculation.finished()) {
      train();
      if (run->inoculation.finished()) say(kMeasuringAfter);
    } else {
      finish();
      return false;
    }
    return true;
  };
}

Laboratory::Slice Laboratory::evaluation(const Message& message) {
  require_digits();
  const auto settings = evaluation_settings(message.head.at("settings"));
  const Json id = message.head.at("id");
  const auto model = std::make_shared<NetworkClassifier>(network_in(message));
  return [this, settings, id, model] {
    const Images images = first_images(held_out_, settings.count);
    const Matrix adversaries =
        fgsm(*model, images.pixels, images.labels, fgsm_of(settings.epsilon));
    send_({{{"kind", "done"},
            {"id", id},
            {"epsilon", settings.epsilon},
            {"clean", score(evaluate(*model, examples_of(images.pixels, images.labels)))},
            {"fresh", score(evaluate(*model, examples_of(adversaries, images.labels)))}},
           {}});
    return false;
  };
}

Laboratory::Slice Laboratory::sweep(const Message& message) {
  require_digits();
  const auto settings = sweep_settings(message.head.at("settings"));
  const Json id = message.head.at("id");
  const auto model = std::make_shared<NetworkClassifier>(network_in(message));
  // Who falls within an epsilon also does within every larger one, to the same adversary.
  const auto standing = std::make_shared<Images>(first_images(held_out_, settings.count));
  Evaluation counted;
  counted.n = static_cast<int>(standing->labels.size());
  return [this, settings, id, model, standing, counted, next = std::size_t{0}]() mutable {
    const float epsilon = settings.epsilons[next++];
    if (!standing->labels.empty()) remove_fooled(*model, *standing, epsilon, settings.steps);
    counted.correct = static_cast<int>(standing->labels.size());
    Json point = score(counted);
    point.update({{"kind", "point"}, {"id", id}, {"epsilon", epsilon}});
    send_({std::move(point), {}});
    if (next < settings.epsilons.size()) return true;
    send_({{{"kind", "done"}, {"id", id}}, {}});
    return false;
  };
}

Laboratory::Slice Laboratory::attack(const Message& message) {
  constexpr int kMostNetworks = 100;
  const auto asked = json_integer(message.head.at("network"), 0, kMostNetworks - 1);
  if (!asked) throw Error(texts::messages::network_number);
  const int number = static_cast<int>(*asked);
  if (!message.body.empty()) networks_.insert_or_assign(number, network_in(message));
  if (!networks_.contains(number)) throw Error(texts::messages::network_not_sent);
  const Json id = message.head.at("id");
  const auto tell = [this, id, last = Clock::time_point{}](const AttackProgress& p) mutable {
    constexpr double kSeconds = 0.03;  // about a frame
    if (seconds_since(last) < kSeconds) return true;
    last = Clock::now();
    send_({{{"kind", "attacking"}, {"id", id}, {"done", p.done}, {"total", p.total}}, {}});
    return true;
  };
  return [=, this, attack = picture_attack(message.head.at("settings")), logits = Json::array(),
          next = std::size_t{0}]() mutable {
    const NetworkClassifier network(networks_.at(number));
    const float epsilon = attack.epsilons[next++];
    const Adversary made = attack_picture(network, attack, epsilon, tell);
    const Picture saved = as_saved(made.pixels, attack.picture, attack.settings, epsilon);
    const Eigen::Map<const Matrix> image(saved.data(), 1, kPictureSize);
    const Matrix read = network.logits(image);
    logits.push_back(std::vector<float>(read.data(), read.data() + read.size()));
    if (next < attack.epsilons.size()) return true;
    Bytes pixels;
    append_array_le<float>(pixels, made.pixels);
    send_({{{"kind", "done"},
            {"id", id},
            {"logits", logits},
            {"queries", made.calls.forward},
            {"gradients", made.calls.gradient}},
           std::move(pixels)});
    return false;
  };
}

}  // namespace inoculate::page
