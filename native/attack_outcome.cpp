#include "native/attack_outcome.h"

#include <algorithm>
#include <iostream>
#include <span>

#include "attack/perturbation.h"
#include "attack/stored.h"
#include "base/numbers.h"
#include "native/guesses.h"
#include "native/output.h"
#include "native/results.h"
#include "native/text.h"

namespace inoculate {
namespace {

Distances measure(const AttackTask& task, const Matrix& adversaries, const std::vector<int>& rows) {
  Distances d;
  const auto n = static_cast<double>(rows.size());
  for (const int i : rows) {
    const auto in = [&](Norm norm) -> double {
      return distance(adversaries.row(i).data(), task.images.row(i).data(), task.input_size(),
                      norm);
    };
    d.mean_linf += in(Norm::kLinf) / n;
    d.mean_l2 += in(Norm::kL2) / n;
    d.mean_l1 += in(Norm::kL1) / n;
    d.mean_l0 += in(Norm::kL0) / n;
    d.largest_linf = std::max(d.largest_linf, in(Norm::kLinf));
    d.largest_l2 = std::max(d.largest_l2, in(Norm::kL2));
    d.largest_l1 = std::max(d.largest_l1, in(Norm::kL1));
  }
  return d;
}

// The examples as 8-bit pictures hold them.
ExampleSource stored(const ExampleSource& examples) {
  return {examples.size, [gather = examples.gather](std::span<const std::int32_t> indices,
                                                    Matrix& images, Labels& labels) {
            gather(indices, images, labels);
            images = as_stored(images);
          }};
}

Success count_successes(const std::vector<std::uint8_t>& of,
                        const std::vector<std::uint8_t>& success) {
  Success s;
  for (std::size_t i = 0; i < success.size(); ++i) {
    s.of += of[i];
    s.count += of[i] & success[i];
  }
  return s;
}

std::vector<std::uint8_t> flags_of(const std::vector<std::uint8_t>& flags,
                                   const std::vector<int>& rows) {
  std::vector<std::uint8_t> some;
  for (const int i : rows) some.push_back(flags[static_cast<std::size_t>(i)]);
  return some;
}

// Of the task's images, 1 where the model reads them right.
std::vector<std::uint8_t> read_right(const AttackTask& task) {
  const Labels read = most_likely(task.model.logits(task.images));
  std::vector<std::uint8_t> right(read.size());
  for (std::size_t i = 0; i < read.size(); ++i) right[i] = read[i] == task.labels[i];
  return right;
}

std::string success_text(const Success& s, bool labelled) {
  if (s.of == 0) return "-, no image was read correctly before";
  return share_text(s.count, s.of) + ", n = " + std::to_string(s.of) +
         (labelled ? " read correctly before" : "");
}

Json to_json(const Success& s) {
  if (s.of == 0) return {{"n", 0}, {"count", 0}, {"rate", Json()}, {"interval", Json()}};
  const Interval interval = wilson_interval(s.count, s.of);
  return {{"n", s.of},
          {"count", s.count},
          {"rate", static_cast<double>(s.count) / s.of},
          {"interval", {interval.low, interval.high}}};
}

}  // namespace

std::vector<int> counted_images(const AttackTask& task) {
  std::vector<int> rows;
  for (int i = 0; i < task.size(); ++i) {
    if (task.criterion_of(i).target != task.labels[static_cast<std::size_t>(i)]) rows.push_back(i);
  }
  return rows;
}

AttackOutcome measure_attack(const AttackMethod& method, const AttackTask& task,
                             const AttackOptions& options, const AttackResult& result,
                             bool labelled, double seconds, const std::string& target) {
  const std::vector<int> rows = counted_images(task);
  const int counted = static_cast<int>(rows.size());
  const Matrix& adversaries = result.adversaries;
  const ExampleSource made = examples_of(adversaries, task.labels, rows);

  AttackOutcome o;
  o.attack = method.name;
  o.settings = describe(method, task.threat, task.criterion, options);
  if (!task.targets.empty()) o.settings += ", a target each: " + target;
  o.target = target;
  o.labelled = labelled;
  o.left_out = task.size() - counted;
  o.clean = evaluate(task.model, examples_of(task.images, task.labels, rows));
  o.adversarial = evaluate(task.model, made);
  o.stored = evaluate(task.model, stored(made));
  const std::vector<std::uint8_t> right = flags_of(read_right(task), rows);
  o.success = count_successes(right, flags_of(result.success, rows));
  o.stored_success = count_successes(right, flags_of(stored_success(task, adversaries), rows));
  for (const int i : rows) {
    const AttackCalls& calls = result.calls[static_cast<std::size_t>(i)];
    o.forward_calls += calls.forward;
    o.gradient_calls += calls.gradient;
  }
  o.forward_calls /= counted;
  o.gradient_calls /= counted;
  o.distances = measure(task, adversaries, rows);
  o.seconds = seconds;
  return o;
}

void add_quantised(AttackOutcome& outcome, const AttackTask& task,
                   const std::vector<std::uint8_t>& before,
                   const std::vector<std::uint8_t>& after) {
  const std::vector<int> rows = counted_images(task);
  outcome.settings += ", on 256 levels";
  outcome.quantised = count_successes(flags_of(before, rows), flags_of(after, rows));
}

void print_text(const AttackOutcome& o) {
  const Distances& d = o.distances;
  std::cout << o.settings << '\n';
  if (o.left_out > 0) {
    std::cout << "left out              " << o.left_out << (o.left_out == 1 ? " image" : " images")
              << (o.labelled ? " whose label is the target\n" : " read as the target already\n");
  }
  if (o.labelled) {
    std::cout << "clean accuracy        " << accuracy_text(o.clean) << "\nadversarial accuracy  "
              << accuracy_text(o.adversarial) << "\n  as 8-bit pictures   "
              << accuracy_text(o.stored) << "\nsuccess               ";
  } else {
    std::cout << "changed reading       ";
  }
  std::cout << success_text(o.success, o.labelled) << "\n  as 8-bit pictures   "
            << success_text(o.stored_success, o.labelled);
  if (o.quantised) {
    std::cout << "\nkept on 256 levels    " << o.quantised->count << " of " << o.quantised->of
              << " successes";
  }
  std::cout << "\nperturbation          L-inf mean " << fixed(d.mean_linf, 4) << ", largest "
            << fixed(d.largest_linf, 4) << "; L2 mean " << fixed(d.mean_l2, 4) << ", largest "
            << fixed(d.largest_l2, 4) << "; L1 mean " << fixed(d.mean_l1, 2) << ", largest "
            << fixed(d.largest_l1, 2) << "; values changed mean " << fixed(d.mean_l0, 1)
            << "\ncalls an image        " << fixed(o.forward_calls, 1) << " forward, "
            << fixed(o.gradient_calls, 1) << " gradient\ntime                  "
            << fixed(o.seconds, 3) << " s, " << fixed((o.adversarial.n + o.left_out) / o.seconds, 0)
            << " images/s\n";
}

void print_json(const AttackOutcome& o) {
  const Distances& d = o.distances;
  const Json success = to_json(o.success), stored_success = to_json(o.stored_success);
  Json json{{"attack", o.attack},
            {"settings", o.settings},
            {"n", o.clean.n},
            {"left_out", o.left_out},
            {"labelled", o.labelled}};
  if (o.labelled) {
    json["clean_accuracy"] = o.clean.accuracy();
    json["adversarial_accuracy"] = o.adversarial.accuracy();
    json["stored_accuracy"] = o.stored.accuracy();
  }
  json["success_rate"] = success.at("rate");
  json["stored_success_rate"] = stored_success.at("rate");
  json["success"] = success;
  json["stored_success"] = stored_success;
  if (o.quantised) json["kept_on_levels"] = to_json(*o.quantised);
  if (o.labelled) {
    json["clean"] = to_json(o.clean);
    json["adversarial"] = to_json(o.adversarial);
    json["stored"] = to_json(o.stored);
  }
  if (!o.target.empty()) {
    const auto number = parse_number(o.target);
    json["target"] = number ? Json(static_cast<int>(*number)) : Json(o.target);
  }
  json["perturbation"] = {{"linf_mean", d.mean_linf}, {"linf_largest", d.largest_linf},
                          {"l2_mean", d.mean_l2},     {"l2_largest", d.largest_l2},
                          {"l1_mean", d.mean_l1},     {"l1_largest", d.largest_l1},
                          {"l0_mean", d.mean_l0}};
  json["forward_calls"] = o.forward_calls;
  json["gradient_calls"] = o.gradient_calls;
  json["seconds"] = o.seconds;
  print_object(json);
}

void print_before_and_after(const AttackTask& task, const AttackResult& result) {
  constexpr int kTop = 3;
  const auto before = likeliest_classes(task.model.logits(task.images), kTop);
  const auto after = likeliest_classes(task.model.logits(result.adversaries), kTop);
  for (std::size_t i = 0; i < before.size(); ++i) {
    std::vector<std::vector<std::string>> rows{
        {"order", "class before", "confidence", "class after", "confidence"}};
    for (std::size_t place = 0; place < before[i].size(); ++place) {
      const Guess& was = before[i][place];
      const Guess& is = after[i][place];
      const ModelSpec& model = task.model.spec();
      rows.push_back({std::to_string(place + 1), class_text(model, was.label),
                      percent(was.confidence), class_text(model, is.label),
                      percent(is.confidence)});
    }
    print_table(std::cout, rows);
    const Criterion& wanted = task.criterion;
    if (wanted.confidence > 0 && result.success[i] == 0) {
      std::cout << "Not reached: " << (task.targeted() ? "the target is" : "no wrong class is")
                << " read with a confidence of " << percent(wanted.confidence) << " or more.\n";
    }
    std::cout << '\n';
  }
}

}  // namespace inoculate
