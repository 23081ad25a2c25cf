#include "native/attack_outcome.h"

#include <algorithm>
#include <iostream>
#include <numeric>

#include "attack/perturbation.h"
#include "attack/stored.h"
#include "native/output.h"
#include "native/pictures.h"
#include "native/results.h"
#include "native/text.h"
#include "nn/inference.h"

namespace inoculate {
namespace {

Distances measure(ConstMatrixRef images, const Matrix& adversaries) {
  Distances d;
  const int size = static_cast<int>(images.cols());
  const auto n = static_cast<double>(images.rows());
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    const auto in = [&](Norm norm) -> double {
      return distance(adversaries.row(i).data(), images.row(i).data(), size, norm);
    };
    d.mean_linf += in(Norm::kLinf) / n;
    d.mean_l2 += in(Norm::kL2) / n;
    d.mean_l0 += in(Norm::kL0) / n;
    d.largest_linf = std::max(d.largest_linf, in(Norm::kLinf));
    d.largest_l2 = std::max(d.largest_l2, in(Norm::kL2));
  }
  return d;
}

double success_rate(const AttackOutcome& o) {
  return static_cast<double>(o.successes) / o.adversarial.n;
}

double stored_success_rate(const AttackOutcome& o) {
  return static_cast<double>(o.stored_successes) / o.stored.n;
}

}  // namespace

AttackOutcome measure_attack(const AttackMethod& method, const AttackTask& task,
                             const AttackOptions& options, const AttackResult& result,
                             double seconds) {
  const Matrix images = task.images;
  AttackOutcome o;
  o.attack = method.name;
  o.settings = describe(method, task.threat, task.criterion, options);
  o.criterion = task.criterion;
  o.clean = evaluate(task.network.network(), examples_of(images, task.labels));
  o.adversarial = evaluate(task.network.network(), examples_of(result.adversaries, task.labels));
  o.stored =
      evaluate(task.network.network(), examples_of(as_stored(result.adversaries), task.labels));
  o.successes = result.successes();
  const std::vector<std::uint8_t> stored = stored_success(task, result.adversaries);
  o.stored_successes = std::accumulate(stored.begin(), stored.end(), 0);
  for (const AttackCalls& calls : result.calls) {
    o.forward_calls += calls.forward;
    o.gradient_calls += calls.gradient;
  }
  o.forward_calls /= task.size();
  o.gradient_calls /= task.size();
  o.distances = measure(images, result.adversaries);
  o.seconds = seconds;
  return o;
}

void print_text(const AttackOutcome& o) {
  const Distances& d = o.distances;
  std::cout << o.settings << "\nclean accuracy        " << accuracy_text(o.clean)
            << "\nadversarial accuracy  " << accuracy_text(o.adversarial)
            << "\n  as 8-bit pictures   " << accuracy_text(o.stored);
  if (o.criterion.target || o.criterion.confidence > 0) {
    std::cout << "\nsuccesses             " << percent(success_rate(o))
              << "\n  as 8-bit pictures   " << percent(stored_success_rate(o));
  }
  std::cout << "\nperturbation          L-inf mean " << fixed(d.mean_linf, 4) << ", largest "
            << fixed(d.largest_linf, 4) << "; L2 mean " << fixed(d.mean_l2, 4) << ", largest "
            << fixed(d.largest_l2, 4) << "; pixels mean " << fixed(d.mean_l0, 1)
            << "\ncalls an image        " << fixed(o.forward_calls, 1) << " forward, "
            << fixed(o.gradient_calls, 1) << " gradient\ntime                  "
            << fixed(o.seconds, 3) << " s, " << fixed(o.adversarial.n / o.seconds, 0)
            << " images/s\n";
}

void print_json(const AttackOutcome& o) {
  const Distances& d = o.distances;
  Json json{{"attack", o.attack},
            {"settings", o.settings},
            {"n", o.clean.n},
            {"clean_accuracy", o.clean.accuracy()},
            {"adversarial_accuracy", o.adversarial.accuracy()},
            {"success_rate", success_rate(o)},
            {"stored_accuracy", o.stored.accuracy()},
            {"stored_success_rate", stored_success_rate(o)},
            {"clean", to_json(o.clean)},
            {"adversarial", to_json(o.adversarial)},
            {"stored", to_json(o.stored)}};
  if (o.criterion.target) {
    json["target"] = *o.criterion.target;
    json["target_rate"] = success_rate(o);
  }
  json["perturbation"] = {{"linf_mean", d.mean_linf},
                          {"linf_largest", d.largest_linf},
                          {"l2_mean", d.mean_l2},
                          {"l2_largest", d.largest_l2},
                          {"l0_mean", d.mean_l0}};
  json["forward_calls"] = o.forward_calls;
  json["gradient_calls"] = o.gradient_calls;
  json["seconds"] = o.seconds;
  print_object(json);
}

void print_before_and_after(const AttackTask& task, const AttackResult& result) {
  constexpr int kTop = 3;
  const auto before = likeliest_classes(predict_logits(task.network, task.images), kTop);
  const auto after = likeliest_classes(predict_logits(task.network, result.adversaries), kTop);
  for (std::size_t i = 0; i < before.size(); ++i) {
    std::vector<std::vector<std::string>> rows{
        {"order", "class before", "confidence", "class after", "confidence"}};
    for (std::size_t place = 0; place < before[i].size(); ++place) {
      const Guess& was = before[i][place];
      const Guess& is = after[i][place];
      rows.push_back({std::to_string(place + 1), std::to_string(was.digit), percent(was.confidence),
                      std::to_string(is.digit), percent(is.confidence)});
    }
    print_table(std::cout, rows);
    std::cout << '\n';
  }
}

}  // namespace inoculate
